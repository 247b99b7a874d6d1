import { calibrationNote, missingText, recallFigure } from '../phrases.ts'
import type { Quality } from '../quality.ts'
import { LEAST_FOR_RECALL, type Slice } from '../slices.ts'
import type { Words } from '../words.ts'
import { escaped, figureCell, section, tableOf } from './markup.ts'
import { barsPlot, intervalPlot, reliabilityPlot, rocFrom, rocPlot } from './plots.ts'

/** Everything about the rows of one kind. */
export function qualitySections(quality: Quality, words: Words): string {
  return [
    `<h2 class="kind">${escaped(words(`kind.${quality.kind}`))}</h2>`,
    recallSection(quality, words),
    quality.roc.length > 0 ? plotsSection(quality, words) : '',
    slicesSection(quality, words),
    reachSection(quality, words),
    overSection(quality, words),
  ].join('\n')
}

function recallSection(quality: Quality, words: Words): string {
  const { auc } = quality
  const missing = missingText(quality, words)
  const ways = (['held', 'same'] as const).map((way) => [
    escaped(words(`recall.${way}`)),
    ...[quality.at1, quality.at01].flatMap((at) => {
      const { text, under } = recallFigure(at[way], words)
      const { fpr } = at[way]
      return [
        figureCell(text, under),
        fpr === null ? '–' : figureCell(words.share(fpr.share), `${words.range(fpr)}, n = ${words.count(fpr.n)}`),
      ]
    }),
  ])
  const heads = ['', words('recall.at1'), words('recall.fpr'), words('recall.at01'), words('recall.fpr')]
  const area =
    auc === null
      ? ''
      : `<p>${escaped(`${words('auc')} ${auc.area.toFixed(4)} (${auc.lo.toFixed(4)}–${auc.hi.toFixed(4)}), n = ${words.count(auc.harmful)} + ${words.count(auc.harmless)}`)}</p>`
  return section(words('recall'), missing, area + tableOf(heads, ways))
}

function plotsSection(quality: Quality, words: Words): string {
  const { harmful, harmless, roc } = quality
  const from = words.tick(rocFrom(harmless))
  return `<div class="pairs">${section(
    words('roc'),
    words('roc.note', { from, harmful, harmless }),
    rocPlot(roc, harmless, words),
  )}${section(
    words('reliability'),
    calibrationNote(quality, words),
    reliabilityPlot(quality.reliability, words),
  )}</div>`
}

function slicesSection({ slices, at1 }: Quality, words: Words): string {
  const whole = at1.held.recall
  if (whole === null) return ''
  const withRecall = slices.filter(({ held }) => held.at1.recall !== null)
  const without = slices.filter((one) => one.held.at1.recall === null && one.dimension === 'language')
  const head = `<div class="fr hd" aria-hidden="true"><span>${escaped(words('slice'))}</span><span>0–${words.tick(1)}</span><span class="v n">n</span><span class="v">${escaped(words('recall.at1'))}</span><span class="v same">${escaped(words('slices.same'))}</span></div>`
  const lists = [
    withRecall.filter(({ dimension }) => dimension !== 'source'),
    withRecall.filter(({ dimension }) => dimension === 'source'),
  ]
  const body = lists
    .filter((list) => list.length > 0)
    .map(
      (list, i) =>
        `${i === 0 ? head : `<div class="group">${escaped(words('dimension.source'))}</div>`}${list.map((slice) => sliceRow(slice, whole.share, words)).join('\n')}`,
    )
    .join('\n')
  const none =
    without.length === 0
      ? ''
      : `<p class="note">${escaped(words('slices.none', { names: without.map(({ name }) => name).join(', ') }))}</p>`
  return section(words('slices'), words('slices.note', { share: words.share(whole.share) }), body + none)
}

function sliceRow({ dimension, name, held, same }: Slice, whole: number, words: Words): string {
  const recall = held.at1.recall!
  const few = recall.n < LEAST_FOR_RECALL
  const hue = few ? '' : recall.hi < whole ? 'fail' : recall.lo > whole ? 'pass' : ''
  const other = same.at1.recall
  return `<div class="fr${few ? ' few' : ''}"><span class="name">${escaped(name)}<small>${escaped(words(`dimension.${dimension}`))}</small></span><span class="pl">${intervalPlot(recall, whole, hue)}</span><span class="v n">${words.count(recall.n)}</span>${value(words.share(recall.share), few ? `${words('few')}, n = ${recall.n}` : words.range(recall))}<span class="v same">${other === null ? '–' : `${escaped(words.share(other.share))}<small>n = ${words.count(other.n)}</small>`}</span></div>`
}

function reachSection({ reach }: Quality, words: Words): string {
  const heads = ['', ...(['acted', 'flagged', 'asked', 'any'] as const).map((one) => words(`reach.${one}`))]
  const rows = reach.map(({ label, acted, flagged, asked, any }) => [
    escaped(words(`reach.label.${label}`)),
    ...[acted, flagged, asked, any].map((one) =>
      one === null ? '–' : figureCell(words.share(one.share), `${words.range(one)}, n = ${words.count(one.n)}`),
    ),
  ])
  return section(words('reach'), words('reach.note'), tableOf(heads, rows))
}

function overSection({ overRefusal }: Quality, words: Words): string {
  const shown = overRefusal.filter(({ slice, acted }) => slice === 'all' || acted.n >= LEAST_FOR_RECALL)
  if (shown.length === 0) return ''
  const most = Math.max(...shown.flatMap(({ acted, flagged }) => [acted.hi, flagged.hi]))
  const top = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((one) => one >= most) ?? 1
  const legend = `<p class="legend"><span><i class="swatch acted"></i>${escaped(words('over.acted'))}</span><span><i class="swatch flagged"></i>${escaped(words('over.flagged'))}</span></p>`
  const groups = (['borderline-benign', 'benign'] as const).flatMap((label) => {
    const own = shown.filter((one) => one.label === label)
    if (own.length === 0) return []
    const rows = own.map(({ slice, acted, flagged }) => {
      const name = slice === 'all' ? words('over.all') : slice.replace(/^(lang|subject) /, '')
      const plot = barsPlot(
        [
          { hue: 'acted', value: acted },
          { hue: 'flagged', value: flagged },
        ],
        top,
      )
      const cell = (key: 'over.acted' | 'over.flagged', one: typeof acted) =>
        value(`${words(key)} ${words.share(one.share)}`, `${words.range(one)}, n = ${words.count(one.n)}`)
      return `<div class="ov"><span class="name">${escaped(name)}</span><span class="pl">${plot}</span>${cell('over.acted', acted)}${cell('over.flagged', flagged)}</div>`
    })
    return [`<div class="group">${escaped(words(`over.label.${label}`))}</div>${rows.join('\n')}`]
  })
  return section(words('over'), words('over.note', { top: words.tick(top) }), legend + groups.join('\n'))
}

function value(figure: string, under: string): string {
  return `<span class="v"><b>${escaped(figure)}</b><small>${escaped(under)}</small></span>`
}
