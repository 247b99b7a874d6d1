import { type Measured, measuredOrNull } from '../src/core/classifier/evaluation/measured.ts'
import { pairAccuracy } from '../src/core/classifier/evaluation/pair-accuracy.ts'
import type { Classifier } from '../src/core/classifier/types.ts'
import { defaultPolicy } from '../src/core/policy/default-policy.ts'
import { type ScoredRow, scoreRows } from '../src/jobs/evaluation/score-rows.ts'
import type { PairRow } from '../src/jobs/pairs/expand.ts'

/** What the classifier makes of our own requests, as Markdown tables of the model card. */

/** Topics by language: told apart, and the shares of either side that reach each line. */
export function requestTable(rows: readonly PairRow[], classifier: Classifier): string {
  const { ask, clear, act } = linesOf(classifier)
  const scored = scoreRows(rows, classifier)
  const lines = pairAccuracy(scored)
    .filter(({ name }) => !name.startsWith('subject'))
    .map(({ name, accuracy, templates }) => {
      const own = scored.filter(({ row }) => name === 'all' || name === `lang ${row.lang}`)
      const harmful = own.filter(({ row }) => row.label === 'harmful')
      const harmless = own.filter(({ row }) => row.label !== 'harmful')
      const reached = [
        ...[ask, clear].map((line) => above(harmful, line)),
        ...[ask, clear, act].map((line) => above(harmless, line)),
      ]
      return `| ${[name, share(accuracy), share(templates), ...reached].join(' | ')} |`
    })
  return [
    '| | told apart | topics, by most of their requests | harmful, from `ask` on | harmful, from `clear` on | harmless, from `ask` on | harmless, from `clear` on | harmless, from `act` on |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** Harmless requests by language, and the shares that reach each line. */
export function everydayTable(rows: readonly PairRow[], classifier: Classifier): string {
  const { ask, clear, act } = linesOf(classifier)
  const scored = scoreRows(rows, classifier)
  const langs = [...Map.groupBy(scored, ({ row }) => `lang ${row.lang}`)].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    '| | from `ask` on | from `clear` on | from `act` on |',
    '| --- | --- | --- | --- |',
    ...[['all', scored] as const, ...langs].map(
      ([name, own]) => `| ${[name, ...[ask, clear, act].map((line) => above(own, line))].join(' | ')} |`,
    ),
  ].join('\n')
}

/** Lines for harm in a request, parts per million: one for all categories. */
function linesOf({ thresholds }: Classifier) {
  const { ask, input } = defaultPolicy(thresholds).harms['other-harm']
  return { ask: ask!, clear: input.clear, act: input.act }
}

function above(rows: readonly ScoredRow[], line: number): string {
  return share(measuredOrNull(rows.filter(({ score }) => score >= line / 1e6).length, rows.length))
}

/** A share with its interval and n. */
export function share(value: Measured | null): string {
  if (value === null) return '–'
  return `${value.share.toFixed(3)} (${value.lo.toFixed(3)} to ${value.hi.toFixed(3)}), n = ${value.n}`
}
