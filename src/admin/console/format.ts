import type { Share } from '../contract.ts'

export type Lang = 'en' | 'ja'
export type Zone = 'UTC' | 'JST'

/** Below this many requests a share says too little to show. */
export const SHARE_NEEDS = 30

/** Figures and times as people read them, in one language and zone. */
export interface Format {
  count(n: number): string
  /** `1.1%`; never rounded to 0% or 100% unless exact. `digits` decimals. */
  percent(x: number, digits: number): string
  /** `0.7 to 1.7%`. */
  range(lo: number, hi: number, digits: number): string
  /** The same without the sign, for under a value: `0.7 to 1.7`. `per` is what a whole counts as. */
  bounds(lo: number, hi: number, digits: number, per?: number): string
  decimal(x: number, digits: number): string
  /** Milliseconds from microseconds, `0.6`. */
  ms(us: number): string
  bytes(n: number): string
  /** `11:42:01.310` */
  clock(ms: number): string
  /** `11:42` */
  minute(ms: number): string
  /** `11-23` */
  day(ms: number): string
  /** `2026-11-23 11:42:07 UTC` */
  stamp(ms: number): string
  /** `2026-11-23 11:42 UTC` */
  when(ms: number): string
  readonly offsetMs: number
}

const JST_OFFSET_MS = 9 * 3_600_000

export function formatter(lang: Lang, zone: Zone): Format {
  const offsetMs = zone === 'JST' ? JST_OFFSET_MS : 0
  const iso = (ms: number) => new Date(ms + offsetMs).toISOString()
  const to = lang === 'ja' ? '〜' : ' to '
  const decimal = (x: number, digits: number) =>
    grouping(digits)
      .format(Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x)
      .replace('-', '−')
  /** Where rounding would reach 0 or the whole though the value does not: the nearest figure it is surely past. */
  const past = (
    x: number,
    digits: number,
    per: number,
  ): { readonly side: 'under' | 'over'; readonly text: string } | null => {
    const text = decimal(x * per, digits)
    const step = 10 ** -digits
    if (x > 0 && text === decimal(0, digits)) return { side: 'under', text: decimal(step, digits) }
    if (x < 1 && text === decimal(per, digits)) return { side: 'over', text: decimal(per - step, digits) }
    return null
  }
  const bound = (x: number, digits: number, per: number) => {
    const edge = past(x, digits, per)
    return edge === null ? decimal(x * per, digits) : `${edge.side === 'under' ? '<' : '>'}${edge.text}`
  }
  const percent = (x: number, digits: number) => {
    const edge = past(x, digits, 100)
    if (edge === null) return `${decimal(x * 100, digits)}%`
    return lang === 'ja' ? `${edge.text}%${edge.side === 'under' ? '未満' : '超'}` : `${edge.side} ${edge.text}%`
  }
  const bounds = (lo: number, hi: number, digits: number, per = 100) =>
    `${bound(lo, digits, per)}${to}${bound(hi, digits, per)}`
  return {
    count: (n) => grouping(0).format(n),
    percent,
    range: (lo, hi, digits) => `${bounds(lo, hi, digits)}%`,
    bounds,
    decimal,
    ms: (us) => decimal(us / 1000, us < 100_000 ? 1 : 0),
    bytes: (n) =>
      n < 1024 ? `${n} B` : n < 1_048_576 ? `${decimal(n / 1024, 1)} KiB` : `${decimal(n / 1_048_576, 1)} MiB`,
    clock: (ms) => iso(ms).slice(11, 23),
    minute: (ms) => iso(ms).slice(11, 16),
    day: (ms) => iso(ms).slice(5, 10),
    stamp: (ms) => `${iso(ms).slice(0, 10)} ${iso(ms).slice(11, 19)} ${zone}`,
    when: (ms) => `${iso(ms).slice(0, 10)} ${iso(ms).slice(11, 16)} ${zone}`,
    offsetMs,
  }
}

const formats = new Map<number, Intl.NumberFormat>()

function grouping(digits: number): Intl.NumberFormat {
  let format = formats.get(digits)
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    formats.set(digits, format)
  }
  return format
}

/** Decimals that an interval of this width can carry, for per cent. */
export function digitsOf(share: Share): number {
  return share.lo !== null && share.hi !== null && share.hi - share.lo < 0.002 ? 2 : 1
}

/** A share that may be shown: enough requests, and its interval. */
export interface KnownShare {
  readonly k: number
  readonly n: number
  readonly share: number
  readonly lo: number
  readonly hi: number
}

export function knownShare({ k, n, share, lo, hi }: Share): KnownShare | null {
  return n >= SHARE_NEEDS && share !== null && lo !== null && hi !== null ? { k, n, share, lo, hi } : null
}
