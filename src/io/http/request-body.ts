import type { IncomingMessage } from 'node:http'
import { brotliDecompress, gunzip, type ZlibOptions, zstdDecompress } from 'node:zlib'
import type { BodyShare } from './body-memory.ts'

/** `overloaded`: there is no room for it beside the bodies of others. */
export type BodyFault = 'body_too_large' | 'content_encoding' | 'body_invalid' | 'overloaded'

/** A body that cannot be handed on, and why. */
export class RejectedBody extends Error {
  readonly why: BodyFault
  /** Of `body_too_large`: the bound that it broke. */
  readonly mostBytes: number
  constructor(why: BodyFault, mostBytes = 0) {
    super(why)
    this.why = why
    this.mostBytes = mostBytes
  }
}

/** A body that brings less than this within the idle time has stopped: single bytes do not keep a connection. */
const LEAST_PROGRESS_BYTES = 1024

interface Progress {
  readonly idleMs: number
  sinceMs: number
  bytes: number
}

/** Requests whose body is still arriving: one sweep for all, no timer each. */
const reading = new Map<IncomingMessage, Progress>()
setInterval(() => {
  const now = performance.now()
  for (const [incoming, { sinceMs, idleMs }] of reading) if (now - sinceMs > idleMs) incoming.destroy()
}, 1000).unref()

/**
 * The whole body, as received.
 * @param idleMs A body that stands still for longer is given up, and its connection closed.
 * @param share Of the memory for all bodies; given back by the caller, when the answer has ended.
 * @throws {RejectedBody} `body_too_large`, by its declared length before any of it is read; `overloaded`; {Error} it was
 *   cut off.
 */
export async function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  idleMs: number,
  share: Pick<BodyShare, 'take'>,
): Promise<Buffer> {
  const declared = incoming.headers['content-length']
  if (declared === undefined && incoming.headers['transfer-encoding'] === undefined) return Buffer.alloc(0)
  if (declared !== undefined && Number(declared) > maxBytes) throw new RejectedBody('body_too_large', maxBytes)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const progress: Progress = { idleMs, sinceMs: performance.now(), bytes: 0 }
    reading.set(incoming, progress)
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      progress.bytes += chunk.length
      if (progress.bytes >= LEAST_PROGRESS_BYTES) {
        progress.bytes = 0
        progress.sinceMs = performance.now()
      }
      const fault = size > maxBytes ? 'body_too_large' : share.take(chunk.length) ? null : 'overloaded'
      if (fault === null) return void chunks.push(chunk)
      incoming.pause()
      reading.delete(incoming)
      chunks.length = 0
      reject(new RejectedBody(fault, maxBytes))
    })
    incoming.on('end', () => {
      reading.delete(incoming)
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    })
    incoming.on('error', reject)
    incoming.on('close', () => {
      reading.delete(incoming)
      // Every request closes in the end; an error, with its stack, is made only for one that was cut off.
      if (!incoming.complete) reject(new Error('the caller went away'))
    })
  })
}

type Decoder = (
  bytes: Uint8Array,
  options: ZlibOptions & { info: true },
  done: (error: Error | null, result: unknown) => void,
) => void

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzip as Decoder],
  ['br', brotliDecompress as Decoder],
  ['zstd', zstdDecompress as Decoder],
])

/** Output is taken in large pieces: a bomb costs a turn of the event loop for each. */
const PIECE_BYTES = 256 * 1024
/** Text is written some five times smaller, and seldom fifty. What promises more is decoded this far, and no further. */
const MOST_TIMES_LARGER = 100
const FREE_BYTES = 4 * 1024 * 1024

/**
 * The body as the model will read it. Bounded by its decoded size, so that a small bomb stays small: past 4 MiB also by
 * what was sent, since whoever sends next to nothing must not have 32 MiB decoded (some 100 ms of brotli).
 * Brotli still fills its window before it says so, up to 16 MiB and a third of that time.
 * @throws {RejectedBody} also for bytes after the end of what was encoded: another decoder may read on.
 */
export async function decoded(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  // Names of codings are the same in any case (RFC 9110 §8.4.1).
  const coding = encoding?.toLowerCase() ?? 'identity'
  if (coding === 'identity' || bytes.length === 0) return bytes
  const decode = decoders.get(coding)
  if (decode === undefined) throw new RejectedBody('content_encoding')
  return new Promise((resolve, reject) => {
    const most = Math.min(maxBytes, Math.max(FREE_BYTES, bytes.length * MOST_TIMES_LARGER))
    decode(bytes, { maxOutputLength: most, chunkSize: PIECE_BYTES, info: true }, (error, result) => {
      if (error !== null) {
        const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
        return reject(tooLarge ? new RejectedBody('body_too_large', most) : new RejectedBody('body_invalid'))
      }
      const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } }
      if (engine.bytesWritten < bytes.length) return reject(new RejectedBody('body_invalid'))
      resolve(buffer)
    })
  })
}
