import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { converse } from './parts/raw-socket.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { type Running, startRunning } from './parts/running.ts'

/** What two servers in a row may read as different requests: refused before it is one, and never two for the upstream. */

let upstream: RecordingUpstream
let sluice: Running
let port: number
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer = (_, response) => json(response, 200, MESSAGE)
  sluice = await startRunning({
    env: { SLUICE_MODE: 'enforce', ANTHROPIC_UPSTREAM_URL: upstream.url, OPENAI_UPSTREAM_URL: `${upstream.url}/v1` },
  })
  port = Number(new URL(sluice.facts.gatewayUrl).port)
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
afterEach(() => {
  upstream.requests.length = 0
})

const BODY = JSON.stringify({ model: 'model-x', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] })
const LENGTH = `Content-Length: ${BODY.length}`
const CHUNKED = 'Transfer-Encoding: chunked'
/** What an attacker wants the next server to read as a request of its own. */
const HIDDEN = 'GET /v1/models?hidden HTTP/1.1\r\nHost: a\r\nx-api-key: sk-test\r\n\r\n'

/** A head as bytes, of whatever lines; `first` and `end` say it otherwise than HTTP does. */
function head(lines: readonly string[], { first = 'POST /v1/messages HTTP/1.1', end = '\r\n' } = {}): string {
  const usual = ['Host: a', 'x-api-key: sk-test', 'content-type: application/json']
  return [first, ...usual, ...lines, '', ''].join(end)
}
const chunk = (text: string, extension = '') => `${text.length.toString(16)}${extension}\r\n${text}\r\n`
const LAST = '0\r\n\r\n'

