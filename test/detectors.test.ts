import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Opinion } from '../src/gateway/ports.ts'
import { type CallSettings, type DetectorCalls, openCalls } from '../src/io/detectors/detector-calls.ts'
import { MOST_OUTSTANDING, openThreadCalls, type ThreadCalls } from '../src/io/detectors/thread-calls.ts'
import {
  body,
  type DetectorServer,
  drip,
  type Say,
  silence,
  startDetectorServer,
  status,
} from './parts/detector-server.ts'

/** Calls to a detector: to a remote one, against a real server, and to one in a thread. Budgets, breaker, hedging. */
let server: DetectorServer
const open: DetectorCalls[] = []
beforeAll(async () => {
  server = await startDetectorServer()
})
afterAll(async () => {
  await server.close()
  await Promise.all(open.map((calls) => calls.close()))
})
beforeEach(() => {
  server.requests.length = 0
})

const SCORED: Opinion = { kind: 'scored', ppm: [1] }
const read = (value: unknown) => ((value as { fine?: boolean }).fine === true ? SCORED : null)
const fine = body({ fine: true })

function calls(some: Partial<CallSettings> = {}): DetectorCalls {
  const breaker = { failures: 1000, openMs: 1000 }
  const made = openCalls({ url: server.url, headers: {}, hedgeAfterMs: null, breaker, ...some })
  open.push(made)
  return made
}
const ask = (to: DetectorCalls, budgetMs = 5_000) => to.post('/x', {}, read, AbortSignal.timeout(budgetMs))
const later =
  (ms: number, say: Say): Say =>
  (response, request) =>
    void setTimeout(() => say(response, request), ms)

test('GW-32: every way of not answering is its own code, within the budget', async () => {
  const cases: [name: string, say: Say, code: string][] = [
    ['silence', silence, 'timeout'],
    ['slow drip', drip, 'timeout'],
    ['500', status(500), 'status'],
    ['a redirect', status(307, { location: `${server.url}/elsewhere` }), 'status'],
    ['wrong JSON', body({ fine: 'no' }), 'invalid'],
    ['no JSON', (response) => void response.end('<html>'), 'invalid'],
    ['no UTF-8', (response) => void response.end(Buffer.from([0x7b, 0xff, 0x7d])), 'invalid'],
    ['an answer without end', (response) => void response.end(`{"fine":true${' '.repeat(1024 * 1024)}}`), 'invalid'],
    ['a reset', (response) => void response.destroy(), 'unreachable'],
  ]
  const to = calls()
  for (const [name, say, code] of cases) {
    server.says['/x'] = say
    expect([name, await ask(to, 400)]).toEqual([name, { kind: 'unavailable', code }])
  }
  expect(server.asked()).not.toContain('/elsewhere')
  server.says['/x'] = fine
  expect(await ask(to)).toEqual(SCORED)
})

test('GW-32: flapping: the breaker opens, asks nobody, lets one probe through, and closes', async () => {
  const to = calls({ breaker: { failures: 3, openMs: 600 } })
  server.says['/x'] = status(503)
  for (let i = 0; i < 3; i++) await ask(to)
  expect(to.state).toBe('open')
  expect(await ask(to)).toEqual({ kind: 'unavailable', code: 'breaker_open' })
  expect(server.requests).toHaveLength(3)
  await new Promise((resolve) => setTimeout(resolve, 700))
  // Half-open: of many at once, one is let through; it fails, and the breaker is open again.
  server.says['/x'] = later(100, status(503))
  const probes = await Promise.all(Array.from({ length: 5 }, () => ask(to)))
  expect(probes.filter((one) => one.kind === 'unavailable' && one.code === 'breaker_open')).toHaveLength(4)
  expect(server.requests).toHaveLength(4)
  await new Promise((resolve) => setTimeout(resolve, 700))
  server.says['/x'] = fine
  expect(await ask(to)).toEqual(SCORED)
  expect(to.state).toBe('closed')
})

