import { invalid } from './json.ts'

/** Narrowing of untrusted JSON: each function gives the value in its type, or says which member is wrong. */

export type Json = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Records among the items of a list; anything else is left to the upstream to judge. */
export function records(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

export function stringOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise
}

export function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}

/** Far above every model id there is. */
export const MOST_MODEL_UNITS = 2048

/** @throws {ProtocolError} not a text with at least one character, or far too long for a model's name. */
export function requiredModel(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid('model', 'wanted a non-empty string')
  // It is written into every receipt.
  if (value.length > MOST_MODEL_UNITS) throw invalid('model', `wanted at most ${MOST_MODEL_UNITS} characters`)
  return value
}

/** @throws {ProtocolError} neither a boolean nor absent. */
export function optionalFlag(value: unknown, field: string): boolean {
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw invalid(field, 'wanted true or false')
  return value
}

/** @throws {ProtocolError} neither a whole number from `least` to `most` nor absent. */
export function optionalCount(value: unknown, field: string, least = 1, most = Number.MAX_SAFE_INTEGER): number | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw invalid(
      field,
      `wanted a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`,
    )
  return value
}

/** Every string in a value, keys of objects included: what a model could read of it. */
export function stringsIn(value: unknown, out: string[] = []): string[] {
  if (typeof value === 'string') out.push(value)
  else if (Array.isArray(value)) for (const item of value) stringsIn(item, out)
  else if (isRecord(value))
    for (const key of Object.keys(value)) {
      out.push(key)
      stringsIn(value[key], out)
    }
  return out
}

/** The text of a member, whatever shape it came in: a lenient upstream may read what a strict one rejects. */
export function wordsIn(value: unknown): string {
  return typeof value === 'string' ? value : stringsIn(value).join('\n')
}

/** The string values alone: for arguments of tools, whose keys are the schema's and not the caller's words. */
export function stringValuesIn(value: unknown, out: string[] = []): string[] {
  if (typeof value === 'string') out.push(value)
  else if (Array.isArray(value)) for (const item of value) stringValuesIn(item, out)
  else if (isRecord(value)) for (const key of Object.keys(value)) stringValuesIn(value[key], out)
  return out
}
