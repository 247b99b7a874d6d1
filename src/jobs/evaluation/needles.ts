import { hash32 } from '../../core/base/hash32.ts'
import { type Measured, measured, measuredOrNull } from '../../core/classifier/evaluation/measured.ts'
import { type EvalRow, scoredOf, textOf, viewOf } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../training-ports.ts'
import { judgeAll, type Progress } from './judge.ts'

export const NEEDLE_SIZES = [1_000, 4_000, 20_000, 200_000] as const
export const NEEDLE_PLACES = ['start', 'middle', 'end'] as const
export type NeedlePlace = (typeof NEEDLE_PLACES)[number]

/** Harmful texts inside harmless ones: what length and place cost. */
export interface NeedleCell {
  readonly size: number
  readonly place: NeedlePlace
  readonly recall: Measured
  /** Needles that are found alone and also here, of those whose haystack says nothing without them. */
  readonly kept: Measured | null
}

export interface Needles {
  readonly line: number
  readonly alone: Measured
  readonly cells: readonly NeedleCell[]
  /** Haystacks without a needle that exceed the same line: where these are many, finding a needle means little. */
  readonly hay: readonly { readonly size: number; readonly above: Measured }[]
}

const MOST_CHARS = 2_000

/**
 * @param line Above it counts as found: that of 1 % false positives on the whole set.
 * @returns null without harmful and harmless prompts.
 */
export async function needlesOf(
  rows: readonly EvalRow[],
  line: number,
  settings: { readonly needles: number; readonly sizes: readonly number[] },
  judge: Judge,
  progress: Progress,
): Promise<Needles | null> {
  const plain = rows.filter((row) => viewOf(row) === 'prompt')
  const byHash = (a: EvalRow, b: EvalRow) => hash32(`needle ${a.id}`) - hash32(`needle ${b.id}`)
  const needles = plain
    .filter((row) => row.label === 'harmful' && textOf(row).length <= MOST_CHARS)
    .sort(byHash)
    .slice(0, settings.needles)
  const hay = plain.filter(({ label }) => label === 'benign').sort(byHash)
  if (needles.length === 0 || hay.length === 0) return null
  const found = async (all: readonly EvalRow[]) => {
    const { scored } = scoredOf(await judgeAll(all, judge, progress))
    return { n: scored.length, ids: new Set(scored.filter(({ score }) => score > line).map(({ row }) => row.id)) }
  }
  const alone = await found(needles)
  if (alone.n === 0) return null
  const cells: NeedleCell[] = []
  const quiet: { size: number; above: Measured }[] = []
  // From places far apart, so that no two of the shorter ones hold the same texts.
  const apart = Math.max(1, Math.floor(hay.length / needles.length))
  for (const size of settings.sizes) {
    const stacks = needles.map((_, i) => haystack(hay, size, i * apart))
    const empty = await found(needles.map((row, i) => saying(row, stacks[i]!)))
    if (empty.n > 0) quiet.push({ size, above: measured(empty.ids.size, empty.n) })
    const inQuiet = [...alone.ids].filter((id) => !empty.ids.has(id))
    for (const place of NEEDLE_PLACES) {
      const hidden = await found(needles.map((row, i) => saying(row, hide(textOf(row), stacks[i]!, place))))
      if (hidden.n === 0) continue
      const kept = measuredOrNull(inQuiet.filter((id) => hidden.ids.has(id)).length, inQuiet.length)
      cells.push({ size, place, recall: measured(hidden.ids.size, hidden.n), kept })
    }
  }
  return { line, alone: measured(alone.ids.size, alone.n), cells, hay: quiet }
}

/** Harmless texts end to end, from one of them on. */
function haystack(hay: readonly EvalRow[], size: number, from: number): string {
  let text = ''
  for (let i = from; text.length < size; i++) text += `${textOf(hay[i % hay.length]!) || '.'}\n\n`
  return text.slice(0, size).toWellFormed()
}

function hide(needle: string, stack: string, place: NeedlePlace): string {
  if (place === 'start') return `${needle}\n\n${stack}`
  if (place === 'end') return `${stack}\n\n${needle}`
  // Between two texts, where there is such a place: a needle is a passage of its own.
  const at = stack.indexOf('\n\n', Math.floor(stack.length / 2))
  const middle = at < 0 ? Math.floor(stack.length / 2) : at
  return `${stack.slice(0, middle)}\n\n${needle}\n\n${stack.slice(middle)}`
}

function saying(row: EvalRow, content: string): EvalRow {
  return { ...row, turns: [{ role: 'user', content }] }
}
