import type { RecallAt } from '../../core/classifier/evaluation/roc.ts'
import type { Unavailable } from '../../core/classifier/evaluation/row.ts'
import type { Bar } from './bar.ts'
import type { Quality } from './quality.ts'
import type { EvalReport } from './report.ts'
import type { Words } from './words.ts'

/** Phrases that the terminal and the page share. */

/** The finding as one line: what is so, before any figure. */
export function titleOf({ bars, target }: EvalReport, words: Words): string {
  const fails = bars.filter(({ result }) => result === 'fail').length
  const open = bars.filter(({ result }) => result === 'inconclusive').length
  if (bars.length === 0) return words('title.none', { target })
  if (fails > 0) return words('title.fail', { fails, all: bars.length })
  return open > 0 ? words('title.inconclusive', { open, all: bars.length }) : words('title.pass')
}

/** Recall, or why there is none. A line needs one harmless row more than its share leaves out. */
export function recallFigure(at: RecallAt, words: Words): { readonly text: string; readonly under: string } {
  if (at.recall === null) return { text: '–', under: '' }
  const needed = Math.ceil(1 / at.share)
  const under = `${words.range(at.recall)}, n = ${words.count(at.recall.n)}`
  if (at.chosenFrom >= needed) return { text: words.share(at.recall.share), under }
  return { text: words.share(at.recall.share), under: words('recall.few', { n: at.chosenFrom, needed }) }
}

/** How many rows have no verdict, and why: `status other than 200 12 (401: 12)`. Empty where all have one. */
export function missingText({ unavailable, why, codes }: Quality, words: Words): string {
  if (unavailable.k === 0) return ''
  const head = words('unavailable', { share: words.share(unavailable.share), n: unavailable.n })
  return `${head} ${reasonsText([{ why, codes }], words)}`
}

/** Why there was no verdict, the most frequent reason first. */
export function reasonsText(of: readonly Pick<Quality, 'why' | 'codes'>[], words: Words): string {
  const reasons = summed(of.map(({ why }) => why)).map(([name, n]) =>
    words(`unavailable.${name as Unavailable}`, { n }),
  )
  const codes = summed(of.map((one) => one.codes)).map(([code, n]) => `${code}: ${words.count(n)}`)
  return `${reasons.join(', ')}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`
}

/** No verdict on any row: why, and what to do about what most of the rows came to. */
export function nothingText({ qualities, set, target }: EvalReport, words: Words): string {
  const next = words(`next.${nextOf(qualities)}`, { target })
  return words('unavailable.all', { set, reasons: reasonsText(qualities, words), next })
}

function nextOf(
  of: readonly Pick<Quality, 'why' | 'codes'>[],
): 'timeout' | 'unreadable' | 'unreachable' | 'key' | 'path' | 'slower' | 'status' {
  const why = summed(of.map((one) => one.why))[0]?.[0] as Unavailable | undefined
  if (why !== undefined && why !== 'status') return why
  const code = summed(of.map((one) => one.codes))[0]?.[0]
  if (code === '401' || code === '403') return 'key'
  if (code === '404' || code === '405') return 'path'
  return code === '429' ? 'slower' : 'status'
}

function summed(of: readonly Readonly<Record<string, number>>[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>()
  for (const one of of) for (const [name, n] of Object.entries(one)) sums.set(name, (sums.get(name) ?? 0) + n)
  return [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

export function calibrationNote({ calibrationError, reliability }: Quality, words: Words): string {
  const n = reliability.reduce((sum, { harmful }) => sum + harmful.n, 0)
  return words('reliability.note', { n, ece: calibrationError.toFixed(4) })
}

/** What a bar came to. Never a bare "INCONCLUSIVE": the number that decides stands under it, where it is a number. */
export function resultOf({ result, needed }: Bar, words: Words): { readonly text: string; readonly under: string } {
  return { text: words(`bars.${result}`), under: needed === null ? '' : words('bars.needed', { n: needed }) }
}

/** Found against wanted. */
export function foundOf(
  { found, k, n, wanted, name }: Bar,
  words: Words,
): { readonly text: string; readonly under: string } {
  const isArea = name === 'exchange-auc' || name === 'exchange-auc-20'
  if (isArea) return { text: found.toFixed(3), under: `≥ ${wanted.toFixed(2)}, n = ${words.count(n)}` }
  return {
    text: words.share(found),
    under: `≥ ${words.tick(wanted)}, ${words.count(k ?? 0)} / ${words.count(n)}`,
  }
}
