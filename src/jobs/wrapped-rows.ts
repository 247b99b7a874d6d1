import { hash32 } from '../core/base/hash32.ts'
import { drawAt, share } from './pairs/draw.ts'
import type { TrainingRow, Wrappings } from './training-ports.ts'

export interface WrappingSettings {
  /** Of the rows that can be wrapped, by their ids. */
  readonly share: number
  /** Of a request: what is longer has surroundings of its own. Code units. */
  readonly mostChars: number
}

/** All that fit: what is measured needs no sparing. */
export const WRAPPED_UNSEEN: WrappingSettings = { share: 1, mostChars: 400 }

/** Twice as many say the same, and take a fifth longer to learn. */
export const WRAPPED: WrappingSettings = { share: 0.12, mostChars: 400 }

/**
 * Some of the rows again, inside a text that people put around a request: a scene, a form, a list of errands. It says
 * nothing of what is asked, so the label stays; both sides of a pair stand in the same one. Rows keep the first digits of
 * their id, by which parts of the data are told apart. Deterministic.
 *
 * @param rows Of a single request each, in a language that has wrappings; others are left out.
 */
export function wrappedRows<T extends TrainingRow & { readonly pair?: string }>(
  rows: readonly T[],
  wrappings: Wrappings,
  settings: WrappingSettings,
): readonly T[] {
  return rows.flatMap((row) => {
    const list = wrappings[row.lang]
    const key = `wrapped ${row.pair ?? row.id}`
    if (list === undefined || !canBeWrapped(row, settings) || share(key) >= settings.share) return []
    const around = drawAt(list, 0, key)
    const id = `${row.id.slice(0, 6)}w${row.id.slice(7)}`
    return [
      { ...row, id, source: 'sluice-wrapped', turns: [{ role: 'user', content: wrap(row.turns[0]!.content, around) }] },
    ]
  })
}

/** Sentences of wrappings, as what they are: harmless. Those of one are in one part of the data. */
export function surroundings(wrappings: Wrappings): readonly TrainingRow[] {
  return Object.entries(wrappings).flatMap(([lang, list]) =>
    list.flatMap((around) => {
      const id = hash32(around).toString(16).padStart(8, '0').slice(0, 6)
      return sentencesOf(around.replace('{text}', '\n')).map((content, nth) => ({
        ...({ id: `${id}s${nth}`, lang, turns: [{ role: 'user', content }], label: 'benign', attack: null } as const),
        ...({ category: 'none', target: 'prompt', source: 'sluice-surroundings', quality: 'gold' } as const),
      }))
    }),
  )
}

/** Shorter ones say nothing: a mark, a name. Code units. */
const LEAST_CHARS = 12

function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.?!:;])\s+|(?<=[。？！：」])|\n+/)
    .map((one) => one.trim())
    .filter((one) => one.length >= LEAST_CHARS)
}

function canBeWrapped({ turns, target }: TrainingRow, { mostChars }: WrappingSettings): boolean {
  return target === 'prompt' && turns.length === 1 && turns[0]!.role === 'user' && turns[0]!.content.length <= mostChars
}

function wrap(text: string, around: string): string {
  // Not `replace` with a string: a request may hold `$&`.
  return around.replace('{text}', () => text)
}
