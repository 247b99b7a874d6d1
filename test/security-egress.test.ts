import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Configured, startConfigured } from './parts/configured.ts'
import { keyOf } from './parts/keys.ts'
import { converse } from './parts/raw-socket.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'

/** Nothing but the configured upstreams is contacted, and each gets the credential that is its own. */

let anthropic: RecordingUpstream
let openai: RecordingUpstream
let canary: Server
let sluice: Configured
/** Connections to the canary: it listens where a request says that something is to be fetched. */
let touched = 0
const secrets: Record<string, string> = {}
beforeAll(async () => {
  ;[anthropic, openai] = await Promise.all([startRecordingUpstream(), startRecordingUpstream()])
  canary = createServer((socket) => {
    touched++
    socket.on('error', () => undefined).write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi')
    socket.destroySoon()
  })
  await new Promise<void>((resolve) => canary.listen(0, '::', resolve))
  sluice = await startConfigured('passthrough: [/v1/files]\n', {
    env: {
      ANTHROPIC_UPSTREAM_URL: anthropic.url,
      OPENAI_UPSTREAM_URL: openai.url,
      ANTHROPIC_API_KEY: 'sk-operator-anthropic',
      OPENAI_API_KEY: 'sk-operator-openai',
    },
  })
  secrets.own = await keyOf(sluice, 'acme')
})
afterAll(async () => {
  await sluice.stop()
  await Promise.all([anthropic.close(), openai.close()])
  await new Promise((resolve) => canary.close(resolve))
})
beforeEach(() => {
  touched = 0
  for (const upstream of [anthropic, openai]) {
    upstream.requests.length = 0
    upstream.answer = (request, response) =>
      json(
        response,
        200,
        request.url.includes('chat') ? { choices: [] } : request.url.includes('responses') ? { output: [] } : MESSAGE,
      )
  }
})

const gatewayPort = () => Number(new URL(sluice.facts.gatewayUrl).port)
const send = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(sluice.facts.gatewayUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-caller', ...headers },
    body: JSON.stringify(body),
  })
/** Spellings of this machine that filters miss. */
const hosts = () => {
  const { port } = canary.address() as AddressInfo
  return [
    ...[
      '127.0.0.1',
      '127.1',
      '127.0.1',
      '0',
      '0.0.0.0',
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '0177.0.0.1',
      '017700000001',
    ],
    ...[
      'localhost',
      'localhost.',
      'LOCALHOST',
      'a.localhost',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
    ],
    ...['①②⑦.⓪.⓪.①', '127。0。0。1', '１２７.0.0.1', '127.0.0.1%00.example', 'user@127.0.0.1', 'example@127.0.0.1'],
  ].map((host) => `${host}:${port}`)
}
const urls = () =>
  hosts().flatMap((host) => [`http://${host}/x.png`, `http://${host}/latest/meta-data/`, `//${host}/x`])

