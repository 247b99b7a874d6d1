import type { Part, PartKind, Role, Trust, Turn } from '../conversation/exchange.ts'
import { type Json, stringsIn, wordsIn } from './values.ts'

/** Where the parts of one turn stand. */
export interface Standpoint {
  readonly place: PartKind
  readonly trust: Trust
}

export const SYSTEM: Standpoint = { place: 'system', trust: 'system' }
export const USER: Standpoint = { place: 'user', trust: 'user' }
export const ASSISTANT: Standpoint = { place: 'assistant', trust: 'untrusted' }
export const TOOL_RESULT: Standpoint = { place: 'tool_result', trust: 'untrusted' }
export const DOCUMENT: Standpoint = { place: 'document', trust: 'untrusted' }
export const TOOL_DEFINITION: Standpoint = { place: 'tool_definition', trust: 'untrusted' }

export function text(value: string, at: Standpoint): readonly Part[] {
  return value === '' ? [] : [{ kind: 'text', ...at, text: value }]
}

export function uninspected(media: string, at: Standpoint): Part {
  return { kind: 'uninspected', ...at, media }
}

/** A block of a kind we do not know: all its strings are read, and policy is told that it was not understood. */
export function unknown(block: Json, at: Standpoint): readonly Part[] {
  return [...text(stringsIn(block).join('\n'), at), uninspected('unknown', at)]
}

/** Tool definitions as one turn, a part per tool; nothing when there are none. */
export function toolTurn(...lists: readonly unknown[]): readonly Turn[] {
  const parts = toolParts(...lists)
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

export function toolParts(...lists: readonly unknown[]): readonly Part[] {
  return lists.flat().flatMap((tool) => text(wordsIn(tool), TOOL_DEFINITION))
}

/**
 * Index of the first turn that is new: after the last answer of the history. Assistant turns at the end are a prefill,
 * which the caller wrote just now.
 */
export function newestFrom(roles: readonly Role[]): number {
  const said = roles.findLastIndex((role) => role !== 'assistant')
  return said < 0 ? 0 : roles.lastIndexOf('assistant', said) + 1
}
