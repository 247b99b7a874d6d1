import { CodedError } from '../../base/errors.ts'
import { LEVELS, MANDATORY, METRICS, type Metric, type SeverityVector } from './levels.ts'

export type VectorCode =
  | 'too_long'
  | 'prefix'
  | 'version'
  | 'segment'
  | 'unknown_key'
  | 'repeated_key'
  | 'unknown_value'
  | 'missing'

/** Why a text is no vector. */
export interface VectorFault {
  readonly code: VectorCode
  /** Zero-based offset in UTF-16 code units; the length of the text for what is missing. */
  readonly at: number
  /** With `repeated_key`, `unknown_value` and `missing` only. */
  readonly metric?: Metric
}

/** A text that is no vector. `fault` says where and why. */
export class VectorError extends CodedError<VectorCode> {
  readonly fault: VectorFault
  constructor(fault: VectorFault) {
    super(fault.code, FAULTS[fault.code](fault))
    this.fault = fault
  }
}

const FAULTS: Readonly<Record<VectorCode, (fault: VectorFault) => string>> = {
  too_long: ({ at }) => `vector: at most ${MOST_CHARACTERS} characters (at ${at})`,
  prefix: ({ at }) => `vector: wanted \`JSS:\` at the beginning (at ${at})`,
  version: ({ at }) => `vector: wanted version \`1.0\` (at ${at})`,
  segment: ({ at }) => `vector: wanted \`key:value\` between slashes (at ${at})`,
  unknown_key: ({ at }) => `vector: wanted one of ${METRICS.join(', ')}, upper case (at ${at})`,
  repeated_key: ({ at, metric }) => `vector: \`${metric}\` stands twice; leave one (at ${at})`,
  unknown_value: ({ at, metric }) =>
    `vector: \`${metric}\` wants one of ${metric === undefined ? '' : LEVELS[metric].join(', ')}${metric === 'UP' ? ', ?' : ''} (at ${at})`,
  missing: ({ at, metric }) => `vector: \`${metric}\` is missing (at ${at})`,
}

const MOST_CHARACTERS = 128
const PREFIX = 'JSS:'
const VERSION = '1.0'

/**
 * Reads a vector in any order of its metrics; optional ones that are absent are null.
 * @throws {VectorError} at the first fault from the left; absence is looked for last, in written order.
 */
export function parseVector(text: string): SeverityVector {
  const read = readVector(text)
  if ('code' in read) throw new VectorError(read)
  return read
}

/** `parseVector` where a fault is a value: for pages and machines that show it. */
export function readVector(text: string): SeverityVector | VectorFault {
  if (text.length > MOST_CHARACTERS) return { code: 'too_long', at: MOST_CHARACTERS }
  if (!text.startsWith(PREFIX)) return { code: 'prefix', at: 0 }
  const [version, ...segments] = text.slice(PREFIX.length).split('/') as [string, ...string[]]
  if (version !== VERSION) return { code: 'version', at: PREFIX.length }
  const found = new Map<Metric, string>()
  let at = PREFIX.length + VERSION.length + 1
  for (const segment of segments) {
    const fault = readSegment(segment, at, found)
    if (fault !== null) return fault
    at += segment.length + 1
  }
  for (const metric of MANDATORY) if (!found.has(metric)) return { code: 'missing', at: text.length, metric }
  // Every value was checked against the levels of its metric, and none of the mandatory ones is absent.
  return Object.fromEntries(METRICS.map((metric) => [metric, found.get(metric) ?? null])) as unknown as SeverityVector
}

function readSegment(segment: string, at: number, found: Map<Metric, string>): VectorFault | null {
  const colon = segment.indexOf(':')
  if (colon < 1) return { code: 'segment', at }
  const metric = METRICS.find((one) => one === segment.slice(0, colon))
  if (metric === undefined) return { code: 'unknown_key', at }
  if (found.has(metric)) return { code: 'repeated_key', at, metric }
  const value = segment.slice(colon + 1)
  const known = (LEVELS[metric] as readonly string[]).includes(value) || (metric === 'UP' && value === '?')
  if (!known) return { code: 'unknown_value', at: at + colon + 1, metric }
  found.set(metric, value)
  return null
}

/** The one written form: metrics in fixed order, absent ones left out. `parseVector` reads it back unchanged. */
export function formatVector(vector: SeverityVector): string {
  return [
    PREFIX + VERSION,
    ...METRICS.flatMap((metric) => (vector[metric] === null ? [] : `${metric}:${vector[metric]}`)),
  ].join('/')
}