/** Bytes that no server may take for a request. */
const CORPUS: Readonly<Record<string, string>> = {
  'CL.TE': head([`Content-Length: ${LAST.length + HIDDEN.length}`, CHUNKED]) + LAST + HIDDEN,
  'TE.CL': head([CHUNKED, 'Content-Length: 4']) + chunk(HIDDEN) + LAST,
  'TE.CL, a right length': head([CHUNKED, LENGTH]) + chunk(BODY) + LAST,
  'TE.TE, two lines': head([CHUNKED, 'Transfer-Encoding: identity']) + chunk(BODY) + LAST,
  'TE.TE, the same twice': head([CHUNKED, CHUNKED]) + chunk(BODY) + LAST,
  'TE.TE, a list': head(['Transfer-Encoding: gzip, chunked']) + chunk(BODY) + LAST,
  'TE with an unknown coding': head(['Transfer-Encoding: xchunked', LENGTH]) + BODY,
  'TE that is not last': head(['Transfer-Encoding: chunked, identity']) + chunk(BODY) + LAST,
  'TE with a parameter': head(['Transfer-Encoding: chunked;q=1']) + chunk(BODY) + LAST,
  'TE in quotes': head(['Transfer-Encoding: "chunked"', LENGTH]) + BODY,
  'TE, empty': head(['Transfer-Encoding:', LENGTH]) + BODY,
  'TE behind a vertical tab': head(['Transfer-Encoding: \x0bchunked', LENGTH]) + BODY,
  'TE with a blank before the colon': head(['Transfer-Encoding : chunked', LENGTH]) + BODY,
  'TE with a tab before the colon': head(['Transfer-Encoding\t: chunked', LENGTH]) + BODY,
  'TE with a NUL in its name': head(['Transfer-Encoding\0: chunked', LENGTH]) + BODY,
  'TE with a NUL in its value': head(['Transfer-Encoding: chunked\0', LENGTH]) + BODY,
  'TE with an underscore': head(['Transfer_Encoding: chunked', LENGTH]) + BODY,
  'TE on a folded line': head(['Transfer-Encoding:\r\n chunked', LENGTH]) + BODY,
  'TE hidden in a folded line': head(['X-A: b\r\n Transfer-Encoding: chunked', LENGTH]) + BODY,
  'TE after a bare LF': head([`X-A: b\n${CHUNKED}`, LENGTH]) + BODY,
  'TE after a bare CR': head([`X-A: b\r${CHUNKED}`, LENGTH]) + BODY,
  'TE in HTTP/1.0': head([CHUNKED], { first: 'POST /v1/messages HTTP/1.0' }) + chunk(BODY) + LAST,
  'two lengths': head([LENGTH, 'Content-Length: 0']) + BODY,
  'the same length twice': head([LENGTH, LENGTH]) + BODY,
  'a list of lengths': head([`Content-Length: ${BODY.length}, ${BODY.length}`]) + BODY,
  'a length with a sign': head([`Content-Length: +${BODY.length}`]) + BODY,
  'a length below zero': head(['Content-Length: -1']) + BODY,
  'a length in hex': head([`Content-Length: 0x${BODY.length.toString(16)}`]) + BODY,
  'a length with a blank inside': head(['Content-Length: 1 0']) + BODY,
  'a length that overflows': head(['Content-Length: 18446744073709551626']) + BODY,
  'a length, empty': head(['Content-Length:']) + BODY,
  'a length with an underscore': head(['Content_Length: 0', LENGTH]) + BODY,
  'a length with a blank before the colon': head([`Content-Length : ${BODY.length}`]) + BODY,
  'lines that end in LF': head([LENGTH], { end: '\n' }) + BODY,
  'lines that end in CR': head([LENGTH], { end: '\r' }) + BODY,
  'one line that ends in LF': head([`X-A: b\nX-B: c`, LENGTH]) + BODY,
  'a head that ends in LF LF': `${head([LENGTH]).slice(0, -4)}\n\n${BODY}`,
  'a line without a colon': head(['Content-Length', LENGTH]) + BODY,
  'a header without a name': head([': b', LENGTH]) + BODY,
  'a blank before the first header': `POST /v1/messages HTTP/1.1\r\n Host: a\r\n${LENGTH}\r\n\r\n${BODY}`,
  'a blank in a name': head(['X A: b', LENGTH]) + BODY,
  'a control character in a value': head(['X-A: b\x01c', LENGTH]) + BODY,
  'no host': `POST /v1/messages HTTP/1.1\r\nx-api-key: sk-test\r\n${LENGTH}\r\n\r\n${BODY}`,
  'two hosts': head(['Host: b', LENGTH]) + BODY,
  'an absolute target': head([LENGTH], { first: 'POST http://other.example/v1/messages HTTP/1.1' }) + BODY,
  'a target without a slash': head([LENGTH], { first: 'POST v1/messages HTTP/1.1' }) + BODY,
  'the target *': head([LENGTH], { first: 'OPTIONS * HTTP/1.1' }) + BODY,
  'a target with a fragment': head([LENGTH], { first: 'POST /v1/messages#x HTTP/1.1' }) + BODY,
  'a target with a blank': head([LENGTH], { first: 'POST /v1/messages HTTP/1.1 HTTP/1.1' }) + BODY,
  'a target with a tab': head([LENGTH], { first: 'POST /v1/messages\tx HTTP/1.1' }) + BODY,
  'a target with a NUL': head([LENGTH], { first: 'POST /v1/messages\0 HTTP/1.1' }) + BODY,
  'a request line with a CR in it': head([LENGTH], { first: 'POST /v1/messages\r HTTP/1.1' }) + BODY,
  'a target with dots': head([LENGTH], { first: 'POST /v1/models/../messages HTTP/1.1' }) + BODY,
  'a target with encoded dots': head([LENGTH], { first: 'POST /v1/models/%2e%2E/messages HTTP/1.1' }) + BODY,
  'a target encoded twice': head([LENGTH], { first: 'POST /v1/models/%252e%252e%252fmessages HTTP/1.1' }) + BODY,
  'a version that is none': head([LENGTH], { first: 'POST /v1/messages HTTP/1.10' }) + BODY,
  'a version to come': head([LENGTH], { first: 'POST /v1/messages HTTP/3.0' }) + BODY,
  'HTTP/2 without agreement': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/2 in the line of HTTP/1': head([LENGTH], { first: 'POST /v1/messages HTTP/2.0' }) + BODY,
  'HTTP/0.9': 'GET /v1/models\r\n\r\n',
  'HTTP/0.9 by its name': head([LENGTH], { first: 'POST /v1/messages HTTP/0.9' }) + BODY,
  'a method in lower case': head([LENGTH], { first: 'post /v1/messages HTTP/1.1' }) + BODY,
  'a body on GET': head([`Content-Length: ${HIDDEN.length}`], { first: 'GET /v1/models HTTP/1.1' }) + HIDDEN,
  'chunks on GET': head([CHUNKED], { first: 'GET /v1/models HTTP/1.1' }) + chunk(HIDDEN) + LAST,
  'a chunk size that is none': `${head([CHUNKED])}zz\r\n${BODY}\r\n${LAST}`,
  'a chunk size with a prefix': `${head([CHUNKED])}0x${BODY.length.toString(16)}\r\n${BODY}\r\n${LAST}`,
  'a chunk size with a sign': `${head([CHUNKED])}+${BODY.length.toString(16)}\r\n${BODY}\r\n${LAST}`,
  'a chunk size that overflows': `${head([CHUNKED])}${'f'.repeat(17)}\r\n${BODY}\r\n${LAST}`,
  'a chunk size that ends in LF': `${head([CHUNKED])}${BODY.length.toString(16)}\n${BODY}\r\n${LAST}`,
  'a chunk without its end': `${head([CHUNKED])}${BODY.length.toString(16)}\r\n${BODY}XX${LAST}`,
  'a chunk that ends in LF': `${head([CHUNKED])}${BODY.length.toString(16)}\r\n${BODY}\n${LAST}`,
  'a bare LF in a chunk extension': head([CHUNKED]) + chunk(BODY, ';a\nb') + LAST,
  'a bare CR in a chunk extension': head([CHUNKED]) + chunk(BODY, ';a\rb') + LAST,
  'a NUL in a chunk extension': head([CHUNKED]) + chunk(BODY, ';a\0b') + LAST,
  'a last chunk that ends in LF': `${head([CHUNKED]) + chunk(BODY)}0\n\n`,
  'a length among the trailers': `${head([CHUNKED]) + chunk(BODY)}0\r\nContent-Length: 4\r\n\r\n`,
  'a header that Sluice reads, with an underscore': head(['x_api_key: sk-other', LENGTH]) + BODY,
  'a header that Sluice writes, with an underscore': head(['x_sluice_mode: off', LENGTH]) + BODY,
  'a version header with an underscore': head(['anthropic_version: 1', LENGTH]) + BODY,
  'two content types': head(['Content-Type: text/plain', LENGTH]) + BODY,
  'two keys': head(['X-Api-Key: slk_000000000000_x', LENGTH]) + BODY,
  'two authorisations': head(['Authorization: Bearer a', 'Authorization: Bearer b', LENGTH]) + BODY,
  'a character set of another kind': head([LENGTH]).replace('application/json', 'text/plain; charset=utf-7') + BODY,
  'two character sets': head([LENGTH]).replace('json', 'json; charset=utf-8; charset=utf-16') + BODY,
  'a character set in another form': head([LENGTH]).replace('json', "json; charset*=us-ascii''utf-16") + BODY,
  'a content-encoding for one connection':
    head([LENGTH, 'Content-Encoding: identity', 'Connection: Content-Encoding']) + BODY,
  'a key for one connection': head([LENGTH, 'Connection: close, X-Api-Key']) + BODY,
}

