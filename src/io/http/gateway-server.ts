import { isUtf8 } from 'node:buffer'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, zstdDecompress } from 'node:zlib'
import type { Sink, WireReply, WireRequest } from '../../gateway/ports.ts'

/** What the server cannot hand on: the caller still gets an answer in its own protocol. */
export type Rejection = 'body_too_large' | 'content_encoding' | 'body_invalid'

export interface GatewayServerSettings {
  readonly host: string
  readonly port: number
  readonly maxBodyBytes: number
  route(request: WireRequest): Promise<WireReply>
  reject(head: Pick<WireRequest, 'path' | 'headers'>, why: Rejection): WireReply
}

export interface GatewayServer {
  readonly port: number
  /** Stops listening, lets running answers finish within `graceMs`, then ends what is left. */
  close(graceMs: number): Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const IDLE_BODY_TIMEOUT_MS = 30_000

class RejectedBody extends Error {
  readonly why: Rejection
  constructor(why: Rejection) {
    super(why)
    this.why = why
  }
}

/** The data plane's listener: plain `node:http`, strict parser, no framework. */
export function startGatewayServer(settings: GatewayServerSettings): Promise<GatewayServer> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 64 * 1024,
      joinDuplicateHeaders: true,
      noDelay: true,
    },
    (incoming, outgoing) => void serve(incoming, outgoing, settings),
  )
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, settings.host, () => {
      server.off('error', reject)
      resolve({ port: (server.address() as AddressInfo).port, close: (graceMs) => close(server, graceMs) })
    })
  })
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  settings: GatewayServerSettings,
): Promise<void> {
  const arrivedMs = performance.now()
  const gone = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort()
  })
  const url = incoming.url ?? '/'
  const query = url.indexOf('?')
  const head = {
    method: incoming.method ?? 'GET',
    path: query < 0 ? url : url.slice(0, query),
    search: query < 0 ? '' : url.slice(query),
    headers: incoming.headers as Record<string, string>,
  }
  let reply: WireReply
  try {
    const bytes = await readBody(incoming, settings.maxBodyBytes)
    const plain = await decoded(bytes, head.headers['content-encoding'], settings.maxBodyBytes)
    const text = plain.length === 0 ? '' : isUtf8(plain) ? plain.toString('utf8') : null
    reply = await settings.route({ ...head, bytes, text, signal: gone.signal, arrivedMs })
  } catch (error) {
    if (!(error instanceof RejectedBody)) return void outgoing.destroy()
    reply = settings.reject(head, error.why)
    // The rest of the body is not wanted; closing says so to a client that is still sending.
    outgoing.setHeader('connection', 'close')
  }
  await write(outgoing, reply)
}

/** Requests whose body is still arriving, with the time of their last bytes: one sweep for all, no timer each. */
const reading = new Map<IncomingMessage, number>()
setInterval(() => {
  const now = performance.now()
  for (const [incoming, lastMs] of reading) if (now - lastMs > IDLE_BODY_TIMEOUT_MS) incoming.destroy()
}, 1000).unref()

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = incoming.headers['content-length']
  if (declared === undefined && incoming.headers['transfer-encoding'] === undefined) return Buffer.alloc(0)
  if (declared !== undefined && Number(declared) > maxBytes) throw new RejectedBody('body_too_large')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    reading.set(incoming, performance.now())
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      reading.set(incoming, performance.now())
      if (size <= maxBytes) return void chunks.push(chunk)
      incoming.pause()
      reject(new RejectedBody('body_too_large'))
    })
    incoming.on('end', () => {
      reading.delete(incoming)
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    })
    incoming.on('error', reject)
    incoming.on('close', () => {
      // Every request closes in the end; an error, with its stack, is made only for one that was cut off.
      if (incoming.complete) return
      reading.delete(incoming)
      reject(new Error('the caller went away'))
    })
  })
}

const decoders = { gzip: promisify(gunzip), br: promisify(brotliDecompress), zstd: promisify(zstdDecompress) }

/** The body as the model will read it. Bounded by its decoded size, so that a small bomb stays small. */
async function decoded(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || bytes.length === 0) return bytes
  const decode = decoders[encoding as keyof typeof decoders]
  if (decode === undefined) throw new RejectedBody('content_encoding')
  try {
    return (await decode(bytes, { maxOutputLength: maxBytes })) as Buffer
  } catch (error) {
    const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    throw new RejectedBody(tooLarge ? 'body_too_large' : 'body_invalid')
  }
}

async function write(outgoing: ServerResponse, reply: WireReply): Promise<void> {
  if (outgoing.destroyed) return
  const { status, headers, body } = reply
  if (typeof body !== 'function') {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const length = status === 204 ? {} : { 'content-length': String(bytes.byteLength) }
    outgoing.writeHead(status, { ...(headers as Record<string, string>), ...length })
    return void outgoing.end(status === 204 ? undefined : bytes)
  }
  outgoing.writeHead(status, headers as Record<string, string>)
  // Headers usually leave together with the first bytes; an answer that is slow to begin shows its head at once.
  setImmediate(() => {
    if (!outgoing.headersSent && !outgoing.destroyed) outgoing.flushHeaders()
  })
  const sink: Sink = {
    get gone() {
      return outgoing.destroyed
    },
    write(chunk) {
      if (outgoing.destroyed || outgoing.write(chunk)) return undefined
      return new Promise<void>((resolve) => {
        const done = () => {
          outgoing.off('drain', done)
          outgoing.off('close', done)
          resolve()
        }
        outgoing.once('drain', done)
        outgoing.once('close', done)
      })
    },
  }
  try {
    await body(sink)
    outgoing.end()
  } catch {
    // The stream reports its own faults and ends with an error event; what reaches this point could not even do that.
    outgoing.destroy()
  }
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
