import type { Gate } from '../../safeguards/collateral/report.ts'
import { percent, percentInterval, points, pointsInterval } from './numbers.ts'
import type { CollateralWords } from './words.ts'

/** The limit of a gate, in its unit. */
export function limitText({ name, limit }: Gate, words: CollateralWords): string {
  if (limit === null) return '–'
  if (name === 'overhead') return `≤ ${limit / 1000} ms`
  if (name === 'slices') return `≤ ${points(limit)}`
  if (name === 'separable') return `≥ ${limit.toFixed(2)}`
  return `${name === 'retained' ? '≥' : '≤'} ${percent(limit, words)}`
}

/** What a gate measured, with its interval, in its unit. */
export function valueText({ name, value, about }: Gate, words: CollateralWords): string {
  if (value === null) return about === null ? '–' : about
  if (name === 'overhead') return `${(value.value / 1000).toFixed(2)} ms`
  if (name === 'separable')
    return `${value.value.toFixed(2)} (${words.interval(value.lo.toFixed(2), value.hi.toFixed(2))})`
  if (name === 'miss' && about === null) return `${points(value.value)} (${pointsInterval(value, words)})`
  if (name === 'slices')
    return `${points(value.value)} (${pointsInterval(value, words)})${about === null ? '' : ` ${about}`}`
  return `${percent(Math.abs(value.value), words)} (${percentInterval(value, words)})`
}
