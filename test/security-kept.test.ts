import { request as httpRequest } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Configured, startConfigured } from './parts/configured.ts'
import { type KeepingUpstream, startKeepingUpstream } from './parts/keeping-upstream.ts'
import { keyOf } from './parts/keys.ts'

/** One account at the upstream, and two organisations behind it: what it keeps for one, the other does not get. */

const SECRET = 'marigold-7731'
const YAML = 'passthrough: [/v1/files, /v1/conversations, /v1/responses/compact]\nshared_upstream_ids: [vs_everybody]\n'
type Org = 'acme' | 'other'
type Secrets = Readonly<Record<Org, string>>

let upstream: KeepingUpstream
let sluice: Configured
let secrets: Secrets
const start = (more: Parameters<typeof startConfigured>[1] = {}) =>
  startConfigured(YAML, {
    ...more,
    env: {
      ANTHROPIC_UPSTREAM_URL: upstream.url,
      OPENAI_UPSTREAM_URL: upstream.url,
      ANTHROPIC_API_KEY: 'sk-operator',
      OPENAI_API_KEY: 'sk-operator-2',
      ...more.env,
    },
  })
async function keysOf(running: Configured): Promise<Secrets> {
  const made = await Promise.all(
    (['acme', 'other'] as const).map(async (org) => [org, await keyOf(running, org)] as const),
  )
  return Object.fromEntries(made) as unknown as Secrets
}
beforeAll(async () => {
  upstream = await startKeepingUpstream()
  sluice = await start()
  secrets = await keysOf(sluice)
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.requests.length = 0
})
afterEach(() => {
  upstream.held = Promise.resolve()
})

interface Got {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the upstream said
  readonly body: any
  readonly ms: number
}
/** On a connection of its own: connections are what the processes share out. */
function call(
  who: Org | { readonly key: string },
  path: string,
  body?: unknown,
  {
    method = body === undefined ? 'GET' : 'POST',
    to = sluice,
    headers = {} as Record<string, string>,
    keys = secrets,
  } = {},
): Promise<Got> {
  const { hostname, port } = new URL(to.facts.gatewayUrl)
  const key = typeof who === 'string' ? keys[who] : who.key
  const since = performance.now()
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      {
        hostname,
        port,
        path,
        method,
        agent: false,
        headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.once('end', () => {
          const ms = performance.now() - since
          const parsed = text.startsWith('{') ? JSON.parse(text) : null
          resolve({ status: response.statusCode ?? 0, text, body: parsed, ms })
        })
        response.once('error', reject)
      },
    )
    asked.once('error', reject)
    asked.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}
/** The same 404 for what is another's and for what is not there; nothing of it went upstream. */
function expectNone(
  got: Got,
  dialect: 'openai' | 'anthropic' = 'openai',
  message = 'no such object for this account',
): void {
  const error = { message, type: 'invalid_request_error', param: null, code: 'not_found' }
  expect(got.status, got.text).toBe(404)
  if (dialect === 'openai') expect(got.body).toEqual({ error })
  else expect(got.body.error).toEqual({ type: 'not_found_error', message, details: { error_code: 'not_found' } })
}
const ask = (input: unknown, more: object = {}) => ({ model: 'm', input, ...more })
const streamed = (got: Got) =>
  got.text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)))
const answerOf = (got: Got, stream: boolean) =>
  stream ? streamed(got).find(({ type }) => type === 'response.completed').response : got.body
const NOT_SERVED = 'this path is not served here; the operator of this gateway can list it under `passthrough:`'
const UNKNOWN = 'resp_00000000000000000000000000000000'

/** Every way to name what a response left at the upstream. */
function waysTo(id: string, items: readonly string[], stream: boolean): readonly [name: string, body: object][] {
  return [
    ['previous_response_id', ask('go on', { previous_response_id: id, stream })],
    [
      'item_reference',
      ask(
        [
          { type: 'item_reference', id: items[1] },
          { role: 'user', content: 'go on' },
        ],
        { stream },
      ),
    ],
    ['item_reference without its type', ask([{ id: items[1] }, { role: 'user', content: 'go on' }], { stream })],
    [
      'an item without its content',
      ask(
        [
          { type: 'reasoning', id: items[0], summary: [] },
          { role: 'user', content: 'go on' },
        ],
        { stream },
      ),
    ],
  ]
}

