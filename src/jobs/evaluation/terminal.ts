import { significant } from './html/page.ts'
import { calibrationNote, foundOf, missingText, recallFigure, resultOf, titleOf } from './phrases.ts'
import type { Quality } from './quality.ts'
import type { EvalReport } from './report.ts'
import { LEAST_FOR_RECALL } from './slices.ts'
import type { Words } from './words.ts'

type Table = (rows: readonly (readonly string[])[]) => string

/** Slices in the terminal; the page and --json have them all. */
const MOST_SLICES = 24
const MOST_OVER = 6

/** The report for a terminal: what failed first, worst slices first. @param table Lays out columns. */
export function terminalText(report: EvalReport, words: Words, table: Table): string {
  const { target, set, rows } = report
  const order = { fail: 0, inconclusive: 1, pass: 2 } as const
  const bars = [...report.bars]
    .sort((a, b) => order[a.result] - order[b.result])
    .map((bar) => [
      bar.id,
      words(`bar.${bar.name}`),
      foundOf(bar, words).text,
      foundOf(bar, words).under,
      [resultOf(bar, words).text, resultOf(bar, words).under].filter((one) => one !== '').join(': '),
    ])
  return [
    `${titleOf(report, words)}\n${words('head.facts', { target, set, rows })}\n`,
    bars.length === 0 ? '' : `\n${words('bars')}\n${table(bars)}`,
    ...report.qualities.map((quality) => qualityText(quality, words, table)),
    rest(report, words, table),
  ].join('')
}

function qualityText(quality: Quality, words: Words, table: Table): string {
  const { auc, slices, reach, overRefusal } = quality
  const recall = (['held', 'same'] as const).map((way) => [
    words(`recall.${way}`),
    ...[quality.at1, quality.at01].flatMap((at) => {
      const { text, under } = recallFigure(at[way], words)
      return [`${text} (${under})`]
    }),
  ])
  const withRecall = slices.filter(({ held }) => held.at1.recall !== null)
  const listed = withRecall
    .slice(0, MOST_SLICES)
    .map(({ dimension, name, held, same, auc: area }) => [
      `${words(`dimension.${dimension}`)} ${name}`,
      held.at1.recall!.n < LEAST_FOR_RECALL ? words('few') : '',
      words.measured(held.at1.recall),
      words.measured(same.at1.recall),
      words.measured(held.at01.recall),
      area === null ? '–' : area.area.toFixed(4),
    ])
  const heads = [
    words('slice'),
    '',
    words('recall.at1'),
    `${words('recall.at1')}, ${words('slices.same')}`,
    words('recall.at01'),
    words('auc'),
  ]
  const reached = reach.map(({ label, acted, flagged, asked, any }) => [
    words(`reach.label.${label}`),
    ...[acted, flagged, asked, any].map((one) => words.measured(one)),
  ])
  const reachHeads = ['', ...(['acted', 'flagged', 'asked', 'any'] as const).map((one) => words(`reach.${one}`))]
  const over = (['borderline-benign', 'benign'] as const)
    .flatMap((label) =>
      overRefusal
        .filter((one) => one.label === label && (one.slice === 'all' || one.acted.n >= LEAST_FOR_RECALL))
        .slice(0, MOST_OVER),
    )
    .map(({ label, slice, acted, flagged }) => [
      words(`over.label.${label}`),
      slice === 'all' ? words('over.all') : slice.replace(/^(lang|subject) /, ''),
      `${words('over.acted')} ${words.measured(acted)}`,
      `${words('over.flagged')} ${words.measured(flagged)}`,
    ])
  const area =
    auc === null
      ? ''
      : `${words('auc')} ${auc.area.toFixed(4)} (${auc.lo.toFixed(4)}–${auc.hi.toFixed(4)})  ${words('ece')} ${quality.calibrationError.toFixed(4)}\n`
  const without = missingText(quality, words)
  const missing = without === '' ? '' : `${without}\n`
  const bins = quality.reliability.map(({ meanScore, harmful }) => [meanScore.toFixed(3), words.measured(harmful)])
  return [
    `\n── ${words(`kind.${quality.kind}`)} ──\n${missing}${area}`,
    table([[words('recall'), words('recall.at1'), words('recall.at01')], ...recall]),
    listed.length === 0 ? '' : `\n${words('slices')}\n${table([heads, ...listed])}`,
    withRecall.length > MOST_SLICES ? `… ${withRecall.length - MOST_SLICES} (--html, --json)\n` : '',
    `\n${words('reach')}\n${table([reachHeads, ...reached])}`,
    over.length === 0 ? '' : `\n${words('over')}\n${table(over)}`,
    `\n${words('reliability')}\n${calibrationNote(quality, words)}\n${table([[words('reliability.x'), words('reliability.y')], ...bins])}`,
  ].join('')
}

