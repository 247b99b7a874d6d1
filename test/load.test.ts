import { hash } from 'node:crypto'
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionDetail, DecisionPage } from '../src/admin/contract.ts'
import type { Receipt } from '../src/core/policy/receipt.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { open } from './parts/raw-socket.ts'
import { type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually, metricOf, type Running } from './parts/running.ts'
import { KEY, PATHS, post, WIRES } from './parts/streams.ts'

/** Callers that are too many, too slow, or gone. */
let upstream: RecordingUpstream
beforeAll(async () => {
  upstream = await startRecordingUpstream()
})
afterAll(() => upstream.close())
afterEach(() => {
  upstream.requests.length = 0
})

const { start, text, end } = WIRES['/v1/messages']
const upstreams = () => `upstreams: {anthropic: '${upstream.url}', openai: '${upstream.url}'}\n`
const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })

async function receiptOf(sluice: Running, model: string): Promise<Receipt> {
  const get = async <T>(path: string) => (await (await fetch(sluice.facts.consoleUrl + path)).json()) as T
  const id = await eventually(async () => {
    const { items } = await get<DecisionPage>('/api/decisions?limit=500')
    return items.find(({ requestedModel }) => requestedModel === model)?.id
  })
  return (await get<DecisionDetail>(`/api/decisions/${id}`)).receipt
}

