import type { Fault } from './errors.ts'

interface Bounds {
  readonly least: number
  readonly most: number
}

/** Reads one JSON object member by member; what does not fit becomes a fault, so that all are told at once. */
export interface Reader {
  readonly path: string
  fault(member: string, code: string, message: string, at?: number): void
  text(member: string, most: number, form?: RegExp): string
  maybeText(member: string, most: number): string | null
  flag(member: string, otherwise: boolean): boolean
  number(member: string, bounds: Bounds): number
  count(member: string, most: number): number
  pair(member: string, bounds: Bounds): readonly [number, number]
  time(member: string, timeMs: (text: string) => number | null): number
  oneOf<Value extends string>(member: string, values: readonly Value[], otherwise?: Value): Value
  optional(member: string): Reader | null
  list(member: string, most: number): readonly Reader[]
  texts(member: string, most: number, form: RegExp): readonly string[]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/

export function reading(value: unknown, path: string, faults: Fault[]): Reader {
  const record = asRecord(value)
  if (record === null) faults.push({ field: path, code: 'type', at: null, message: 'wanted an object' })
  const members = record ?? {}
  const name = (member: string) => (path === '' ? member : `${path}.${member}`)
  const fault: Reader['fault'] = (member, code, message, at) =>
    void faults.push({ field: name(member), code, at: at ?? null, message })
  const numberIn = (member: string, { least, most }: Bounds) => {
    const found = members[member]
    if (typeof found === 'number' && Number.isFinite(found) && found >= least && found <= most) return found
    fault(member, 'number', `wanted a number from ${least} to ${most}`)
    return least
  }
  const maybeText = (member: string, most: number): string | null => {
    const found = members[member]
    if (found === undefined || found === null || found === '') return null
    if (typeof found === 'string' && Array.from(found).length <= most && !CONTROLS.test(found)) return found.trim()
    fault(member, 'text', `wanted a text of at most ${most} characters, without control characters`)
    return ''
  }
  return {
    path,
    fault,
    maybeText,
    text(member, most, form) {
      const found = maybeText(member, most)
      if (found === null) fault(member, 'missing', 'is missing')
      else if (form !== undefined && found !== '' && !form.test(found)) fault(member, 'form', 'is not of its form')
      return found ?? ''
    },
    flag(member, otherwise) {
      const found = members[member] ?? otherwise
      if (typeof found === 'boolean') return found
      fault(member, 'type', 'wanted true or false')
      return otherwise
    },
    number: numberIn,
    count(member, most) {
      const found = numberIn(member, { least: 0, most })
      if (!Number.isInteger(found)) fault(member, 'number', 'wanted a whole number')
      return Math.trunc(found)
    },
    pair(member, bounds) {
      const found = members[member]
      const fits = (one: unknown) => typeof one === 'number' && one >= bounds.least && one <= bounds.most
      if (Array.isArray(found) && found.length === 2 && found.every(fits) && found[0] <= found[1])
        return [found[0] as number, found[1] as number]
      fault(member, 'interval', `wanted two numbers from ${bounds.least} to ${bounds.most}, the lesser first`)
      return [bounds.least, bounds.most]
    },
    time(member, timeMs) {
      const found = members[member]
      const ms = typeof found === 'string' ? timeMs(found) : null
      if (ms === null) fault(member, 'time', 'wanted a time such as 2026-06-13T09:00:00Z')
      return ms ?? 0
    },
    oneOf(member, values, otherwise) {
      const found = members[member] ?? otherwise
      const value = values.find((one) => one === found)
      if (value === undefined) fault(member, 'value', `wanted one of ${values.join(', ')}`)
      return value ?? values[0]!
    },
    optional(member) {
      const found = members[member]
      return found === undefined || found === null ? null : reading(found, name(member), faults)
    },
    list(member, most) {
      const found = members[member] ?? []
      if (Array.isArray(found) && found.length <= most)
        return found.map((one, i) => reading(one, `${name(member)}[${i}]`, faults))
      fault(member, 'list', `wanted a list of at most ${most}`)
      return []
    },
    texts(member, most, form) {
      const found = members[member] ?? []
      if (
        Array.isArray(found) &&
        found.length <= most &&
        found.every((one) => typeof one === 'string' && form.test(one))
      )
        return found as readonly string[]
      fault(member, 'list', `wanted a list of at most ${most} texts, each of its form`)
      return []
    },
  }
}

/** All faults in one line, each with its place. */
export function faultsOf(faults: readonly Fault[]): string {
  return faults.map(({ field, at, message }) => `\`${field}\`${at === null ? '' : ` at ${at}`}: ${message}`).join('; ')
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
