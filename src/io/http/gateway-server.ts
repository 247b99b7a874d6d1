import { isUtf8 } from 'node:buffer'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Counters, type Sink, STOPPING, type WireReply, type WireRequest } from '../../gateway/ports.ts'
import { type BodyMemory, createBodyMemory } from './body-memory.ts'
import { capConnections } from './connection-caps.ts'
import { type BodyFault, decoded, RejectedBody, readBody } from './request-body.ts'
import { headFault } from './request-head.ts'

export interface ConnectionLimits {
  /** From the opening of a connection, or its first byte after an answer, to the end of the head. */
  readonly headersTimeoutMs?: number
  readonly idleBodyTimeoutMs?: number
  readonly maxConnections?: number
  readonly maxConnectionsPerAddress?: number
  /** Bodies of all requests together. */
  readonly maxHeldBytes?: number
}

export interface GatewayServerSettings extends ConnectionLimits {
  readonly host: string
  readonly port: number
  /** Other processes listen on it, too, and the kernel shares the connections out. */
  readonly sharesPort?: boolean
  readonly maxBodyBytes: number
  readonly counters: Pick<Counters, 'inFlight' | 'shed'>
  /** Whether one more request would be too many: asked before its body is read. */
  overloaded(): boolean
  route(request: WireRequest): Promise<WireReply>
  /** What the server cannot hand on: the caller still gets an answer in its own protocol. */
  reject(head: Pick<WireRequest, 'path' | 'headers'>, why: BodyFault, mostBytes: number): WireReply
}

export interface GatewayServer {
  readonly port: number
  /** Stops listening, lets running answers finish within `graceMs`, then ends what is left. */
  close(graceMs: number): Promise<void>
}

/** Bounds on callers that do nothing (threats.md T32). */
export const CONNECTION_LIMITS: Required<ConnectionLimits> = {
  headersTimeoutMs: 10_000,
  idleBodyTimeoutMs: 30_000,
  maxConnections: 20_000,
  maxConnectionsPerAddress: 10_000,
  maxHeldBytes: 1024 * 1024 * 1024,
}

/** Bodies that a hook takes in any case (wire.md §14): a vendor takes a refused one for a failure, never for a no. */
const LEAST_HOOK_BYTES = 10 * 1024 * 1024
/** Paths that need no credential and count as no load take a note of a few thousand characters, and no more. */
const MOST_ELSEWHERE_BYTES = 64 * 1024
/** How long the body of a request that was turned away is still read, so that the answer is not lost with it. */
const LINGER_MS = 1_000
/** How long answers that were ended have to leave their receipts. */
const END_MS = 2_000
/** How long the last bytes of an answer may take to leave. */
const FLUSH_MS = 100

/** Answers that run, and whether new ones are still wanted. */
interface Running {
  /** Each by what ends it early. */
  readonly served: Map<AbortController, Promise<void>>
  closing: boolean
}