describe('more requests than fit', () => {
  let sluice: Configured
  const held: ServerResponse[] = []
  /** Kept: an answer that nobody refers to is closed by the client. */
  const replies: Response[] = []
  beforeAll(async () => {
    sluice = await startConfigured(`${upstreams()}limits: {requests_in_flight: 2}`)
    upstream.answer = (_, response) => {
      held.push(response)
      stream(response).write(start)
    }
    for (let i = 0; i < 2; i++) replies.push(await post(sluice.facts.gatewayUrl, '/v1/messages', { stream: true }))
    upstream.requests.length = 0
  })
  afterAll(() => sluice.stop())

  test.each(PATHS)(
    'GW-13: above the bound a request is shed in its own dialect, and told when to come back: %s',
    async (path) => {
      const reply = await post(sluice.facts.gatewayUrl, path)
      const body = (await reply.json()) as { error: { type: string; code?: string } }
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
      if (path === '/v1/messages') expect([reply.status, body.error.type]).toEqual([529, 'overloaded_error'])
      else expect([reply.status, body.error.code]).toEqual([503, 'overloaded'])
      expect(upstream.requests).toHaveLength(0)
    },
  )

  test('GW-13: it is shed before its body is read, and the answer arrives though the body is still being sent', async () => {
    const socket = await open(Number(new URL(sluice.facts.gatewayUrl).port))
    socket.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: 30000000\r\n\r\n{')
    const head = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
    expect(head.toString()).toMatch(/^HTTP\/1\.1 529 /)
    socket.destroy()
    // A connection that is closed while bytes arrive is reset, and the answer with it.
    for (let i = 0; i < 5; i++) {
      const large = await post(sluice.facts.gatewayUrl, '/v1/messages', { padding: 'x'.repeat(8_000_000) })
      expect([large.status, ((await large.json()) as { type: string }).type]).toEqual([529, 'error'])
    }
  })

  test('GW-36: health is answered, what was shed is counted, and afterwards all is well', async () => {
    const shed = await metricOf(sluice, 'sluice_requests_shed_total')
    expect((await fetch(`${sluice.facts.gatewayUrl}/healthz`)).status).toBe(200)
    expect((await post(sluice.facts.gatewayUrl, '/v1/messages')).status).toBe(529)
    expect(await metricOf(sluice, 'sluice_requests_shed_total')).toBe(shed + 1)
    for (const response of held) response.end(text('fine') + end)
    for (const reply of replies) expect(await reply.text()).toBe(start + text('fine') + end)
    await eventually(async () => (await metricOf(sluice, 'sluice_requests_in_flight')) === 0)
    upstream.answer = (_, response) => stream(response).end(start + text('fine') + end)
    expect((await post(sluice.facts.gatewayUrl, '/v1/messages', { stream: true })).status).toBe(200)
  })
})

describe('callers that are slow or gone', () => {
  let sluice: Configured
  beforeAll(async () => {
    sluice = await startConfigured(upstreams() + RULES)
  })
  afterAll(() => sluice.stop())

  function reading(model: string): Promise<IncomingMessage & { readonly asked: ClientRequest }> {
    const { hostname, port } = new URL(sluice.facts.gatewayUrl)
    const asked = httpRequest({ hostname, port, path: '/v1/messages', method: 'POST', headers: KEY, agent: false })
    asked.on('error', () => undefined)
    asked.end(JSON.stringify({ ...WIRES['/v1/messages'].ask, model, stream: true }))
    return new Promise((resolve) => asked.once('response', (response) => resolve(Object.assign(response, { asked }))))
  }

  test('GW-14: while a caller does not read, its upstream is not read, and nothing of the answer is lost', async () => {
    const comment = `: ${'x'.repeat(16_000)}\n\n`
    const total = 3_500
    let sent = 0
    upstream.answer = (_, response) => {
      stream(response).write(start)
      const more = () => {
        for (let room = true; room && sent < total; sent++) room = response.write(comment)
        if (sent === total) response.off('drain', more).end(text('fine') + end)
      }
      response.on('drain', more)
      more()
    }
    const reply = await reading('slow')
    let before = -1
    for (let still = 0; still < 20; await new Promise((resolve) => setTimeout(resolve, 50))) {
      still = sent === before ? still + 1 : 0
      before = sent
    }
    // What left is in the kernel's buffers on the way: far from all of it, and no more of it goes.
    expect(sent).toBeGreaterThan(10)
    expect(sent).toBeLessThan(total / 2)
    const got: Buffer[] = []
    for await (const piece of reply) got.push(piece as Buffer)
    expect(sent).toBe(total)
    const whole = start + comment.repeat(total) + text('fine') + end
    expect(hash('sha256', Buffer.concat(got))).toBe(hash('sha256', whole))
  })

  /** The least of a few tries: a busy machine is late now and then. */
  async function abortDelay(
    start_: (response: ServerResponse) => void,
    model: string,
    streamed: boolean,
  ): Promise<number> {
    const delays: number[] = []
    for (let i = 0; i < 5 && Math.min(...delays) >= 100; i++) {
      let asked = false
      let closedAt = 0
      upstream.answer = (_, response) => {
        response.once('close', () => (closedAt = performance.now()))
        start_(response)
        asked = true
      }
      const gone = new AbortController()
      const reply = post(sluice.facts.gatewayUrl, '/v1/messages', { model, stream: streamed }, gone.signal)
      const over = reply.then((one) => one.text()).catch(() => undefined)
      await eventually(async () => asked)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const leftAt = performance.now()
      gone.abort()
      await over
      await eventually(async () => closedAt > 0)
      delays.push(closedAt - leftAt)
    }
    return Math.min(...delays)
  }

  test('GW-15: a caller that goes away before the head of an answer aborts the upstream, and is on record', async () => {
    expect(await abortDelay(() => undefined, 'gone-early', false)).toBeLessThan(100)
    expect(await abortDelay(() => undefined, 'gone-early-stream', true)).toBeLessThan(100)
    for (const model of ['gone-early', 'gone-early-stream'])
      expect(await receiptOf(sluice, model)).toMatchObject({ end: 'client_gone', servedModel: null, usage: null })
  })

  test('GW-15: … in the middle of a whole answer', async () => {
    const half = (response: ServerResponse) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":"msg_1",')
    expect(await abortDelay(half, 'gone-half', false)).toBeLessThan(100)
    expect(await receiptOf(sluice, 'gone-half')).toMatchObject({ end: 'client_gone', usage: null })
  })

  test('GW-15: … in the middle of a stream, whose tokens are metered by a floor that says it is one', async () => {
    const words = 'word '.repeat(80)
    const some = (response: ServerResponse) => stream(response).write(start + text(words))
    expect(await abortDelay(some, 'gone-stream', true)).toBeLessThan(100)
    const { end: how, usage } = await receiptOf(sluice, 'gone-stream')
    expect([how, usage]).toEqual([
      'client_gone',
      { inputTokens: 5, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, estimated: true },
    ])
  })

  test('GW-12: with `lag`, order is kept and text leaves as soon as its window has passed', async () => {
    // A rule of at most 9 characters: text leaves once 320 more have been read, and a decision falls every 256.
    const window = 320
    const decided = 256
    const piece = 16
    let got = ''
    let sent = 0
    upstream.answer = (_, response) => {
      stream(response).write(start)
      void (async () => {
        for (; sent < 1600; sent += piece) {
          // Goes on only when the caller has all that is due: a text that is held longer never ends.
          const due = Math.floor(Math.min(sent - window, Math.floor(sent / decided) * decided) / piece) * piece
          await eventually(async () => got.length >= due)
          response.write(text(WORDS.slice(sent, sent + piece)))
        }
        response.end(end)
      })().catch(() => response.destroy())
    }
    const reply = await post(sluice.facts.gatewayUrl, '/v1/messages', { model: 'lagging', stream: true })
    expect(reply.headers.get('x-sluice-guard')).toBe('lag')
    const decoder = new TextDecoder()
    let raw = ''
    let early = 0
    for await (const bytes of reply.body!) {
      raw += decoder.decode(bytes, { stream: true })
      got = [...raw.matchAll(/"type":"text_delta","text":"([^"]*)"/g)].map(([, one]) => one).join('')
      if (sent < 1600) early = Math.max(early, got.length - (sent + piece - window))
    }
    expect(got).toBe(WORDS.slice(0, 1600))
    expect(early).toBeLessThanOrEqual(0)
  })
})
const WORDS = Array.from({ length: 400 }, (_, i) => `tree${i} `).join('')

describe('an end that is asked for', () => {
  test('SIGTERM: streams that run end whole, nobody new is let in, and the exit code is 0', async () => {
    // Long enough to tell: whoever waits for connections that are merely kept alive would wait all of it.
    const sluice = await startConfigured(`${upstreams()}drain_s: 60`)
    let running: ServerResponse | null = null
    upstream.answer = (_, response) => {
      running = response
      stream(response).write(start)
    }
    const reply = await post(sluice.facts.gatewayUrl, '/v1/messages', { stream: true })
    const whole = reply.text()
    const ended = new Promise<number | null>((resolve) => sluice.process.once('exit', resolve))
    sluice.process.kill('SIGTERM')
    const port = Number(new URL(sluice.facts.gatewayUrl).port)
    await eventually(async () => {
      const socket = await open(port).catch(() => null)
      socket?.destroy()
      return socket === null
    })
    running!.end(text('fine') + end)
    expect(await whole).toBe(start + text('fine') + end)
    const askedAt = performance.now()
    expect(await ended).toBe(0)
    expect(performance.now() - askedAt).toBeLessThan(30_000)
    await sluice.stop()
  })

  test('SIGTERM: a stream that outlasts the time to drain ends with an error of its protocol, and leaves its receipt', async () => {
    const first = await startConfigured(`${upstreams()}drain_s: 1`)
    upstream.answer = (_, response) => void stream(response).write(start + text('word '.repeat(80)))
    const reply = await post(first.facts.gatewayUrl, '/v1/messages', { model: 'cut', stream: true })
    const cut = reply.text().catch(() => 'cut')
    const ended = new Promise<number | null>((resolve) => first.process.once('exit', resolve))
    first.process.kill('SIGTERM')
    expect([await ended, await cut]).toEqual([
      0,
      expect.stringMatching(/word .*event: error\ndata: .*overloaded_error.*\n\n$/s),
    ])
    const second = await startConfigured(upstreams(), { folder: first.folder })
    expect(await receiptOf(second, 'cut')).toMatchObject({ end: 'error', usage: { outputTokens: 100 } })
    await second.stop()
    await first.stop()
  })
})