describe.each([false, true])('GW-23: a stored response, streamed: %s', (stream) => {
  test(`GW-23: ids of one organisation lead another nowhere, and it may go on by its own (streamed: ${stream})`, async () => {
    const first = answerOf(await call('acme', '/v1/responses', ask(SECRET, { stream })), stream)
    const items = first.output.map(({ id }: { id: string }) => id)
    upstream.requests.length = 0
    const tried = await Promise.all([
      ...waysTo(first.id, items, stream).map(([, body]) => call('other', '/v1/responses', body)),
      ...waysTo(UNKNOWN, ['rs_none', 'msg_none'], stream).map(([, body]) => call('other', '/v1/responses', body)),
      call('other', `/v1/responses/${first.id}`),
      call('other', `/v1/responses/${first.id}?stream=true`),
      call('other', `/v1/responses/${UNKNOWN}`),
      call('other', '/v1/responses/compact', ask('x', { previous_response_id: first.id })),
    ])
    for (const got of tried) expectNone(got)
    // Paths that are not passed on are nobody's.
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['GET', '/input_items'],
    ] as const)
      for (const org of ['other', 'acme'] as const)
        expectNone(await call(org, `/v1/responses/${first.id}${path}`, undefined, { method }), 'openai', NOT_SERVED)
    expect(upstream.requests).toHaveLength(0)
    for (const [name, body] of waysTo(first.id, items, stream)) {
      const next = await call('acme', '/v1/responses', body)
      expect([name, next.status, next.text.includes(SECRET)]).toEqual([name, 200, true])
    }
    expect((await call('acme', `/v1/responses/${first.id}`)).body).toMatchObject({ id: first.id, status: 'completed' })
    // A credential of one's own is another account: the upstream tells it apart.
    expect((await call({ key: 'sk-own' }, `/v1/responses/${first.id}`)).status).toBe(200)
    expect(upstream.requests.at(-1)!.headers['x-api-key']).toBe('sk-own')
  })
})

test('GW-23: a streamed answer is its organisation’s from its first event on, long before its end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  upstream.held = promise
  const whole = call('acme', '/v1/responses', ask(SECRET, { stream: true }))
  await expect.poll(() => upstream.requests.length).toBe(1)
  // The upstream knows it; so does whoever reads the first event.
  const { id, ended } = await begun(sluice, secrets)
  expect((await call('acme', `/v1/responses/${id}`)).status).toBe(200)
  expectNone(await call('other', `/v1/responses/${id}`))
  resolve()
  expect((await whole).status).toBe(200)
  await ended
})

/** A streamed answer as far as its first event; the rest is read and left. */
function begun(to: Configured, keys: Secrets): Promise<{ id: string; ended: Promise<void> }> {
  const { hostname, port } = new URL(to.facts.gatewayUrl)
  const headers = { 'x-api-key': keys.acme }
  return new Promise((found, failed) => {
    const asked = httpRequest(
      { hostname, port, path: '/v1/responses', method: 'POST', agent: false, headers },
      (response) => {
        const ended = new Promise<void>((resolve) => response.once('end', resolve))
        response.on('data', (chunk: Buffer) => {
          const id = /"id":"(resp_\w+)"/.exec(chunk.toString())?.[1]
          if (id !== undefined) found({ id, ended })
        })
      },
    )
    asked.once('error', failed)
    asked.end(JSON.stringify(ask(SECRET, { stream: true })))
  })
}

