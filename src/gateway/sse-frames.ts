import type { SseEvent } from '../core/protocols/adapter.ts'
import { ProtocolError } from '../core/protocols/json.ts'

/** One event with the very bytes it came in, the empty line after it included. */
export interface Frame extends SseEvent {
  readonly raw: Uint8Array
  /** Nothing but comments: it keeps the connection alive and says nothing. */
  readonly comment: boolean
}

const LF = 10
const CR = 13
const MAX_FRAME_BYTES = 1024 * 1024

/**
 * Splits a stream of server-sent events at its empty lines, whatever its line ends and however it was cut into chunks,
 * and keeps every byte. Source of the field rules: WHATWG HTML, "Server-sent events".
 */
export class SseFrames {
  /** Bytes of the frame that is open. */
  #held: Uint8Array = new Uint8Array(0)
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** A byte-order mark is dropped at the very start, and nowhere else. */
  #first = true

  /** @throws {ProtocolError} `upstream_invalid`: more than 1 MiB without an empty line. */
  push(chunk: Uint8Array): readonly Frame[] {
    const bytes = this.#held.length === 0 ? chunk : concat(this.#held, chunk)
    // An empty line can end at the first new byte; what was searched before needs no second look.
    const searched = Math.max(0, this.#held.length - 3)
    const frames: Frame[] = []
    let start = 0
    for (let end = frameEnd(bytes, searched); end > 0; end = frameEnd(bytes, start)) {
      frames.push(this.#frame(bounded(bytes.subarray(start, end))))
      start = end
    }
    this.#held = bounded(start === 0 ? bytes : bytes.subarray(start))
    return frames
  }

  /** What is left when the stream ends: an event without its empty line, or null. */
  end(): Frame | null {
    const rest = this.#held
    this.#held = new Uint8Array(0)
    return rest.length === 0 ? null : this.#frame(rest)
  }

  #frame(raw: Uint8Array): Frame {
    let event = ''
    let data: string | null = null
    let comment = true
    const decoded = this.#decoder.decode(raw)
    const text = this.#first && decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded
    this.#first = false
    for (const line of text.split(/\r\n|\n|\r/)) {
      if (line === '' || line.charCodeAt(0) === 58) continue
      comment = false
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
      if (field === 'data') data = data === null ? value : `${data}\n${value}`
      else if (field === 'event') event = value
    }
    return { raw, event, data: data ?? '', comment: comment || data === null }
  }
}

/** Index after the first empty line that ends at or after `from`, or 0. A CR at the very end may be half of a CRLF: wait. */
function frameEnd(bytes: Uint8Array, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte !== LF && byte !== CR) continue
    let next = i + 1
    if (byte === CR) {
      if (next === bytes.length) return 0
      if (bytes[next] === LF) next++
    }
    if (next >= bytes.length) return 0
    const second = bytes[next]!
    if (second === LF) return next + 1
    if (second === CR) {
      if (next + 1 === bytes.length) return 0
      return bytes[next + 1] === LF ? next + 2 : next + 1
    }
    i = next - 1
  }
  return 0
}

/** The bound is on the event, not on the chunks it came in. */
function bounded(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_FRAME_BYTES)
    throw new ProtocolError('upstream_invalid', 'an event of the answer is larger than 1 MiB')
  return bytes
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
