import { LABELS, type Label } from '../base/reasons.ts'

/** Header or trailer in which a self-hosted model server reports what its activation probes read. */
export const PROBE_HEADER = 'x-sluice-probe'
const MOST_CHARS = 4096

export interface ProbeReport {
  /** Parts per million per label, in the order of `LABELS`. Shape [LABELS.length]. */
  readonly ppm: readonly number[]
  /** What the server must have signed, for the request of this id. */
  readonly signed: string
  /** Base64url. */
  readonly mac: string
}

/**
 * `v1; harm.cyber=812345, harm.bio=12; <mac>`: the mac is HMAC-SHA-256, base64url, over `v1`, the request's id and the
 * scores exactly as written, joined by line feeds. Null for anything else; never throws.
 */
export function parseProbe(value: unknown, requestId: string): ProbeReport | null {
  if (typeof value !== 'string' || value.length > MOST_CHARS) return null
  const [version, scores, mac, ...more] = value.split(';').map((part) => part.trim())
  if (version !== 'v1' || scores === undefined || mac === undefined || more.length > 0) return null
  if (!/^[A-Za-z0-9_-]{43}$/.test(mac)) return null
  const ppm = new Array<number>(LABELS.length).fill(0)
  const seen = new Set<string>()
  for (const one of scores.split(',')) {
    const [, name, digits] = /^\s*(harm\.[a-z-]+)=(\d{1,7})\s*$/.exec(one) ?? []
    const label = name === undefined ? -1 : LABELS.indexOf(name as Label)
    if (label < 0 || seen.has(name!) || Number(digits) > 1_000_000) return null
    seen.add(name!)
    ppm[label] = Number(digits)
  }
  return { ppm, signed: probeSigned(scores, requestId), mac }
}

/** What is signed. */
export function probeSigned(scores: string, requestId: string): string {
  return `v1\n${requestId}\n${scores}`
}