/** The data plane's listener: plain `node:http`, strict parser, no framework. */
export function startGatewayServer(settings: GatewayServerSettings): Promise<GatewayServer> {
  const limits = { ...CONNECTION_LIMITS, ...settings }
  const memory = createBodyMemory(limits.maxHeldBytes)
  const running: Running = { served: new Map(), closing: false }
  const server = createServer(
    {
      // Whatever the environment says: a lenient parser is how requests are smuggled.
      insecureHTTPParser: false,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 64 * 1024,
      joinDuplicateHeaders: true,
      noDelay: true,
    },
    (incoming, outgoing) => {
      if (running.closing) outgoing.setHeader('connection', 'close')
      // A fault in one reply ends that connection, not the process.
      const gone = new AbortController()
      const served = serve(incoming, outgoing, settings, limits.idleBodyTimeoutMs, memory, gone).catch(
        () => void outgoing.destroy(),
      )
      running.served.set(gone, served)
      void served.then(() => running.served.delete(gone))
      // A connection that becomes idle while the listener closes has nothing to wait for.
      outgoing.once('close', () => running.closing && setImmediate(() => server.closeIdleConnections()))
    },
  )
  capConnections(server, limits.maxConnections, limits.maxConnectionsPerAddress)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: settings.port, host: settings.host, reusePort: settings.sharesPort === true }, () => {
      server.off('error', reject)
      resolve({ port: (server.address() as AddressInfo).port, close: (graceMs) => close(server, running, graceMs) })
    })
  })
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  settings: GatewayServerSettings,
  idleBodyMs: number,
  memory: BodyMemory,
  gone: AbortController,
): Promise<void> {
  const arrivedMs = performance.now()
  const fault = headFault(incoming)
  if (fault !== null) return write(outgoing, unreadable(fault))
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
  const { counters } = settings
  // What keeps the service alive is answered whatever the load.
  const hooked = head.path.startsWith('/hooks/')
  const counted = hooked || head.path.startsWith('/v1/')
  // A hook is never shed: it costs no upstream, and keeps to its own time.
  if (counted && !hooked && settings.overloaded()) {
    counters.shed++
    return turnAway(incoming, outgoing, settings.reject(head, 'overloaded', 0))
  }
  if (counted) {
    counters.inFlight++
    outgoing.once('close', () => counters.inFlight--)
  }
  const share = memory.open()
  outgoing.once('close', share.release)
  try {
    const taken = hooked ? Math.max(settings.maxBodyBytes, LEAST_HOOK_BYTES) : settings.maxBodyBytes
    const bytes = await readBody(incoming, counted ? taken : MOST_ELSEWHERE_BYTES, idleBodyMs, share)
    const plain = await decoded(bytes, head.headers['content-encoding'], taken)
    // A few kilobytes may have become millions: they count as what they are.
    if (plain !== bytes && !share.take(plain.length)) throw new RejectedBody('overloaded')
    const text = plain.length === 0 ? '' : isUtf8(plain) ? plain.toString('utf8') : null
    reply = await settings.route({ ...head, bytes, text, signal: gone.signal, arrivedMs })
  } catch (error) {
    if (!(error instanceof RejectedBody)) return void outgoing.destroy()
    return turnAway(incoming, outgoing, settings.reject(head, error.why, error.mostBytes))
  }
  await write(outgoing, reply)
}

/** Of no protocol's, as the parser's own 400: what comes after it on the connection is not read. */
function unreadable(message: string): WireReply {
  const headers = { 'content-type': 'application/json', connection: 'close' }
  return { status: 400, headers, body: JSON.stringify({ error: { message } }) }
}

/**
 * Answers a request whose body is not wanted, and then closes. What the client still sends is read for a moment and
 * dropped: closing at once would reset the connection, and a client that is still sending would never see the answer.
 */
function turnAway(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: WireReply): void {
  const bytes = Buffer.from(body as string)
  outgoing.writeHead(status, {
    ...(headers as Record<string, string>),
    connection: 'close',
    'content-length': String(bytes.byteLength),
  })
  outgoing.write(bytes)
  const end = () => {
    clearTimeout(timer)
    outgoing.end()
  }
  const timer = setTimeout(end, LINGER_MS)
  incoming.removeAllListeners('data')
  incoming.once('close', end)
  incoming.once('end', end)
  incoming.resume()
}

async function write(outgoing: ServerResponse, reply: WireReply): Promise<void> {
  const { status, headers, body } = reply
  if (typeof body !== 'function') {
    if (outgoing.destroyed) return
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const length = status === 204 ? {} : { 'content-length': String(bytes.byteLength) }
    outgoing.writeHead(status, { ...(headers as Record<string, string>), ...length })
    return void outgoing.end(status === 204 ? undefined : bytes)
  }
  // A stream runs also when its caller is gone already: it ends its upstream, and leaves its receipt.
  if (!outgoing.destroyed) outgoing.writeHead(status, headers as Record<string, string>)
  let begun = false
  // Headers usually leave together with the first bytes; an answer that is slow to begin shows its head at once.
  setImmediate(() => {
    if (!begun && !outgoing.destroyed) outgoing.flushHeaders()
  })
  const sink: Sink = {
    get gone() {
      return outgoing.destroyed
    },
    sent: () => new Promise<void>((resolve) => void setImmediate(resolve)),
    write(chunk) {
      begun = true
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

async function close(server: Server, running: Running, graceMs: number): Promise<void> {
  running.closing = true
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => void cutOff(server, running), graceMs)
  await closed
  clearTimeout(timer)
  await Promise.race([Promise.all(running.served.values()), endMs()])
}

/** Time is up: who still waits is told so, and then every connection goes. */
async function cutOff(server: Server, running: Running): Promise<void> {
  for (const gone of running.served.keys()) gone.abort(STOPPING)
  await Promise.race([Promise.all(running.served.values()), endMs()])
  // What was written last is on its way before its connection goes.
  server.closeIdleConnections()
  await new Promise((resolve) => void setTimeout(resolve, FLUSH_MS).unref())
  server.closeAllConnections()
}

function endMs(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, END_MS).unref())
}
