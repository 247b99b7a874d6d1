import { en } from '../messages/en.ts'
import type { PlainKey, Words } from '../words.tsx'

/** Words for the values of receipts; a value this console does not know yet is shown as it is. */
export function stageName(stage: string, words: Words): string {
  return named(`stage.${stage}`, stage, words)
}

export function partName(part: string, words: Words): string {
  return named(`part.${part}`, part, words)
}

export function trustName(trust: string, words: Words): string {
  return named(`trust.${trust}`, trust, words)
}

function named(key: string, value: string, words: Words): string {
  // Keys of stages, parts and trust have no slots.
  return key in en ? words(key as PlainKey) : value
}

/** `turn 3, user` */
export function placeName(place: { readonly turn: number; readonly part: string }, words: Words): string {
  // The answer is no turn of the request: it has no number yet.
  if (place.turn < 0) return partName(place.part, words)
  return words('where', { turn: String(place.turn + 1), part: partName(place.part, words) })
}