describe('GW-26: 400, and at most one request for the upstream', () => {
  for (const [name, bytes] of Object.entries(CORPUS))
    test(`GW-26: ${name}`, async () => {
      const { responses, rest, closed } = await converse(port, [bytes, 20, HIDDEN], { withinMs: 5_000 })
      expect(responses.map(({ status }) => status)).toEqual([400])
      expect(rest).toHaveLength(0)
      expect(closed).toBe(true)
      expect(upstream.requests).toHaveLength(0)
    })
})

describe('what is HTTP, and odd', () => {
  const refused: [name: string, bytes: string, status: number][] = [
    ['chunk extensions without an end', head([CHUNKED]) + chunk(BODY, `;${'a'.repeat(20_000)}`) + LAST, 413],
    ['two codings of the content', head(['Content-Encoding: gzip', 'Content-Encoding: identity', LENGTH]) + BODY, 415],
    ['headers without an end', head([`X-A: ${'a'.repeat(70_000)}`, LENGTH]) + BODY, 431],
  ]
  for (const [name, bytes, status] of refused)
    test(`GW-26: ${name}: ${status}, and nothing for the upstream`, async () => {
      const { responses } = await converse(port, bytes, { withinMs: 500 })
      expect(responses.map((response) => response.status)).toEqual([status])
      expect(upstream.requests).toHaveLength(0)
    })

  const whole: [name: string, bytes: string][] = [
    ['a length', head([LENGTH]) + BODY],
    ['a character set, quoted', head([LENGTH]).replace('json', 'json; charset="UTF-8"') + BODY],
    ['chunks', head([CHUNKED]) + chunk(BODY.slice(0, 9)) + chunk(BODY.slice(9)) + LAST],
    ['chunks with extensions', head([CHUNKED]) + chunk(BODY, ';a=b;c="d"') + LAST],
    ['a coding in capitals', head(['Transfer-Encoding: Chunked']) + chunk(BODY) + LAST],
    ['a size with zeros in front', `${head([CHUNKED])}0000${chunk(BODY)}${LAST}`],
    [
      'trailers that say otherwise',
      `${head([CHUNKED, 'Trailer: x-api-key']) + chunk(BODY)}0\r\nx-api-key: sk-other\r\n\r\n`,
    ],
    [
      'an upgrade',
      head(['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk', LENGTH]) + BODY,
    ],
  ]
  for (const [name, bytes] of whole)
    test(`GW-26: ${name}: one request, framed by its length, and the next one on the connection is its own`, async () => {
      const { responses } = await converse(port, [bytes, 50, HIDDEN.replace('/v1/models?hidden', '/healthz')], {
        withinMs: 500,
      })
      expect(responses.map(({ status }) => status)).toEqual([200, 200])
      expect(upstream.requests).toHaveLength(1)
      const [{ headers, body, url }] = upstream.requests as [(typeof upstream.requests)[number]]
      expect([url, body.toString()]).toEqual(['/v1/messages', BODY])
      expect(headers).toMatchObject({ 'content-length': String(BODY.length), 'x-api-key': 'sk-test' })
      for (const dropped of ['transfer-encoding', 'trailer', 'upgrade', 'http2-settings'])
        expect(headers).not.toHaveProperty(dropped)
    })
})