describe('GW-28: nothing in a request makes Sluice contact anything', () => {
  test('GW-28: the canary can be reached at all', async () => {
    await fetch(`http://127.0.0.1:${(canary.address() as AddressInfo).port}/`)
    await fetch(`http://[::1]:${(canary.address() as AddressInfo).port}/`)
    expect(touched).toBe(2)
  })

  test('GW-28: URLs of images, files, documents, tools, servers and hooks are passed on, and fetched by nobody', async () => {
    for (const url of urls()) {
      const messages = {
        model: 'model-x',
        max_tokens: 9,
        container: url,
        mcp_servers: [{ type: 'url', name: 'a', url }],
        metadata: { user_id: url, webhook_url: url },
        tools: [{ type: 'web_fetch_20250910', name: 'web_fetch', allowed_domains: [url] }],
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'url', url } },
              { type: 'document', source: { type: 'url', url } },
              { type: 'document', source: { type: 'file', file_id: url } },
              { type: 'text', text: url },
            ],
          },
        ],
      }
      const chat = {
        model: url,
        callback_url: url,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url } },
              { type: 'file', file: { file_id: url, file_data: url } },
              { type: 'input_audio', input_audio: { data: url, format: 'wav' } },
            ],
          },
        ],
      }
      const responses = {
        model: 'm',
        background: true,
        webhook: url,
        tools: [{ type: 'mcp', server_label: 'a', server_url: url }],
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_image', image_url: url },
              { type: 'input_file', file_url: url },
            ],
          },
        ],
      }
      const replies = await Promise.all([
        send('/v1/messages', messages),
        send('/v1/chat/completions', chat),
        send('/v1/responses', responses),
        send('/v1/moderations', { input: [{ type: 'image_url', image_url: { url } }] }),
      ])
      expect([url, ...replies.map(({ status }) => status)]).toEqual([url, 200, 200, 200, 200])
    }
    expect([anthropic.requests.length, openai.requests.length]).toEqual([urls().length, 2 * urls().length])
    expect(touched).toBe(0)
  })

  test('GW-28: neither target, host nor any header says where a request goes', async () => {
    const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [] })
    const tail = `content-type: application/json\r\nx-api-key: sk-caller\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const ascii = hosts().filter((host) => /^[\x21-\x7e]*$/.test(host))
    for (const host of ascii) {
      const named = [
        'Forwarded',
        'X-Forwarded-Host',
        'X-Host',
        'X-Original-URL',
        'X-Rewrite-URL',
        'X-Upstream',
        'X-Sluice-Upstream',
        'Referer',
        'Origin',
      ]
      const lines = named.map((name) => `${name}: http://${host}/`).join('\r\n')
      const { responses } = await converse(
        gatewayPort(),
        `POST /v1/messages HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n${tail}`,
      )
      expect([host, responses.map(({ status }) => status)]).toEqual([host, [200]])
      for (const target of [
        `http://${host}/v1/messages`,
        `//${host}/v1/messages`,
        `${host}/v1/messages`,
        `/v1/messages@${host}/`,
      ]) {
        const { responses: refused } = await converse(gatewayPort(), `POST ${target} HTTP/1.1\r\nHost: a\r\n${tail}`)
        expect([400, 404]).toContain(refused[0]?.status)
      }
      const connect = await converse(gatewayPort(), `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, {
        withinMs: 300,
      })
      expect(connect.responses.map(({ status }) => status).filter((status) => status < 400)).toEqual([])
    }
    expect(anthropic.requests.length).toBe(ascii.length)
    for (const { headers } of anthropic.requests) expect(headers.host).toBe(new URL(anthropic.url).host)
    expect(touched).toBe(0)
  })

  for (const status of [300, 301, 302, 303, 307, 308])
    test(`GW-28: a redirect of the upstream is not followed (${status})`, async () => {
      const { port } = canary.address() as AddressInfo
      for (const upstream of [anthropic, openai])
        upstream.answer = (_, response) => {
          const location = `http://127.0.0.1:${port}/stolen`
          response.writeHead(status, { location, refresh: `0; url=${location}`, 'alt-svc': `h3=":${port}"` })
          response.end()
        }
      const init = { headers: { 'x-api-key': 'sk-caller' }, redirect: 'manual' } as const
      const post = { ...init, method: 'POST', body: '{"model":"m","max_tokens":9,"messages":[],"input":"a"}' }
      for (const [path, how] of [
        ['/v1/messages', post],
        ['/v1/chat/completions', post],
        ['/v1/responses', post],
        ['/v1/messages/count_tokens', post],
        ['/v1/responses/resp_1', init],
        ['/v1/files', post],
      ] as const)
        expect([path, (await fetch(sluice.facts.gatewayUrl + path, how)).status]).toEqual([path, status])
      // Clients of this one may not be redirected at all (wire.md G8).
      const models = await fetch(`${sluice.facts.gatewayUrl}/v1/models?limit=1000`, init)
      expect([models.status, models.headers.get('location')]).toEqual([502, null])
      expect(touched).toBe(0)
    })
})

