import type { Interval } from '../../base/intervals.ts'
import { figures } from '../figures.ts'
import type { CollateralWords } from './words.ts'

/** Whole numbers with commas. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A share as per cent: two decimals, three below a tenth of a per cent; never 0 or all unless it is. */
export function percent(share: number, { lang }: CollateralWords): string {
  return figures(lang).percent(share, decimals(share * 100))
}

/** A difference of shares as signed percentage points; minus is U+2212. */
export function points(difference: number): string {
  const text = digits(Math.abs(difference * 100))
  if (Number(text) === 0) return `±${text}`
  return `${difference > 0 ? '+' : '−'}${text}`
}

/** The same without a sign. */
export function bare(difference: number): string {
  return digits(Math.abs(difference * 100))
}

export function percentInterval({ lo, hi }: Interval, { lang, interval }: CollateralWords): string {
  const { bound } = figures(lang)
  return interval(bound(lo, decimals(lo * 100)), bound(hi, decimals(hi * 100)))
}

export function pointsInterval({ lo, hi }: Interval, words: CollateralWords): string {
  return words.interval(points(lo), points(hi))
}

/** A p-value; never 0. */
export function pValue(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4)
}

function digits(value: number): string {
  return value.toFixed(decimals(value))
}

function decimals(value: number): number {
  return value !== 0 && Math.abs(value) < 0.1 ? 3 : 2
}