test('GW-32: what speaks against one question alone does not open the breaker for all', async () => {
  const to = calls({ breaker: { failures: 2, openMs: 60_000 } })
  server.says['/x'] = status(400)
  for (let i = 0; i < 4; i++) await ask(to)
  const gone = new AbortController()
  server.says['/x'] = silence
  const left = to.post('/x', {}, read, gone.signal)
  gone.abort()
  expect(await left).toEqual({ kind: 'unavailable', code: 'timeout' })
  expect(to.state).toBe('closed')
})

test('GW-32: hedging: a slow first call is asked again, the first answer wins, the loser is cancelled', async () => {
  const to = calls({ hedgeAfterMs: 100 })
  server.says['/x'] = fine
  for (let i = 0; i < 12; i++) await ask(to)
  server.requests.length = 0
  let cancelled = false
  server.says['/x'] = (response, request) => {
    if (server.requests.length > 1) return fine(response, request)
    response.on('close', () => (cancelled = true))
  }
  expect(await ask(to, 60_000)).toEqual(SCORED)
  expect(server.requests).toHaveLength(2)
  const until = performance.now() + 5_000
  while (!cancelled && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(cancelled).toBe(true)
  expect(server.requests[0]!.body).toEqual(server.requests[1]!.body)
})

test('GW-32: hedging: at most one call in ten is made twice, from the first on', async () => {
  const to = calls({ hedgeAfterMs: 10 })
  server.says['/x'] = later(60, fine)
  const n = 60
  for (let i = 0; i < 5; i++) await ask(to)
  expect(server.requests).toHaveLength(5)
  for (let i = 5; i < n; i++) await ask(to)
  const extra = server.requests.length - n
  expect(extra).toBeGreaterThan(0)
  expect(extra).toBeLessThanOrEqual(n / 10)
})

test('GW-32: hedging: a first call that fails slowly is saved by the second, and one failure is none', async () => {
  const to = calls({ hedgeAfterMs: 50, breaker: { failures: 1, openMs: 60_000 } })
  server.says['/x'] = fine
  for (let i = 0; i < 12; i++) await ask(to)
  server.requests.length = 0
  server.says['/x'] = (response, request) =>
    server.requests.length > 1 ? later(300, fine)(response, request) : later(150, status(500))(response, request)
  expect(await ask(to)).toEqual(SCORED)
  expect(to.state).toBe('closed')
})

describe('a model in a thread of its own', () => {
  const threads: ThreadCalls[] = []
  afterAll(() => Promise.all(threads.map((one) => one.close())))
  let started = 0
  const thread = (breaker: CallSettings['breaker'] = { failures: 1000, openMs: 1000 }, silentMs = 60_000) => {
    const start = async () => {
      started++
      return new Worker(new URL('./parts/slow-model.ts', import.meta.url))
    }
    const made = openThreadCalls({ start, breaker, silentMs, startMs: 60_000 })
    threads.push(made)
    return made
  }
  const askThread = (to: ThreadCalls, text: string, budgetMs = 60_000) =>
    to.ask(text, ({ harm }) => (harm === 1 ? SCORED : null), AbortSignal.timeout(budgetMs))
  const none = (code: string) => ({ kind: 'unavailable', code })

  test('CL-15: a burst is over when it is over: what nobody waits for is not read', async () => {
    const to = thread()
    expect(await askThread(to, '0')).toEqual(SCORED)
    const burst = Array.from({ length: 150 }, async (_, i) => {
      await sleep(i * 5)
      return askThread(to, '200', 100)
    })
    const said = await Promise.all(burst)
    expect(said).toEqual(said.map(() => none('timeout')))
    // Read to their end one after the other, those that were taken would take longer than this.
    expect(await askThread(to, '0', 2_000)).toEqual(SCORED)
  })

  test('CL-15: with so many outstanding the next is unavailable at once', async () => {
    const to = thread()
    expect(await askThread(to, '0')).toEqual(SCORED)
    const all = Promise.all(Array.from({ length: MOST_OUTSTANDING }, () => askThread(to, '30')))
    const before = performance.now()
    expect(await askThread(to, '0')).toEqual(none('timeout'))
    expect(performance.now() - before).toBeLessThan(100)
    expect(await all).toEqual(Array.from({ length: MOST_OUTSTANDING }, () => SCORED))
    expect(await askThread(to, '0')).toEqual(SCORED)
  })

  test('CL-15: its breaker opens on what is late, asks nobody, and closes on the first that is in time', async () => {
    const to = thread({ failures: 3, openMs: 500 })
    expect(await askThread(to, '0')).toEqual(SCORED)
    for (let i = 0; i < 3; i++) expect(await askThread(to, '60000', 50)).toEqual(none('timeout'))
    expect([to.state, await askThread(to, '0')]).toEqual(['open', none('breaker_open')])
    await sleep(600)
    expect([await askThread(to, '0'), to.state]).toEqual([SCORED, 'closed'])
    const gone = new AbortController()
    for (let i = 0; i < 3; i++) {
      const left = to.ask('60000', () => SCORED, gone.signal)
      gone.abort()
      expect(await left).toEqual(none('timeout'))
    }
    expect(to.state).toBe('closed')
  })

  test('CL-15: one that dies is no verdict for those who waited, and the next question starts another', async () => {
    const to = thread()
    const waiting = [askThread(to, 'die'), askThread(to, '10')]
    expect(await Promise.all(waiting)).toEqual([none('failed'), none('failed')])
    expect(await askThread(to, '0')).toEqual(SCORED)
  })

  test('CL-15: one that hangs is ended: who waited has no verdict, and the next question starts another', async () => {
    const to = thread(undefined, 1_000)
    expect(await askThread(to, '0')).toEqual(SCORED)
    const late = askThread(to, 'hang', 50)
    const waiting = askThread(to, '0')
    expect(await late).toEqual(none('timeout'))
    expect(await waiting).toEqual(none('failed'))
    expect([await askThread(to, '0'), to.state]).toEqual([SCORED, 'closed'])
  })

  test('CL-15: one that is slow, or had nothing to do, does not hang', async () => {
    const to = thread(undefined, 500)
    expect(await askThread(to, '0')).toEqual(SCORED)
    started = 0
    expect(await askThread(to, '1200')).toEqual(SCORED)
    await sleep(800)
    expect([await askThread(to, '0'), started]).toEqual([SCORED, 0])
  })

  test('CL-15: one that hangs again and again is started less and less often', async () => {
    const to = thread(undefined, 400)
    started = 0
    for (let i = 0; i < 2; i++) expect(await askThread(to, 'hang')).toEqual(none('failed'))
    expect([started, to.state, await askThread(to, '0')]).toEqual([2, 'open', none('breaker_open')])
    await sleep(1_100)
    expect([await askThread(to, '0'), started, to.state]).toEqual([SCORED, 3, 'closed'])
  })

  test('CL-15: its breaker counts those that hang', async () => {
    const to = thread({ failures: 1, openMs: 60_000 }, 400)
    expect(await askThread(to, 'hang')).toEqual(none('failed'))
    expect([to.state, await askThread(to, '0')]).toEqual(['open', none('breaker_open')])
  })

  test('CL-15: one that is never ready is given up, and tried again', async () => {
    let begun = 0
    const start = (signal: AbortSignal) =>
      new Promise<Worker>((ready, reject) => {
        if (++begun > 1) return ready(new Worker(new URL('./parts/slow-model.ts', import.meta.url)))
        signal.addEventListener('abort', () => reject(new Error('late')))
      })
    const to = openThreadCalls({ start, breaker: { failures: 10, openMs: 1000 }, silentMs: 60_000, startMs: 100 })
    threads.push(to)
    await expect(askThread(to, '0')).rejects.toThrow('late')
    expect([await askThread(to, '0'), begun]).toEqual([SCORED, 2])
  })

  test('CL-15: scores that say nothing are no verdict', async () => {
    expect(await thread().ask('0', () => null, AbortSignal.timeout(60_000))).toEqual(none('invalid'))
  })
})