function rest(report: EvalReport, words: Words, table: Table): string {
  const { pairs, prefix, needles, evasions, attacker, families, latency, contamination } = report
  const parts: string[] = []
  const put = (heading: string, rows: readonly (readonly string[])[]) => {
    if (rows.length > 0) parts.push(`\n${heading}\n${table(rows)}`)
  }
  put(
    words('pairs'),
    pairs.map(({ name, accuracy, templates }) => [
      name === 'all' ? words('over.all') : name,
      words.measured(accuracy),
      `${words('pairs.templates')} ${words.measured(templates)}`,
    ]),
  )
  put(
    words('prefix'),
    prefix.map(({ share, auc, recall, fpr }) => [
      words.tick(share),
      auc === null ? '–' : `${words('auc')} ${auc.area.toFixed(3)} (${auc.lo.toFixed(3)}–${auc.hi.toFixed(3)})`,
      `${words('recall')} ${words.measured(recall)}`,
      `${words('recall.fpr')} ${words.measured(fpr)}`,
    ]),
  )
  if (needles !== null) {
    const cells = needles.cells.map(({ size, place, kept }) => [
      words.count(size),
      words(`needles.${place}`),
      words.measured(kept),
    ])
    const hay = needles.hay.map(({ size, above }) => [words.count(size), words('needles.hay'), words.measured(above)])
    parts.push(
      `\n${words('needles')}\n${words('needles.note', { alone: words.measured(needles.alone) })}\n${table([...cells, ...hay])}`,
    )
  }
  put(
    words('evasions'),
    evasions.map(({ evasion, language, kept, harmless }) => [
      `${evasion}, ${words(`evasions.${language}`)}`,
      `${words('evasions.kept')} ${words.measured(kept)}`,
      `${words('evasions.harmless')} ${words.measured(harmless)}`,
    ]),
  )
  put(
    words('attacker'),
    attacker.map(({ category, n, through, median }) => [
      category === 'all' ? words('over.all') : category,
      ...through.map(({ attempts, share }) => `${words.count(attempts)}: ${words.share(share.share)}`),
      `${words('attacker.median')} ${median === null ? '–' : words.count(median)}`,
      `n = ${words.count(n)}`,
    ]),
  )
  put(
    words('families'),
    families
      .filter(({ all }) => all !== null)
      .map(({ k, all, fpr }) => [
        `${words('families.k')} ${k}`,
        words.measured(all),
        `${words('recall.fpr')} ${words.measured(fpr)}`,
      ]),
  )
  put(
    words('latency'),
    latency.map(({ chars, n, p50Ms, p99Ms, mbPerSecond }) => [
      `${words.count(chars)} ${words('latency.chars')}`,
      `p50 ${significant(p50Ms)} ms`,
      `p99 ${significant(p99Ms)} ms`,
      `${significant(mbPerSecond)} MB/s`,
      `n = ${words.count(n)}`,
    ]),
  )
  if (contamination !== null) {
    const { exact, near, rows, against } = contamination
    const text = words('overlap.text', { exact: exact.length, near: near.length, rows, against })
    parts.push(`\n${words('overlap')}\n${text}\n`)
  }
  return parts.join('')
}
