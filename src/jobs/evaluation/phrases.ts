import type { RecallAt } from '../../core/classifier/evaluation/roc.ts'
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