describe('GW-30: each credential to its own upstream', () => {
  const keysIn = (upstream: RecordingUpstream) =>
    upstream.requests.map(({ headers }) => [headers['x-api-key'] ?? null, headers.authorization ?? null])
  const ask = { model: 'm', max_tokens: 9, messages: [], input: 'a' }

  test('GW-30: a caller’s own, by the protocol it speaks; the operator’s for a key of Sluice, in place of everything sent', async () => {
    await send('/v1/messages', ask, { 'x-api-key': 'sk-a' })
    await send('/v1/messages', ask, { 'x-api-key': secrets.own!, authorization: 'Bearer sk-stray' })
    await send('/v1/messages/count_tokens', ask, { 'x-api-key': secrets.own! })
    await fetch(`${sluice.facts.gatewayUrl}/v1/models`, {
      headers: { 'x-api-key': secrets.own!, 'anthropic-version': '2023-06-01' },
    })
    expect(keysIn(anthropic)).toEqual([['sk-a', null], ...Array(3).fill(['sk-operator-anthropic', null])])
    expect(openai.requests).toHaveLength(0)
    anthropic.requests.length = 0
    const plain = { authorization: 'Bearer sk-o' }
    for (const path of ['/v1/chat/completions', '/v1/responses'])
      for (const headers of [plain, { authorization: `Bearer ${secrets.own}`, 'x-stray': '1' }])
        await fetch(sluice.facts.gatewayUrl + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(ask),
        })
    await send('/v1/chat/completions', ask, { 'x-api-key': secrets.own! })
    const operator = [null, 'Bearer sk-operator-openai']
    expect(keysIn(openai)).toEqual([[null, 'Bearer sk-o'], operator, [null, 'Bearer sk-o'], operator, operator])
    expect(anthropic.requests).toHaveLength(0)
  })

  test('GW-30: a key of Sluice goes nowhere, however it comes', async () => {
    const own = secrets.own!
    const ways: Record<string, string>[] = [
      { 'x-api-key': own },
      { authorization: `bearer ${own}` },
      { 'x-api-key': own, 'x-sluice-key': own },
      { authorization: `Bearer ${own}`, 'x-sluice-key': own },
      { 'x-api-key': 'sk-caller', authorization: `Bearer ${own}` },
      { 'x-api-key': 'sk-caller', authorization: `Bearer ${own}`, 'x-sluice-key': own },
      { 'x-api-key': 'sk-caller', authorization: own },
      { 'x-api-key': 'sk-caller', authorization: `Basic ${own}` },
      { 'x-api-key': 'sk-caller', 'x-sluice-key': own, 'x-sluice-anything': own },
    ]
    for (const headers of ways)
      for (const path of ['/v1/messages', '/v1/chat/completions', '/v1/messages/count_tokens', '/v1/files'])
        await fetch(sluice.facts.gatewayUrl + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(ask),
        })
    const seen = [...anthropic.requests, ...openai.requests]
    expect(seen.length).toBe(4 * ways.length)
    for (const { headers, body, url } of seen)
      expect(JSON.stringify([headers, url, body.toString()])).not.toContain(own)
    expect(sluice.log()).not.toContain(own)
  })

  test('GW-30: cookies stay on either side, also with errors, lists and what is forwarded', async () => {
    for (const status of [200, 400, 503])
      for (const upstream of [anthropic, openai])
        upstream.answer = (_, response) => {
          response.writeHead(status, {
            'content-type': 'application/json',
            'set-cookie': ['a=b', 'c=d'],
            connection: 'keep-alive, X-Hop',
            'x-hop': '1',
            'proxy-authenticate': 'Basic',
            'x-sluice-action': 'refuse',
          })
          response.end('{"choices":[],"output":[],"data":[]}')
        }
    const paths = ['/v1/messages', '/v1/chat/completions', '/v1/responses', '/v1/messages/count_tokens', '/v1/files']
    const replies = await Promise.all([
      ...paths.map((path) => send(path, ask, { cookie: 'session=1', 'proxy-authorization': 'Basic eA==' })),
      fetch(`${sluice.facts.gatewayUrl}/v1/models`, { headers: { 'x-api-key': 'k', cookie: 'session=1' } }),
      fetch(`${sluice.facts.gatewayUrl}/v1/responses/resp_1`, { headers: { 'x-api-key': 'k', cookie: 'session=1' } }),
    ])
    for (const { headers } of replies) {
      for (const name of ['set-cookie', 'x-hop', 'proxy-authenticate'])
        expect([name, headers.get(name)]).toEqual([name, null])
      expect(headers.get('x-sluice-action')).not.toBe('refuse')
    }
    const seen = [...anthropic.requests, ...openai.requests]
    expect(seen).toHaveLength(replies.length)
    for (const { headers } of seen)
      for (const name of ['cookie', 'proxy-authorization']) expect(headers).not.toHaveProperty(name)
  })

  test('an answer in a content-encoding that was not asked for cannot be read, so it is not passed on', async () => {
    anthropic.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      response.end(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 10, 10]))
    }
    for (const stream of [true, false]) {
      const reply = await send('/v1/messages', { ...ask, stream })
      expect([reply.status, await reply.json()]).toMatchObject([
        502,
        { error: { details: { error_code: 'upstream_invalid' } } },
      ])
    }
    expect(anthropic.requests[0]!.headers['accept-encoding']).toBe('identity')
  })
})