describe('a path is never guessed', () => {
  const elsewhere = [
    '/v1/responses/%2f',
    '/v1/responses/;x',
    '/v1/responses/%20',
    '/v1/responses/%00',
    '/v1/responses/compact',
    '/v1/responses/resp_1',
    '/v1//messages',
    '/v1/messages/',
    '/v1/messages;x',
    '/v1/%6dessages',
    '/V1/messages',
    '/v1/messages%20',
    '/v1/messages/count_tokens/',
    '/v1/messages/count_tokens%2f..',
    '//v1/messages',
    '/v1/messages%3Fbeta=true',
  ]
  for (const path of elsewhere)
    test(`GW-26: POST ${path} goes nowhere unread`, async () => {
      const { responses } = await converse(port, head([LENGTH], { first: `POST ${path} HTTP/1.1` }) + BODY, {
        withinMs: 300,
      })
      expect(responses).toHaveLength(1)
      expect([400, 404]).toContain(responses[0]!.status)
      expect(upstream.requests).toHaveLength(0)
    })

  test('GW-26: an answer that is kept is fetched by its id, plainly written, and by nothing else', async () => {
    const get = (path: string) => fetch(sluice.facts.gatewayUrl + path, { headers: { 'x-api-key': 'sk-test' } })
    const kept = { id: 'resp_a-1', object: 'response', status: 'completed', model: 'm', output: [] }
    const before = upstream.answer
    upstream.answer = (_, response) => json(response, 200, kept)
    expect((await get('/v1/responses/resp_a-1?include=x')).status).toBe(200)
    upstream.answer = before
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/v1/responses/resp_a-1?include=x'])
    for (const id of ['%2f', 'a%2fb', ';x', 'a;x', '%00'])
      expect([id, (await get(`/v1/responses/${id}`)).status]).toEqual([id, 404])
    expect(upstream.requests).toHaveLength(1)
  })

  test('GW-26: a model id whose escapes are none is 400, not a fault of ours', async () => {
    for (const id of ['%ff', '%', '%zz', '%e0%80'])
      expect([
        id,
        (
          await converse(port, HIDDEN.replace('/v1/models?hidden', `/v1/models/${id}`), { withinMs: 300 })
        ).responses.map(({ status }) => status),
      ]).toEqual([id, [400]])
    expect(sluice.log()).not.toContain('request.failed')
    expect(upstream.requests).toHaveLength(0)
  })
})