test('GW-23: conversations, files, containers and audio are told apart on every surface that names them', async () => {
  const conversation = (await call('acme', '/v1/conversations', { metadata: { topic: SECRET } })).body.id
  const file = (await call('acme', '/v1/files', `named ${SECRET}`, { headers: { 'content-type': 'text/plain' } })).body
    .id
  const message = (content: unknown, more: object = {}) => ({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content }],
    ...more,
  })
  const container = (await call('acme', '/v1/messages', message(SECRET))).body.container.id
  const chat = (messages: unknown[]) => ({
    model: 'm',
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'wav' },
    messages,
  })
  const audio = (await call('acme', '/v1/chat/completions', chat([{ role: 'user', content: SECRET }]))).body.choices[0]
    .message.audio.id
  const ways = (
    name: (kind: 'conversation' | 'file' | 'container' | 'audio') => string,
  ): [path: string, body: object][] => [
    ['/v1/responses', ask('x', { conversation: name('conversation') })],
    ['/v1/responses', ask('x', { conversation: { id: name('conversation') } })],
    ['/v1/responses', ask([{ role: 'user', content: [{ type: 'input_file', file_id: name('file') }] }])],
    ['/v1/responses', ask([{ role: 'user', content: [{ type: 'input_image', file_id: name('file') }] }])],
    [
      '/v1/responses',
      ask('x', { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: [name('file')] } }] }),
    ],
    ['/v1/responses', ask('x', { tools: [{ type: 'code_interpreter', container: name('container') }] })],
    ['/v1/responses', ask('x', { tools: [{ type: 'file_search', vector_store_ids: ['vs_everybody', name('file')] }] })],
    [
      '/v1/responses',
      ask('x', { prompt: { id: 'pmpt_1', variables: { doc: { type: 'input_file', file_id: name('file') } } } }),
    ],
    [
      '/v1/responses',
      ask('x', { prompt: { id: 'pmpt_1', variables: { results: { type: 'input_file', file_id: name('file') } } } }),
    ],
    // A `type` of the caller's own, where none has a meaning.
    [
      '/v1/responses',
      ask([{ role: 'user', content: [{ type: 'input_file', file_id: name('file') }] }], { type: 'tool_use' }),
    ],
    [
      '/v1/chat/completions',
      chat([{ role: 'user', type: 'x_tool_result', content: [{ type: 'file', file: { file_id: name('file') } }] }]),
    ],
    [
      '/v1/messages',
      {
        ...message('x'),
        messages: [
          {
            role: 'user',
            type: 'x_tool_result',
            content: [{ type: 'document', source: { type: 'file', file_id: name('file') } }],
          },
        ],
      },
    ],
    ['/v1/chat/completions', chat([{ role: 'user', content: [{ type: 'file', file: { file_id: name('file') } }] }])],
    [
      '/v1/chat/completions',
      chat([
        { role: 'assistant', audio: { id: name('audio') } },
        { role: 'user', content: 'x' },
      ]),
    ],
    ['/v1/messages', message([{ type: 'document', source: { type: 'file', file_id: name('file') } }])],
    ['/v1/messages', message([{ type: 'container_upload', file_id: name('file') }])],
    [
      '/v1/messages',
      message([
        {
          type: 'tool_result',
          tool_use_id: 't',
          content: [{ type: 'image', source: { type: 'file', file_id: name('file') } }],
        },
      ]),
    ],
    ['/v1/messages', message('x', { container: name('container') })],
    ['/v1/messages', message('x', { container: { id: name('container'), skills: [] } })],
    ['/v1/messages/count_tokens', message([{ type: 'document', source: { type: 'file', file_id: name('file') } }])],
    [
      '/v1/messages/batches',
      { requests: [{ custom_id: 'a', params: message('x', { container: name('container') }) }] },
    ],
  ]
  const own = { conversation, file, container, audio }
  upstream.requests.length = 0
  const tried = await Promise.all([
    ...ways((kind) => own[kind]).map(([path, body]) => call('other', path, body)),
    ...ways((kind) => `${kind}_none`).map(([path, body]) => call('other', path, body)),
  ])
  for (const [i, got] of tried.entries())
    expectNone(got, ways(() => 'x')[i % (tried.length / 2)]![0].startsWith('/v1/messages') ? 'anthropic' : 'openai')
  expect(upstream.requests).toHaveLength(0)
  for (const [path, body] of ways((kind) => own[kind]).filter(([path]) => !path.endsWith('batches'))) {
    const got = await call('acme', path, body)
    expect([JSON.stringify(body), got.status]).toEqual([JSON.stringify(body), 200])
  }
  // What the operator made for everybody; and what only looks like a name.
  expect(
    (
      await call(
        'other',
        '/v1/responses',
        ask('x', { tools: [{ type: 'file_search', vector_store_ids: ['vs_everybody'] }] }),
      )
    ).status,
  ).toBe(200)
  const tool = {
    type: 'function',
    name: 'f',
    parameters: { type: 'object', properties: { file_id: { type: 'string' } }, required: ['file_id'] },
  }
  expect(
    (await call('other', '/v1/responses', ask('x', { tools: [tool], metadata: { conversation: 'about files' } })))
      .status,
  ).toBe(200)
  const called = [
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't', name: 'read', input: { file_id: 'my own', container: 'box' } }],
    },
  ]
  expect((await call('other', '/v1/messages', { ...message('x'), messages: called })).status).toBe(200)
})

test('GW-23: what the answers of a batch give belongs to whoever made the batch', async () => {
  const message = (more: object = {}) => ({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'x' }],
    ...more,
  })
  const made = await call('acme', '/v1/messages/batches', { requests: [{ custom_id: 'a', params: message() }] })
  const results = await call('acme', `/v1/messages/batches/${made.body.id}/results`)
  const { container } = JSON.parse(results.text).result.message
  expect((await call('acme', '/v1/messages', message({ container: container.id }))).status).toBe(200)
  expectNone(await call('other', '/v1/messages', message({ container: container.id })), 'anthropic')
})

