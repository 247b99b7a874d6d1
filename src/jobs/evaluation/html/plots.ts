import type { ReliabilityBin } from '../../../core/classifier/evaluation/reliability.ts'
import type { RocPoint } from '../../../core/classifier/evaluation/roc.ts'
import type { PrefixPoint } from '../prefix-curve.ts'
import type { Words } from '../words.ts'
import { escaped, percent } from './markup.ts'

const HEIGHT = 220
const FOOT = 34

/** Share of harmful rows found, by share of harmless rows above the line, on a logarithmic axis that ends at n. */
export function rocPlot(points: readonly RocPoint[], harmless: number, words: Words): string {
  const from = rocFrom(harmless)
  const x = (fpr: number) => (Math.log10(Math.max(fpr, from)) - Math.log10(from)) / -Math.log10(from)
  const path: string[] = []
  let before = 0
  // Steps, not slopes: between two lines nothing was measured.
  for (const { fpr, tpr } of points) {
    path.push(`${(1000 * x(fpr)).toFixed(1)},${(1000 * (1 - before)).toFixed(1)}`)
    path.push(`${(1000 * x(fpr)).toFixed(1)},${(1000 * (1 - tpr)).toFixed(1)}`)
    before = tpr
  }
  const ticks = [0.0001, 0.001, 0.01, 0.1, 1].filter((tick) => tick >= from)
  const marks = [0.001, 0.01].filter((tick) => tick > from)
  return plot(
    `${grid(words)}${marks.map((mark) => upright(x(mark), 'limit')).join('')}${curve(path.join(' '))}`,
    ticks.map((tick) => label(x(tick), words.tick(tick))).join('') + axisName(words('roc.x')),
  )
}

/** Where the axis begins: the least share that so many harmless rows can tell from nothing. */
export function rocFrom(harmless: number): number {
  return harmless >= 5000 ? 0.0001 : harmless >= 500 ? 0.001 : 0.01
}

/** Share that was harmful, by mean score, with intervals; the diagonal is the truth. */
export function reliabilityPlot(bins: readonly ReliabilityBin[], words: Words): string {
  const marks = bins
    .map(({ meanScore, harmful }) => {
      const line = `<line class="ci" x1="${percent(meanScore)}" x2="${percent(meanScore)}" y1="${percent(1 - harmful.hi)}" y2="${percent(1 - harmful.lo)}"/>`
      return `${line}<circle class="dot" cx="${percent(meanScore)}" cy="${percent(1 - harmful.share)}" r="3.5"/>`
    })
    .join('')
  return plot(
    `${grid(words)}<line class="limit ink" x1="0" y1="100%" x2="100%" y2="0"/>${marks}`,
    [0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) => label(tick, tick.toFixed(1))).join('') + axisName(words('reliability.x')),
  )
}

/** AUC by how much of the answer is known, with intervals. The axis begins at 0.5, where nothing is told apart. */
export function prefixPlot(points: readonly PrefixPoint[], words: Words): string {
  const known = points.flatMap(({ share, auc }) => (auc === null ? [] : [{ share, auc }]))
  const y = (area: number) => Math.max(0, Math.min(1, (1 - area) / 0.5))
  const line = known.map(({ share, auc }) => `${(1000 * share).toFixed(1)},${(1000 * y(auc.area)).toFixed(1)}`)
  const marks = known
    .map(({ share, auc }) => {
      const bar = `<line class="ci" x1="${percent(share)}" x2="${percent(share)}" y1="${percent(y(auc.hi))}" y2="${percent(y(auc.lo))}"/>`
      return `${bar}<circle class="dot" cx="${percent(share)}" cy="${percent(y(auc.area))}" r="3.5"/>`
    })
    .join('')
  const rows = [0.5, 0.6, 0.7, 0.8, 0.9, 1].map((tick) => level(y(tick), tick.toFixed(1))).join('')
  return plot(
    `${rows}${curve(line.join(' '))}${marks}`,
    known.map(({ share }) => label(share, `${Math.round(100 * share)}`)).join('') +
      axisName(`${words('prefix.share')}, %`),
  )
}

/** One interval on [0, 1]: line, square whose area follows n, and the dashed line of the whole. */
export function intervalPlot(
  { lo, hi, share, n }: { readonly lo: number; readonly hi: number; readonly share: number; readonly n: number },
  limit: number | null,
  hue: '' | 'pass' | 'fail',
): string {
  const side = Math.max(5, Math.min(11, 3 + Math.log10(n + 1) * 2.6))
  const dashed =
    limit === null ? '' : `<line class="limit" x1="${percent(limit)}" x2="${percent(limit)}" y1="0" y2="100%"/>`
  return `<svg class="row ${hue}" height="24" aria-hidden="true">${dashed}<line class="ci" x1="${percent(lo)}" x2="${percent(hi)}" y1="12" y2="12"/><rect class="dot" x="${percent(share)}" y="${(12 - side / 2).toFixed(1)}" width="${side.toFixed(1)}" height="${side.toFixed(1)}" transform="translate(${(-side / 2).toFixed(1)} 0)"/></svg>`
}

/** Two bars from zero with their intervals. @param top Where the axis ends. */
export function barsPlot(bars: readonly { readonly hue: string; readonly value: Spread }[], top: number): string {
  const each = bars
    .map(({ hue, value }, i) => {
      const middle = 7 + i * 12
      return `<rect class="bar ${hue}" x="0" y="${middle - 4}" width="${percent(Math.min(1, value.share / top))}" height="8"/><line class="ci ${hue}" x1="${percent(value.lo / top)}" x2="${percent(Math.min(1, value.hi / top))}" y1="${middle}" y2="${middle}"/>`
    })
    .join('')
  return `<svg class="row" height="${bars.length * 12 + 2}" aria-hidden="true"><line class="axis" x1="0" x2="0" y1="0" y2="100%"/>${each}</svg>`
}

interface Spread {
  readonly share: number
  readonly lo: number
  readonly hi: number
}

function plot(inner: string, foot: string): string {
  return `<div class="field" aria-hidden="true"><svg class="plot" height="${HEIGHT}">${inner}<line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/></svg><svg class="plot" height="${FOOT}">${foot}</svg></div>`
}

function grid(words: Words): string {
  return [0, 0.25, 0.5, 0.75, 1].map((tick) => level(1 - tick, words.tick(tick))).join('')
}

function level(y: number, text: string): string {
  return `<line class="grid" x1="0" x2="100%" y1="${percent(y)}" y2="${percent(y)}"/><text class="left" x="-6" y="${percent(y)}" dy="3.5">${escaped(text)}</text>`
}

function upright(x: number, name: string): string {
  return `<line class="${name}" x1="${percent(x)}" x2="${percent(x)}" y1="0" y2="100%"/>`
}

function curve(points: string): string {
  return `<svg class="fill" viewBox="0 0 1000 1000" preserveAspectRatio="none"><polyline class="line" points="${points}"/></svg>`
}

function label(x: number, text: string): string {
  const anchor = x < 0.04 ? 'start' : x > 0.96 ? 'end' : 'middle'
  return `<text x="${percent(x)}" y="14" text-anchor="${anchor}">${escaped(text)}</text>`
}

function axisName(text: string): string {
  return `<text class="name" x="100%" y="29" text-anchor="end">${escaped(text)}</text>`
}
