import type { Measured } from '../../../core/classifier/evaluation/measured.ts'
import type { Bar } from '../bar.ts'
import { foundOf, resultOf, titleOf } from '../phrases.ts'
import type { EvalReport } from '../report.ts'
import type { Words } from '../words.ts'
import { escaped, figureCell, section, tableOf } from './markup.ts'
import { intervalPlot, prefixPlot } from './plots.ts'
import { qualitySections } from './quality-sections.ts'
import { STYLE } from './style.ts'

/** The report as one file: no script, no font, nothing fetched. */
export function htmlPage(report: EvalReport, words: Words): string {
  const { target, set, rows, model } = report
  const facts = words('head.facts', { target, set, rows })
  const named = model === null ? '' : `<p class="id">${escaped(words('head.model', { model }))}</p>`
  const body = [
    `<header><h1>${escaped(titleOf(report, words))}</h1><p>${escaped(facts)}</p>${named}<p class="note">${escaped(words('head.interval'))}</p></header>`,
    barsSection(report, words),
    ...report.qualities.map((quality) => qualitySections(quality, words)),
    pairsSection(report, words),
    prefixSection(report, words),
    needlesSection(report, words),
    evasionsSection(report, words),
    attackerSection(report, words),
    familiesSection(report, words),
    latencySection(report, words),
    overlapSection(report, words),
  ].join('\n')
  return `<!doctype html>
<html lang="${words.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(words('title.document', { set }))}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`
}

function barsSection({ bars }: EvalReport, words: Words): string {
  if (bars.length === 0) return ''
  const order = { fail: 0, inconclusive: 1, pass: 2 } as const
  const rows = [...bars].sort((a, b) => order[a.result] - order[b.result]).map((bar) => barRow(bar, words))
  return section(words('bars'), words('bars.note'), rows.join('\n'))
}

function barRow(bar: Bar, words: Words): string {
  const { text, under } = foundOf(bar, words)
  const result = resultOf(bar, words)
  const plot = intervalPlot({ ...bar, share: bar.found }, bar.wanted, HUES[bar.result])
  const id = `<small class="key"> ${bar.id}</small>`
  return `<div class="bar-row ${bar.result}"><span class="what">${escaped(words(`bar.${bar.name}`))}${id}</span><span class="pl">${plot}</span><span class="v"><b>${escaped(text)}</b><small>${escaped(under)}</small></span><span class="result"><span>${escaped(result.text)}</span>${result.under === '' ? '' : `<small>${escaped(result.under)}</small>`}</span></div>`
}

const HUES = { pass: 'pass', fail: 'fail', inconclusive: '' } as const

function pairsSection({ pairs }: EvalReport, words: Words): string {
  if (pairs.length === 0) return ''
  const rows = pairs.map(({ name, accuracy, templates }) => {
    const said = name === 'all' ? words('over.all') : name.replace(/^(lang|subject) /, '')
    return `<div class="fr"><span class="name">${escaped(said)}</span><span class="pl">${intervalPlot(accuracy, 0.5, '')}</span><span class="v n">${words.count(accuracy.n)}</span><span class="v"><b>${escaped(words.share(accuracy.share))}</b><small>${escaped(words.range(accuracy))}</small></span><span class="v same">${escaped(words.share(templates.share))}<small>${escaped(`${words('pairs.templates')}, n = ${words.count(templates.n)}`)}</small></span></div>`
  })
  return section(words('pairs'), words('pairs.note'), rows.join('\n'))
}

function prefixSection({ prefix }: EvalReport, words: Words): string {
  if (prefix.every(({ auc }) => auc === null)) return ''
  const rows = prefix.map(({ share, auc, recall, fpr }) => [
    words.tick(share),
    auc === null
      ? '–'
      : figureCell(
          auc.area.toFixed(3),
          `${auc.lo.toFixed(3)}–${auc.hi.toFixed(3)}, n = ${words.count(auc.harmful + auc.harmless)}`,
        ),
    recall === null
      ? '–'
      : figureCell(words.share(recall.share), `${words.range(recall)}, n = ${words.count(recall.n)}`),
    fpr === null ? '–' : figureCell(words.share(fpr.share), `${words.range(fpr)}, n = ${words.count(fpr.n)}`),
  ])
  const heads = [words('prefix.share'), words('auc'), words('recall'), words('recall.fpr')]
  const both = `<div class="pairs"><div>${prefixPlot(prefix, words)}</div>${tableOf(heads, rows)}</div>`
  return section(words('prefix'), words('prefix.note'), both)
}

