import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openUpstreams, type PooledUpstreams } from '../src/io/upstream/undici-upstreams.ts'

const BYTES = 1_500_000
const server = createServer((_, response) => response.end(Buffer.alloc(BYTES, 97)))
let upstreams: PooledUpstreams
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  upstreams = openUpstreams({
    urls: { openai: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] },
    credentials: { anthropic: null, openai: null },
    connections: 4,
    firstByteTimeoutMs: 10_000,
    silenceTimeoutMs: 10_000,
  })
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await upstreams.close()
})

const send = () =>
  upstreams.send({
    ...{ dialect: 'openai', method: 'GET', path: '/v1/x', headers: {}, body: null, credential: 'caller' },
    signal: AbortSignal.timeout(30_000),
  })
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('an answer that had to wait for its reader goes on to its end, however slowly it is read', async () => {
  const read = async (pauseMs: number) => {
    let size = 0
    const answer = await send()
    // Until here more has arrived than is kept waiting: the upstream is not read any more.
    await later(100)
    for await (const chunk of answer.chunks) {
      size += chunk.length
      await later(pauseMs)
    }
    return size
  }
  for (const pauseMs of [0, 1, 5, 20]) expect(await read(pauseMs)).toBe(BYTES)
})

test('an answer that is wanted whole only after it had to wait arrives whole', async () => {
  const answer = await send()
  await later(100)
  expect((await answer.whole()).length).toBe(BYTES)
})
