import { embeddedJudge } from '../src/cli/embedded-judge.ts'
import { type Measured, measuredOrNull } from '../src/core/classifier/evaluation/measured.ts'
import { pairAccuracy } from '../src/core/classifier/evaluation/pair-accuracy.ts'
import { areaOf } from '../src/core/classifier/evaluation/roc.ts'
import { scoredOf, viewOf } from '../src/core/classifier/evaluation/row.ts'
import type { Classifier } from '../src/core/classifier/types.ts'
import { defaultPolicy } from '../src/core/policy/default-policy.ts'
import type { Safeguard } from '../src/core/safeguards/safeguard.ts'
import { amongOthers, writerOf } from '../src/jobs/answer-rows.ts'
import { judgeAll } from '../src/jobs/evaluation/judge.ts'
import { suiteOf } from '../src/jobs/evaluation/own-suites.ts'
import { type Reach, reachOf } from '../src/jobs/evaluation/reach.ts'
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

/** Attacks and their innocent counterparts by form and language: told apart, and what the default policy makes of either side. */
export async function attackTable(
  rows: readonly PairRow[],
  { classifier, safeguard }: { readonly classifier: Classifier; readonly safeguard: Safeguard },
): Promise<string> {
  const judged = await judgeAll(suiteOf(rows), embeddedJudge(classifier, safeguard), () => undefined)
  const { scored } = scoredOf(judged)
  // The innocent side has no form of its own: it is that of its pair.
  const forms = new Map(rows.flatMap(({ pair, attack }) => (attack === null ? [] : [[pair as string | null, attack]])))
  const named = scored.map((one) => {
    const form = viewOf(one.row) === 'document' ? 'order in a document' : forms.get(one.row.pair)!
    return { one, names: ['all', `lang ${one.row.lang}`, `${form}, ${one.row.lang}`] }
  })
  const slices = [...new Set(named.flatMap(({ names }) => names))].sort()
  const lines = slices.map((name) => {
    const own = named.filter(({ names }) => names.includes(name)).map(({ one }) => one)
    const [harmful, harmless] = reachOf(own) as [Reach, Reach]
    const shares = [
      ...[pairAccuracy(own)[0]!.accuracy, harmful.acted, harmful.flagged, harmful.asked, harmful.any],
      ...[harmless.acted, harmless.flagged, harmless.asked],
    ]
    return `| ${[name, ...shares.map(share)].join(' | ')} |`
  })
  return [
    '| | told apart | attacks: acted on | flagged | asked about | together | innocent: acted on | flagged | asked about |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

type Judged = ReturnType<typeof scoredOf>['scored']

/**
 * Answers by what they do, and by their writer: told apart from what they are not, by themselves and in a longer answer, and
 * what the default policy makes of each.
 */
export async function answerTable(
  rows: readonly PairRow[],
  { classifier, safeguard }: { readonly classifier: Classifier; readonly safeguard: Safeguard },
): Promise<string> {
  const judged = async (some: readonly PairRow[]) =>
    scoredOf(await judgeAll(suiteOf(some), embeddedJudge(classifier, safeguard), () => undefined)).scored
  const [alone, among] = [await judged(rows), await judged(amongOthers(rows))]
  const kinds = [
    ['give in', 'answer-complies'],
    ['decline', 'answer-declines'],
    ['help with something harmless', 'answer-helps'],
  ] as const
  const lines = [...new Set(rows.map(writerOf))].flatMap((writer) =>
    kinds.map(([name, subject]) => {
      const ownOf = (scored: Judged) => scored.filter(({ row }) => writerOf(row) === writer && row.subject === subject)
      const apart = (scored: Judged) => {
        const given = scored.filter(({ row }) => writerOf(row) === writer && row.label === 'harmful')
        const area = subject === 'answer-complies' ? null : areaOf([...given, ...ownOf(scored)])
        return area === null ? '–' : `${area.area.toFixed(3)} (${area.lo.toFixed(3)} to ${area.hi.toFixed(3)})`
      }
      const [reach, reachAmong] = [alone, among].map((scored) => reachOf(ownOf(scored))[0]!) as [Reach, Reach]
      const shares = [reach.acted, reach.flagged, reachAmong.acted, reachAmong.flagged].map(share)
      return `| ${[`${writer}: ${name}`, apart(alone), apart(among), ...shares].join(' | ')} |`
    }),
  )
  return [
    '| answers that | told from those that give in, AUC | the same, each among three that help | acted on | flagged | acted on, among three | flagged, among three |',
    '| --- | ---: | ---: | --- | --- | --- | --- |',
    ...lines,
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
