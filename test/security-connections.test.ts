import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CONNECTION_LIMITS, type GatewayServer, startGatewayServer } from '../src/io/http/gateway-server.ts'
import { converse, open } from './parts/raw-socket.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { type Running, startRunning } from './parts/running.ts'

/** Callers that do nothing, or next to nothing, for as long as they are let. */

const HEAD = 'POST /v1/messages HTTP/1.1\r\nHost: a\r\nx-api-key: sk-test\r\n'

describe('GW-27: limits, short for the test', () => {
  const HEADERS_MS = 1_000
  const IDLE_MS = 1_500
  /** Sweeps are a second apart, and the machine is shared. */
  const SLACK_MS = 6_000
  let server: GatewayServer
  let routed = 0
  beforeAll(async () => {
    server = await startGatewayServer({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1024 * 1024,
      counters: { inFlight: 0, shed: 0 },
      headersTimeoutMs: HEADERS_MS,
      idleBodyTimeoutMs: IDLE_MS,
      maxConnectionsPerAddress: 20,
      maxConnections: 30,
      maxHeldBytes: 300_000,
      overloaded: () => false,
      async route(request) {
        routed++
        return { status: 200, headers: {}, body: String(request.bytes.length) }
      },
      reject: (_, why) => ({ status: 400, headers: {}, body: why }),
    })
  })
  afterAll(() => server.close(0))
  afterEach(() => {
    routed = 0
  })

  /** Bytes one by one, slowly: `n` of them. */
  const drip = (text: string, everyMs: number) => [...text].flatMap((one) => [one, everyMs])
  const stops: [name: string, pieces: (string | number)[], leastMs: number][] = [
    ['nothing at all', [], HEADERS_MS],
    ['half a request line', ['POST /v1/mess'], HEADERS_MS],
    ['a head without its end', [HEAD], HEADERS_MS],
    ['a head byte by byte', [HEAD, ...drip('X-A: slow and steady wins no race at all today\r\n', 100)], HEADERS_MS],
    ['a header at a time', [HEAD, ...Array.from({ length: 30 }, (_, i) => [`X-${i}: a\r\n`, 200]).flat()], HEADERS_MS],
    ['a body that does not come', [`${HEAD}Content-Length: 100\r\n\r\n`], IDLE_MS],
    ['a body that stops', [`${HEAD}Content-Length: 100\r\n\r\n{"mod`], IDLE_MS],
    ['a body byte by byte', [`${HEAD}Content-Length: 100\r\n\r\n`, ...drip('x'.repeat(80), 100)], IDLE_MS],
    [
      'chunks of one byte',
      [`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, ...Array.from({ length: 80 }, () => ['1\r\nx\r\n', 100]).flat()],
      IDLE_MS,
    ],
    ['chunks without an end', [`${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`], IDLE_MS],
  ]
  for (const [name, pieces, leastMs] of stops)
    test.concurrent(`GW-27: ${name}: the connection is ended`, async () => {
      const began = performance.now()
      const socket = await open(server.port)
      socket.on('error', () => undefined).resume()
      const ended = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now() - began)))
      void (async () => {
        for (const piece of pieces) {
          if (socket.destroyed) return
          if (typeof piece === 'number') await new Promise((resolve) => setTimeout(resolve, piece))
          else socket.write(piece)
        }
      })()
      const ms = await Promise.race([
        ended,
        new Promise<number>((resolve) => setTimeout(() => resolve(Number.POSITIVE_INFINITY), leastMs + SLACK_MS)),
      ])
      socket.destroy()
      // Not at once either: slow callers are served.
      expect(ms).toBeGreaterThan(leastMs * 0.9)
      expect(ms).toBeLessThan(leastMs + SLACK_MS)
    })

  test('GW-27: a slow caller that makes progress is served', async () => {
    const body = 'x'.repeat(1200)
    const pieces = [1, 2, 3, 4].flatMap(() => [body, 600])
    const { responses } = await converse(server.port, [`${HEAD}Content-Length: 4800\r\n\r\n`, ...pieces], {
      withinMs: 300,
    })
    expect(responses.map(({ status, body: said }) => [status, said.toString()])).toEqual([[200, '4800']])
    expect(routed).toBe(1)
  })

  test('GW-27: bodies that are held open leave no more room than there is, and give it back', async () => {
    const ask = (declared: number, sent: number, withinMs = 700) =>
      converse(server.port, [`${HEAD}Content-Length: ${declared}\r\n\r\n`, 'x'.repeat(sent)], { withinMs })
    const told = async (asked: ReturnType<typeof ask>) => (await asked).responses.map(({ body }) => body.toString())
    const holders = [ask(200_000, 140_000), ask(200_000, 140_000)]
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await told(ask(100_000, 100_000, 300))).toEqual(['overloaded'])
    expect(await told(ask(100, 100, 100))).toEqual(['100'])
    await Promise.all(holders)
    const packed = gzipSync(Buffer.alloc(400_000, 32))
    const head = `${HEAD}Content-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`
    expect(await told(converse(server.port, [head, packed], { withinMs: 300 }))).toEqual(['overloaded'])
    for (let i = 0; i < 5; i++) expect(await told(ask(100_000, 100_000, 200))).toEqual(['100000'])
  })

  test('GW-27: one address fills its own share and no more', async () => {
    const opened: Socket[] = []
    const closed: Socket[] = []
    for (let i = 0; i < 25; i++) {
      const socket = await open(server.port, '127.0.0.2')
      socket.on('error', () => undefined).resume()
      socket.once('close', () => closed.push(socket))
      opened.push(socket)
    }
    const ask = `${HEAD}Content-Length: 2\r\n\r\n{}`
    expect((await converse(server.port, ask, { withinMs: 500, from: '127.0.0.3' })).responses).toHaveLength(1)
    expect(closed).toHaveLength(5)
    const more = await Promise.all(Array.from({ length: 15 }, () => open(server.port, '127.0.0.4')))
    for (const socket of more) socket.on('error', () => undefined).resume()
    // In total as well: those above the bound are closed unread.
    expect((await converse(server.port, ask, { withinMs: 500, from: '127.0.0.5' })).responses).toHaveLength(0)
    for (const socket of [...opened, ...more]) socket.destroy()
  })
})

describe('GW-27: two thousand idle connections', () => {
  let upstream: RecordingUpstream
  let sluice: Running
  beforeAll(async () => {
    upstream = await startRecordingUpstream()
    upstream.answer = (_, response) => json(response, 200, MESSAGE)
    sluice = await startRunning({ env: { ANTHROPIC_UPSTREAM_URL: upstream.url, SLUICE_CONTENT: 'none' } })
  })
  afterAll(async () => {
    await sluice.stop()
    await upstream.close()
  })

  test('GW-27: all are ended by the limits that ship, while others are served and /healthz answers', async () => {
    expect(CONNECTION_LIMITS).toMatchObject({ headersTimeoutMs: 10_000, idleBodyTimeoutMs: 30_000 })
    const port = Number(new URL(sluice.facts.gatewayUrl).port)
    const starts = ['', 'GET /heal', HEAD, `${HEAD}X-A: b\r\n`]
    let ended = 0
    const sockets: Socket[] = []
    for (let i = 0; i < 2_000; i += 50)
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => open(port)))))
    for (const [i, socket] of sockets.entries()) {
      socket.on('error', () => undefined).resume()
      socket.once('close', () => ended++)
      socket.write(starts[i % starts.length]!)
    }
    const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] })
    const headers = { 'content-type': 'application/json', 'x-api-key': 'sk-test' }
    const until = performance.now() + 40_000
    let answered = 0
    while (ended < sockets.length && performance.now() < until) {
      const [health, message] = await Promise.all([
        fetch(`${sluice.facts.gatewayUrl}/healthz`, { signal: AbortSignal.timeout(3_000) }),
        fetch(`${sluice.facts.gatewayUrl}/v1/messages`, { method: 'POST', headers, body }),
      ])
      expect([health.status, message.status]).toEqual([200, 200])
      await Promise.all([health.arrayBuffer(), message.arrayBuffer()])
      answered++
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    for (const socket of sockets) socket.destroy()
    expect(ended).toBe(sockets.length)
    expect(answered).toBeGreaterThan(20)
  })
})
