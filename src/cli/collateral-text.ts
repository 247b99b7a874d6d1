import { COLLATERAL_WORDS, headingOf, ledeOf } from '../core/briefs/collateral/html.ts'
import { count, percent, percentInterval, points, pointsInterval, pValue } from '../core/briefs/collateral/numbers.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { table } from './command.ts'

/** The report for a terminal: the finding, the movements, the gates, the slices that lose most. */
export function collateralText(report: CollateralReport, lang: 'en' | 'ja'): string {
  const words = COLLATERAL_WORDS[lang]
  const { column, movement, gate, outcome } = words
  const moves = (['newly_refused', 'newly_diverted', 'newly_freed', 'eased', 'unchanged'] as const).map((name) => {
    const { requests, sessions } = report.movements[name]
    return [
      movement[name],
      count(requests.k),
      `${percent(requests.share, words)} (${percentInterval(requests, words)})`,
      count(sessions.k),
      `${percent(sessions.share, words)} (${percentInterval(sessions, words)})`,
    ]
  })
  const gates = report.gates.map((one) => {
    const text = words.reason(one, { n: count(one.n), needed: count(one.needed ?? 0) })
    return [gate[one.name], one.n === 0 ? '–' : count(one.n), outcome[one.outcome], text]
  })
  const slices = report.slices
    .slice(0, 10)
    .map((one) => [
      `${words.dimension[one.dimension]} ${one.name}`,
      count(one.requests),
      `${points(one.difference.value)} (${pointsInterval(one.difference, words)})`,
      pValue(one.pCorrected),
      one.verdict === 'INCONCLUSIVE' ? `${outcome.INCONCLUSIVE}, n ≥ ${count(one.needed ?? 0)}` : '',
    ])
  const attacks = report.attacks
    .slice(0, 10)
    .map((one) => [
      one.name,
      count(one.n),
      `${percent(one.before.share, words)} → ${percent(one.after.share, words)} (${percentInterval(one.after, words)})`,
      `${points(one.difference.value)} (${pointsInterval(one.difference, words)})`,
    ])
  const block = (title: string, rows: readonly (readonly string[])[]) => `\n${title}\n${table(rows)}`
  return [
    `${headingOf(report, words)}\n${ledeOf(report, words)}\n`,
    block(words.section.movements, [
      [column.movement, column.requests, column.ofRequests, column.sessions, column.ofSessions],
      ...moves,
    ]),
    block(words.section.gates, [[column.measure, 'n', column.result, ''], ...gates]),
    block(words.section.slices, [[column.slice, 'n', column.difference, column.corrected, ''], ...slices]),
    attacks.length === 0
      ? ''
      : block(words.section.gains, [[column.family, 'n', column.after, column.difference], ...attacks]),
    `\n${words.shown('0', count(report.moved.length))}\n`,
  ].join('')
}
