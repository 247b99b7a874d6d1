/** Figures as people read them, in one language; the only place that writes a share. */
export interface Figures {
  count(n: number): string
  /** `1.1%`; never rounded to 0% or 100% unless exact. `digits` decimals; without, as many as tell small shares apart. */
  percent(x: number, digits?: number): string
  /** `0.7 to 1.7%`. */
  range(lo: number, hi: number, digits?: number): string
  /** The same without the sign, for under a value: `0.7 to 1.7`. `per` is what a whole counts as. */
  bounds(lo: number, hi: number, digits?: number, per?: number): string
  /** One end of such a range. */
  bound(x: number, digits?: number, per?: number): string
  decimal(x: number, digits: number): string
}

type Past = { readonly side: 'under' | 'over'; readonly text: string } | null

export function figures(lang: 'en' | 'ja'): Figures {
  const to = lang === 'ja' ? '〜' : ' to '
  const bound = (x: number, digits = finest(x), per = 100) => {
    const edge = past(x, digits, per)
    return edge === null ? decimal(x * per, digits) : `${edge.side === 'under' ? '<' : '>'}${edge.text}`
  }
  const percent = (x: number, digits = finest(x)) => {
    const edge = past(x, digits, 100)
    if (edge === null) return `${decimal(x * 100, digits)}%`
    return lang === 'ja' ? `${edge.text}%${edge.side === 'under' ? '未満' : '超'}` : `${edge.side} ${edge.text}%`
  }
  const bounds = (lo: number, hi: number, digits?: number, per?: number) =>
    `${bound(lo, digits, per)}${to}${bound(hi, digits, per)}`
  return {
    count: (n) => grouping(0).format(n),
    percent,
    range: (lo, hi, digits) => `${bounds(lo, hi, digits)}%`,
    bounds,
    bound,
    decimal,
  }
}

/** Decimals that an interval of this width can carry, for per cent. */
export function digitsOf({ lo, hi }: { readonly lo: number | null; readonly hi: number | null }): number {
  return lo !== null && hi !== null && hi - lo < 0.002 ? 2 : 1
}

/** One decimal, and two within one point of nothing or of everything. */
function finest(x: number): number {
  return x > 0 && x < 1 && Math.min(x, 1 - x) < 0.01 ? 2 : 1
}

/** Where rounding would reach 0 or the whole though the value does not: the nearest figure it is surely past. */
function past(x: number, digits: number, per: number): Past {
  const text = decimal(x * per, digits)
  const step = 10 ** -digits
  if (x > 0 && text === decimal(0, digits)) return { side: 'under', text: decimal(step, digits) }
  if (x < 1 && text === decimal(per, digits)) return { side: 'over', text: decimal(per - step, digits) }
  return null
}

/** Minus is U+2212, and nothing is never negative. */
function decimal(x: number, digits: number): string {
  return grouping(digits)
    .format(Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x)
    .replace('-', '−')
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