test('GW-23: a list of what the account keeps is cut to the caller’s own, and its cursors too', async () => {
  const file = (await call('acme', '/v1/files', `named ${SECRET}`, { headers: { 'content-type': 'text/plain' } })).body
    .id
  const foreign = await call('other', '/v1/files')
  expect(foreign.body).toEqual({ object: 'list', data: [], first_id: null, last_id: null, has_more: false })
  const own = await call('acme', '/v1/files')
  expect(own.body.data.map(({ id }: { id: string }) => id)).toContain(file)
  upstream.requests.length = 0
  expectNone(await call('other', `/v1/files?after=${file}`))
  expect(upstream.requests).toHaveLength(0)
  expect((await call('acme', `/v1/files?after=${file}`)).status).toBe(200)
})

test('GW-23: one of another organisation and one that is not there take the same time, and no longer than two seconds', async () => {
  const { id } = (await call('acme', '/v1/responses', ask(SECRET))).body
  const times = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => (await call('other', `/v1/responses/${i % 2 === 0 ? id : UNKNOWN}`)).ms),
  )
  expect(Math.min(...times)).toBeGreaterThan(1_400)
  expect(Math.max(...times)).toBeLessThan(4_000)
  const mean = (rest: number) => times.filter((_, i) => i % 2 === rest).reduce((sum, ms) => sum + ms, 0) / 20
  expect(Math.abs(mean(0) - mean(1))).toBeLessThan(100)
})

describe.each(['enforce', 'off'])('GW-23: kept over a killed process, in mode %s', (mode) => {
  test(`GW-23: after a restart everybody finds their own, and no one else’s (${mode})`, async () => {
    const before = await start({ env: { SLUICE_MODE: mode } })
    const keys = await keysOf(before)
    const ids: string[] = []
    for (const stream of [false, true])
      ids.push(answerOf(await call('acme', '/v1/responses', ask(SECRET, { stream }), { to: before, keys }), stream).id)
    const conversation = (await call('acme', '/v1/conversations', {}, { to: before, keys })).body.id
    // What has no receipt is told within 20 ms; receipts are found by whoever starts next.
    await new Promise((resolve) => setTimeout(resolve, mode === 'off' ? 300 : 50))
    await before.kill()
    const after = await start({ env: { SLUICE_MODE: mode }, folder: before.folder })
    try {
      upstream.requests.length = 0
      const foreign = [
        ...ids.map((id) => call('other', `/v1/responses/${id}`, undefined, { to: after, keys })),
        ...ids.map((id) => call('other', '/v1/responses', ask('x', { previous_response_id: id }), { to: after, keys })),
        call('other', '/v1/responses', ask('x', { conversation }), { to: after, keys }),
      ]
      for (const got of await Promise.all(foreign)) expectNone(got)
      expect(upstream.requests).toHaveLength(0)
      for (const id of ids) {
        const next = await call('acme', '/v1/responses', ask('x', { previous_response_id: id }), { to: after, keys })
        expect([next.status, next.text.includes(SECRET)]).toEqual([200, true])
      }
      expect((await call('acme', '/v1/responses', ask('x', { conversation }), { to: after, keys })).status).toBe(200)
    } finally {
      await after.stop()
      await before.stop()
    }
  })
})

test('GW-23: with two processes, who goes on at once is known at the other too, and a stranger at neither', async () => {
  const both = await start({ args: ['--workers', '2'] })
  try {
    const keys = await keysOf(both)
    for (let round = 0; round < 4; round++) {
      const stream = round % 2 === 1
      const { id } = answerOf(await call('acme', '/v1/responses', ask(SECRET, { stream }), { to: both, keys }), stream)
      // Each on a new connection: about half of them reach the process that did not answer first.
      const next = await Promise.all(
        Array.from({ length: 4 }, () =>
          call('acme', '/v1/responses', ask('x', { previous_response_id: id }), { to: both, keys }),
        ),
      )
      expect(next.map(({ status, text }) => [status, text.includes(SECRET)])).toEqual(Array(4).fill([200, true]))
      const foreign = await Promise.all(
        Array.from({ length: 4 }, () => call('other', `/v1/responses/${id}`, undefined, { to: both, keys })),
      )
      for (const got of foreign) expectNone(got)
    }
    // Long before its receipt, at either process.
    const { promise, resolve } = Promise.withResolvers<void>()
    upstream.held = promise
    const { id, ended } = await begun(both, keys)
    // Not by fetching it: who was let to would tell the others.
    const get = (org: Org) => call(org, '/v1/responses', ask('x', { previous_response_id: id }), { to: both, keys })
    const [own, foreign] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => get('acme'))),
      Promise.all(Array.from({ length: 8 }, () => get('other'))),
    ])
    expect(own.map(({ status }) => status)).toEqual(Array(8).fill(200))
    for (const got of foreign) expectNone(got)
    resolve()
    await ended
  } finally {
    await both.stop()
  }
})
