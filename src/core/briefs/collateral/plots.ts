import type { Interval } from '../../base/intervals.ts'

/** Inline SVG in per cent of its width: plots stretch and type does not. Rows of numbers beside them say the same. */

interface Axis {
  readonly from: number
  readonly to: number
}

/** Where a value lies on an axis, in per cent, kept inside. */
function at(value: number, { from, to }: Axis): string {
  const share = (value - from) / (to - from)
  return `${(100 * Math.max(0, Math.min(1, share))).toFixed(2)}%`
}

function svg(body: string, height: number, more = ''): string {
  return `<svg class="plot ${more}" height="${height}" aria-hidden="true">${body}</svg>`
}

function line(kind: string, value: number, axis: Axis): string {
  const x = at(value, axis)
  return `<line class="${kind}" x1="${x}" x2="${x}" y1="0" y2="100%"/>`
}

/** An estimate with its interval; where it leaves the axis, an arrow says so. */
function estimate({ lo, hi, value }: Interval & { value: number }, axis: Axis, y: string, size: number): string {
  const mark = `<svg x="${at(value, axis)}" y="${y}" overflow="visible"><rect class="pt" x="${-size / 2}" y="${-size / 2}" width="${size}" height="${size}"/></svg>`
  const beyond = (x: string, arrow: string, anchor: string) =>
    `<svg x="${x}" y="${y}" overflow="visible"><text class="k" text-anchor="${anchor}" y="4">${arrow}</text></svg>`
  const left = lo < axis.from ? beyond('0%', '◂', 'start') : ''
  const right = hi > axis.to ? beyond('100%', '▸', 'end') : ''
  return `<line class="ci" x1="${at(lo, axis)}" x2="${at(hi, axis)}" y1="${y}" y2="${y}"/>${mark}${left}${right}`
}

/** A bar from zero with its interval. */
export function barPlot(value: Interval & { value: number }, to: number): string {
  const axis = { from: 0, to }
  const bar = `<rect x="0" y="11" width="${at(value.value, axis)}" height="8" class="bar"/>`
  return svg(line('ax', 0, axis) + bar + estimate(value, axis, '50%', 6), 30)
}

/** A value with its interval against a limit. */
export function limitPlot(value: Interval & { value: number }, limit: number): string {
  const all = [value.lo, value.hi, limit]
  const span = Math.max(1e-6, Math.max(...all) - Math.min(...all))
  const axis = { from: Math.min(...all) - span * 0.15, to: Math.max(...all) + span * 0.15 }
  return svg(
    `<line class="gr" x1="0" x2="100%" y1="50%" y2="50%"/>${line('lim', limit, axis)}${estimate(value, axis, '50%', 6)}`,
    24,
  )
}

/** One row of a forest plot: zero in ink, the limit dashed, the square's area by n. */
export function forestPlot(value: Interval & { value: number }, limit: number, axis: Axis, weight: number): string {
  const size = 4 + 6 * Math.sqrt(Math.max(0, Math.min(1, weight)))
  return svg(line('ax', 0, axis) + line('lim', limit, axis) + estimate(value, axis, '50%', size), 28)
}

/** Two shares on one axis from 0 to 1: before open, after filled. */
export function pairPlot(before: Interval & { share: number }, after: Interval & { share: number }): string {
  const axis = { from: 0, to: 1 }
  const row = (one: Interval & { share: number }, y: string, open: string) =>
    `<g class="${open}"><line class="ci" x1="${at(one.lo, axis)}" x2="${at(one.hi, axis)}" y1="${y}" y2="${y}"/><svg x="${at(one.share, axis)}" y="${y}" overflow="visible"><circle class="pt" r="3.5"/></svg></g>`
  return svg(
    line('gr', 0, axis) +
      line('gr', 0.5, axis) +
      line('gr', 1, axis) +
      row(before, '30%', 'open') +
      row(after, '70%', ''),
    36,
  )
}

/** Ticks of a forest plot at round numbers. */
export function forestAxis({ from, to }: Axis): string {
  const step = niceStep((to - from) / 5)
  let ticks = ''
  for (let v = Math.ceil(from / step) * step; v <= to + step / 1e6; v += step) {
    const value = Math.abs(v) < step / 2 ? 0 : v
    const label = `${value > 0 ? '+' : value < 0 ? '−' : ''}${Number(Math.abs(value * 100).toFixed(2))}`
    ticks += `<text x="${at(value, { from, to })}" y="11" text-anchor="middle">${label}</text>`
  }
  return svg(ticks, 14)
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1e-6, raw)))
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? 10 * power
}
