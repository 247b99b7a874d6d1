import type { KeptContent } from '../../gateway/ports.ts'
import type { SealedSegment } from '../../jobs/spool-ports.ts'

/** One segment in a spool file: two lengths (unsigned, 4 bytes, little-endian), a JSON header, the sealed bytes. */
export function encodeSegment({ blob, ...header }: SealedSegment): Uint8Array {
  const json = Buffer.from(JSON.stringify(header))
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32LE(json.length, 0)
  lengths.writeUInt32LE(blob.length, 4)
  return Buffer.concat([lengths, json, blob])
}

/** Whole segments at the start of `bytes`, and how many bytes they take. What follows is not finished, or not one. */
export function decodeSegments(bytes: Buffer): { readonly segments: readonly SealedSegment[]; readonly used: number } {
  const segments: SealedSegment[] = []
  let used = 0
  while (bytes.length - used >= 8) {
    const header = bytes.readUInt32LE(used)
    const blob = bytes.readUInt32LE(used + 4)
    const end = used + 8 + header + blob
    if (end > bytes.length) break
    const facts = parseHeader(bytes.toString('utf8', used + 8, used + 8 + header))
    if (facts === null) break
    segments.push({ ...facts, blob: bytes.subarray(used + 8 + header, end) })
    used = end
  }
  return { segments, used }
}

/** A power cut leaves zeros where a record was to be: then nothing behind them can be told apart either. */
function parseHeader(json: string): Omit<SealedSegment, 'blob'> | null {
  try {
    const { id, subject, fromMs, toMs, expiresAtMs } = JSON.parse(json) as Omit<SealedSegment, 'blob'>
    const whole = [fromMs, toMs, expiresAtMs].every(Number.isSafeInteger)
    return typeof id === 'string' && typeof subject === 'string' && whole
      ? { id, subject, fromMs, toMs, expiresAtMs }
      : null
  } catch {
    return null
  }
}

/** What is sealed: per decision a line of its id and two lengths in UTF-16 code units, then request and answer. */
export function encodeContents(contents: readonly KeptContent[]): string {
  let text = ''
  for (const { id, request, answer } of contents)
    text += `${id} ${request.length} ${answer.length}\n${request}${answer}`
  return text
}

/** The content of one decision in an unsealed segment, or null when it is not in it. */
export function findContent(text: string, id: string): { readonly request: string; readonly answer: string } | null {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const [name, request, answer] = text.slice(at, end).split(' ')
    const from = end + 1
    const middle = from + Number(request)
    const to = middle + Number(answer)
    if (name === id) return { request: text.slice(from, middle), answer: text.slice(middle, to) }
    if (!(to > at)) return null
    at = to
  }
  return null
}