function needlesSection({ needles }: EvalReport, words: Words): string {
  if (needles === null) return ''
  const sizes = [...new Set(needles.cells.map(({ size }) => size))]
  const rows = sizes.map((size) => {
    const cells = (['start', 'middle', 'end'] as const).map((place) => {
      const cell = needles.cells.find((one) => one.size === size && one.place === place)
      if (cell === undefined || cell.kept === null) return '–'
      return figureCell(words.share(cell.kept.share), `${words.range(cell.kept)}, n = ${words.count(cell.kept.n)}`)
    })
    const hay = needles.hay.find((one) => one.size === size)
    return [
      words.count(size),
      ...cells,
      hay === undefined
        ? '–'
        : figureCell(words.share(hay.above.share), `${words.range(hay.above)}, n = ${words.count(hay.above.n)}`),
    ]
  })
  const heads = [
    words('needles.size'),
    words('needles.start'),
    words('needles.middle'),
    words('needles.end'),
    words('needles.hay'),
  ]
  return section(
    words('needles'),
    words('needles.note', { alone: words.measured(needles.alone) }),
    tableOf(heads, rows),
  )
}

function evasionsSection({ evasions }: EvalReport, words: Words): string {
  if (evasions.length === 0) return ''
  const rows = evasions.map(({ evasion, language, plain, transformed, kept, harmless }) => [
    `${escaped(evasion)} <small class="key">${escaped(words(`evasions.${language}`))}</small>`,
    ...[kept, transformed, plain, harmless].map((one) => measuredCell(one, words)),
  ])
  const heads = (['kept', 'transformed', 'plain', 'harmless'] as const).map((name) => words(`evasions.${name}`))
  return section(words('evasions'), words('evasions.note'), tableOf(['', ...heads], rows))
}

function attackerSection({ attacker }: EvalReport, words: Words): string {
  if (attacker.length === 0) return ''
  const rows = attacker.map(({ category, through, median }) => [
    escaped(category === 'all' ? words('over.all') : category),
    ...through.map(({ share }) => measuredCell(share, words)),
    median === null ? '–' : words.count(median),
  ])
  const heads = attacker[0]!.through.map(({ attempts }) => words.count(attempts))
  return section(
    words('attacker'),
    words('attacker.note'),
    tableOf([words('attacker.attempts'), ...heads, words('attacker.median')], rows),
  )
}

function measuredCell(one: Measured | null | undefined, words: Words): string {
  return one == null ? '–' : figureCell(words.share(one.share), `${words.range(one)}, n = ${words.count(one.n)}`)
}

function familiesSection({ families }: EvalReport, words: Words): string {
  if (families.every(({ all }) => all === null)) return ''
  const names = [...new Set(families.flatMap((one) => one.families.map(({ name }) => name)))]
  const row = (name: string) =>
    families.map((one) => measuredCell(one.families.find((family) => family.name === name)?.recall, words))
  const rows = [
    [`<b>${escaped(words('families.all'))}</b>`, ...families.map(({ all }) => measuredCell(all, words))],
    [escaped(words('recall.fpr')), ...families.map(({ fpr }) => measuredCell(fpr, words))],
    ...names.map((name) => [escaped(name), ...row(name)]),
  ]
  const heads = ['', ...families.map(({ k }) => `${words('families.k')} ${k}`)]
  return section(words('families'), words('families.note'), tableOf(heads, rows))
}

function latencySection({ latency }: EvalReport, words: Words): string {
  if (latency.length === 0) return ''
  const rows = latency.map(({ chars, n, p50Ms, p99Ms, mbPerSecond }) => [
    words.count(chars),
    `${significant(p50Ms)} ms`,
    `${significant(p99Ms)} ms`,
    significant(mbPerSecond),
    words.count(n),
  ])
  return section(
    words('latency'),
    words('latency.note'),
    tableOf([words('latency.chars'), 'p50', 'p99', 'MB/s', 'n'], rows),
  )
}

function overlapSection({ contamination }: EvalReport, words: Words): string {
  if (contamination === null) return ''
  const { exact, near, rows, against } = contamination
  const text = words('overlap.text', { exact: exact.length, near: near.length, rows, against })
  const ids = [...exact, ...near].slice(0, 20).map(({ id, of }) => `${id} = ${of}`)
  return section(words('overlap'), '', `<p>${escaped(text)}</p><p class="id">${escaped(ids.join(' · '))}</p>`)
}

/** Three figures that say something. */
export function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
