import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UpstreamRequest } from '../src/gateway/ports.ts'
import { openUpstreams, type PooledUpstreams, type UpstreamSettings } from '../src/io/upstream/undici-upstreams.ts'
import { closedPort } from './parts/closed-port.ts'

/** The pools towards model APIs, over real sockets. */
const cleanups: (() => unknown)[] = []
let upstreams: PooledUpstreams
let gone: AbortController
beforeEach(() => {
  gone = new AbortController()
})
afterEach(async () => {
  gone.abort()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function open(urls: readonly string[], some: Partial<UpstreamSettings> = {}): void {
  upstreams = openUpstreams({
    urls: { anthropic: urls },
    credentials: { anthropic: null, openai: null },
    connections: 8,
    firstByteTimeoutMs: 60_000,
    silenceTimeoutMs: 60_000,
    ...some,
  })
  const opened = upstreams
  cleanups.push(() => opened.close().catch(() => undefined))
}

const request = (signal = gone.signal): UpstreamRequest => ({
  dialect: 'anthropic',
  method: 'POST',
  path: '/v1/messages',
  headers: {},
  body: '{}',
  signal,
  credential: 'caller',
})
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('back-pressure', () => {
  test('GW-14: an answer that nobody takes is held in 128 KiB at most, and its upstream is not read', async () => {
    let accepted = 0
    const url = await listen((_, response) => {
      const more = () => {
        for (let room = true; room && !response.destroyed; accepted += 64 * 1024)
          room = response.write(Buffer.alloc(64 * 1024, 'x'))
      }
      response.on('drain', more)
      more()
    })
    open([url])
    const chunks = (await upstreams.send(request())).chunks[Symbol.asyncIterator]()
    let before = -1
    for (let still = 0; still < 10 || accepted === 0; await pause(50)) {
      still = accepted === before ? still + 1 : 0
      before = accepted
    }
    const { value } = await chunks.next()
    expect(value.length).toBeGreaterThan(0)
    expect(value.length).toBeLessThanOrEqual(128 * 1024)
    // Whoever goes on reading gets more than ever was held.
    for (let read = 0; read < 8 * 1024 * 1024; ) read += (await chunks.next()).value.length
    await chunks.return!()
  })

  for (const framing of ['content-length', 'chunked'])
    for (const size of [60_000, 70_000, 130_000, 200_000, 300_000, 700_000])
      test(`a reader that comes late gets all ${size} bytes and the end, ${framing}`, async () => {
        const url = await listen((_, response) => {
          if (framing === 'content-length') response.setHeader('content-length', size)
          response.end(Buffer.alloc(size, 'x'))
        })
        open([url])
        const answer = await upstreams.send(request())
        let read = 0
        await pause(60)
        for await (const chunk of answer.chunks) {
          read += chunk.length
          await pause(20)
        }
        expect(read).toBe(size)
        const whole = await upstreams.send(request())
        await pause(60)
        expect((await whole.whole()).length).toBe(size)
      })
})

describe('time to the first byte', () => {
  test('GW-31: it counts the wait for a free connection, and a busy host is not taken for down', async () => {
    const asked: string[] = []
    const url = await listen((incoming, response) => {
      asked.push(incoming.url ?? '')
      response.writeHead(200).write('x')
    })
    open([url], { connections: 1, firstByteTimeoutMs: 300 })
    const first = await upstreams.send(request())
    for (let i = 0; i < 6; i++)
      await expect(upstreams.send(request())).rejects.toMatchObject({ code: 'upstream_timeout' })
    expect(upstreams.ill()).toEqual([])
    first.cancel()
    const after = await upstreams.send(request())
    // What was given up while it waited is not sent later.
    expect(asked).toHaveLength(2)
    after.cancel()
  })

  test('a caller that goes away while its request waits for a connection is told at once', async () => {
    const url = await listen((_, response) => response.writeHead(200).write('x'))
    open([url], { connections: 1 })
    const first = await upstreams.send(request())
    const waiting = upstreams.send(request(AbortSignal.timeout(100)))
    await expect(waiting).rejects.not.toHaveProperty('code', 'upstream_timeout')
    await expect(upstreams.send(request(AbortSignal.abort()))).rejects.toBeInstanceOf(Error)
    first.cancel()
  })
})

describe('several hosts', () => {
  test('GW-32: the next host is asked while one is down, and requests sent twice stay a tenth', async () => {
    let answered = 0
    const url = await listen((_, response) => {
      answered++
      response.end('ok')
    })
    open([await closedPort(), await closedPort(), await closedPort(), url])
    const outcomes: boolean[] = []
    for (let i = 0; i < 40; i++)
      outcomes.push(
        await upstreams.send(request()).then(
          async (answer) => (await answer.whole()).length > 0,
          () => false,
        ),
      )
    // Three hosts are down: what was saved pays for the first requests, and then nobody is asked more often than allowed.
    expect(outcomes.slice(0, 3)).toEqual([true, true, true])
    expect(outcomes.slice(3)).toContain(false)
    // Once the breakers know, no request is sent twice, and all are answered.
    expect(outcomes.slice(-20)).not.toContain(false)
    expect(upstreams.ill()).toHaveLength(3)
    expect(answered).toBe(outcomes.filter(Boolean).length)
  })

  test('a request that left is not sent to another host', async () => {
    let other = 0
    const cut = await listen((incoming, response) => {
      incoming.resume().on('end', () => response.destroy())
    })
    const spare = await listen((_, response) => {
      other++
      response.end('ok')
    })
    open([cut, spare])
    await expect(upstreams.send(request())).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(other).toBe(0)
  })

  test('GW-34: pools that close still let a request find its second host', async () => {
    const url = await listen((_, response) => response.end('ok'))
    open([await closedPort(), url])
    const answer = upstreams.send(request())
    void upstreams.close()
    expect(Buffer.from(await (await answer).whole()).toString()).toBe('ok')
  })
})
