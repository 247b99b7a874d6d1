import { connect, type Socket } from 'node:net'

/** One HTTP/1.1 response as a strict reader finds it in the bytes of a connection. */
export interface RawResponse {
  readonly status: number
  /** Names in lower case, in the order of the wire, repeated ones repeated. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

export interface RawConversation {
  readonly responses: readonly RawResponse[]
  /** Whatever is left after the last whole response: must be empty where responses are well formed. */
  readonly rest: Buffer
  /** Whether the other side ended the connection within the time given. */
  readonly closed: boolean
}

export interface RawOptions {
  /** How long the other side has to end the connection. */
  readonly withinMs?: number
  /** Local address to come from. */
  readonly from?: string
}

/**
 * Writes bytes that no HTTP client would write, piece by piece, and reads until the other side ends the connection. A
 * number among the pieces is a pause in milliseconds.
 */
export async function converse(
  port: number,
  pieces: string | Uint8Array | readonly (string | Uint8Array | number)[],
  { withinMs = 8_000, from }: RawOptions = {},
): Promise<RawConversation> {
  const socket = await open(port, from)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A peer that closes while we still write resets the connection: that is an end like any other here.
  socket.on('error', () => undefined)
  const ended = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs)
    const done = () => {
      clearTimeout(timer)
      resolve(true)
    }
    socket.once('end', done)
    socket.once('close', done)
  })
  for (const piece of typeof pieces === 'string' || pieces instanceof Uint8Array ? [pieces] : pieces) {
    if (typeof piece === 'number') await new Promise((resolve) => setTimeout(resolve, piece))
    else if (socket.writable) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  }
  const closed = await ended
  socket.destroy()
  return { ...readResponses(Buffer.concat(chunks)), closed }
}

/** A connection to loopback that is open, and says nothing. */
export function open(port: number, from?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...(from === undefined ? {} : { localAddress: from }) })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

/** Splits bytes into responses by their own framing, strictly: CRLF only, a length or chunks, nothing in between. */
export function readResponses(bytes: Buffer): Pick<RawConversation, 'responses' | 'rest'> {
  const responses: RawResponse[] = []
  let at = 0
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    const [first = '', ...lines] = end < 0 ? [] : bytes.toString('latin1', at, end).split('\r\n')
    const status = /^HTTP\/1\.1 (\d{3}) [^\r\n]*$/.exec(first)?.[1]
    if (status === undefined) return { responses, rest: bytes.subarray(at) }
    const headers = lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    })
    const body = bodyAt(bytes, end + 4, Number(status), headers)
    if (body === null) return { responses, rest: bytes.subarray(at) }
    responses.push({ status: Number(status), headers, body: body.bytes })
    at = body.end
  }
}

function bodyAt(
  bytes: Buffer,
  start: number,
  status: number,
  headers: RawResponse['headers'],
): { readonly bytes: Buffer; readonly end: number } | null {
  const named = (wanted: string) => headers.find(([name]) => name === wanted)?.[1]
  if (status < 200 || status === 204 || status === 304) return { bytes: Buffer.alloc(0), end: start }
  if (named('transfer-encoding') === undefined) {
    const end = start + Number(named('content-length') ?? 0)
    return end > bytes.length ? null : { bytes: bytes.subarray(start, end), end }
  }
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (Number.isNaN(size) || next > bytes.length) return null
    if (size === 0) return { bytes: Buffer.concat(chunks), end: next }
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = next
  }
}

/** Value of a header of a response, or null. */
export function headerOf(response: RawResponse | undefined, wanted: string): string | null {
  return response?.headers.find(([name]) => name === wanted)?.[1] ?? null
}
