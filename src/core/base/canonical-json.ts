import { CodedError } from './errors.ts'

/** A value that has no one form as JSON. The message names the place, never the value. */
export class CanonicalJsonError extends CodedError<'not_canonical'> {}

/** Deeper nesting is refused: nothing we hash is near it, and a cycle ends here. */
const MOST_LEVELS = 200

/**
 * The one text of a JSON value: members sorted by UTF-16 units, no spaces, numbers as ECMAScript prints them.
 * Equal values give equal bytes in any process that follows RFC 8785.
 *
 * Plain objects, arrays, strings, finite numbers, booleans and null only. A member that is undefined is refused and not
 * left out: what was hashed must be what is read back.
 * @throws {CanonicalJsonError} anything else, or a string that holds half a surrogate pair.
 */
export function canonicalJson(value: unknown): string {
  return written(value, '$', 0)
}

function written(value: unknown, at: string, level: number): string {
  if (level > MOST_LEVELS) throw fault(at, `nested deeper than ${MOST_LEVELS} levels`)
  switch (typeof value) {
    case 'string':
      return text(value, at)
    case 'number':
      if (!Number.isFinite(value)) throw fault(at, 'wanted a finite number')
      return JSON.stringify(value)
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `[${array(value, at, level).join(',')}]`
      return `{${members(value, at, level).join(',')}}`
    default:
      throw fault(at, `wanted a JSON value, not ${typeof value}`)
  }
}

function array(values: readonly unknown[], at: string, level: number): string[] {
  // A hole is read as undefined, and refused as such.
  return Array.from(values, (value, i) => written(value, `${at}[${i}]`, level + 1))
}

function members(value: object, at: string, level: number): string[] {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw fault(at, 'wanted a plain object')
  // The default order of `sort` is that of UTF-16 units.
  const names = Object.keys(value).sort()
  return names.map((name) => {
    const member = (value as Record<string, unknown>)[name]
    return `${text(name, at)}:${written(member, `${at}.${name}`, level + 1)}`
  })
}

function text(value: string, at: string): string {
  if (!value.isWellFormed()) throw fault(at, 'holds half a surrogate pair')
  return JSON.stringify(value)
}

function fault(at: string, what: string): CanonicalJsonError {
  return new CanonicalJsonError('not_canonical', `\`${at.slice(0, 200)}\` ${what}`)
}
