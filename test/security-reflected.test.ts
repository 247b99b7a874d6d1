import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../src/io/config/config.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { converse, headerOf } from './parts/raw-socket.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'
import { sluice as command } from './parts/sluice.ts'

/** Names that callers, upstreams and operators give, on their way into headers, events, logs and terminals. */

const FORGED = '{"at":"2099-01-01T00:00:00Z","event":"forged"}'
/** What ends a line, a text or a header somewhere, and letters that no header takes. */
const NAMES: Readonly<Record<string, string>> = {
  CRLF: 'a\r\nx-forged: 1',
  'CRLF CRLF': 'a\r\n\r\nHTTP/1.1 200 OK\r\n\r\nforged',
  LF: `a\n${FORGED}`,
  CR: 'a\rx-forged: 1',
  NUL: 'a\0x-forged: 1',
  'an event': 'a\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
  'escapes of a terminal': 'a\x1b[2K\x1b]0;forged\x07',
  'next line': 'a\u0085x-forged: 1',
  'line separators': `a\u2028${FORGED}\u2029`,
  'a turned text': 'a\u202edegrof\u202c',
  'letters beyond Latin-1': '模型-日本語',
  'letters that become CR and LF when cut to a byte': 'a\u010d\u010ax-forged: 1',
  'half an emoji at the cut': `${'a'.repeat(255)}😀`,
  'long and encoded': '\n'.repeat(300),
  'already encoded': 'a%0d%0ax-forged: 1',
}

let upstream: RecordingUpstream
let sluice: Configured
const GONE = `gone\r\nx-forged: 1\n${FORGED}`
const YAML = `fallbacks: {'*': small}\nsuspended: {${JSON.stringify(GONE)}: {since: '2026-06-12T21:21:00Z'}}\n${RULES}`
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  sluice = await startConfigured(YAML, {
    env: {
      ANTHROPIC_UPSTREAM_URL: upstream.url,
      OPENAI_UPSTREAM_URL: upstream.url,
      SLUICE_PUBLIC_URL: 'https://水門.example/sluice/',
    },
  })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.answer = (request, response) => {
    const { model } = JSON.parse(request.body.toString()) as { model: string }
    json(response, 200, { ...MESSAGE, model })
  }
})

function post(body: object, path = '/v1/messages') {
  const text = Buffer.from(JSON.stringify(body))
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nx-api-key: sk-test\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n`
  return converse(Number(new URL(sluice.facts.gatewayUrl).port), Buffer.concat([Buffer.from(head), text]))
}
const asking = (model: string, content: string, more: object = {}) => ({
  model,
  max_tokens: 9,
  messages: [{ role: 'user', content }],
  ...more,
})
/** The one response of a connection, as a strict reader sees it. */
async function only(asked: ReturnType<typeof post>) {
  const { responses, rest } = await asked
  expect([responses.length, rest.length]).toEqual([1, 0])
  const [response] = responses as [(typeof responses)[number]]
  for (const [name, value] of response.headers) {
    expect(name).toMatch(/^[a-z0-9-]+$/)
    expect(value).toMatch(/^[\t\x20-\x7e]*$/)
    expect(value.length).toBeLessThanOrEqual(256)
  }
  return response
}
const namesOf = (response: { headers: readonly (readonly [string, string])[] }) =>
  response.headers.map(([name]) => name).sort()

describe('GW-29: names that callers give', () => {
  const contents = { served: 'hello', diverted: 'divertword', refused: 'refuseword' }
  for (const [kind, name] of Object.entries(NAMES))
    test(`GW-29: a model named with ${kind}`, async () => {
      for (const [what, content] of Object.entries(contents)) {
        const usual = await only(post(asking('model-x', content)))
        const odd = await only(post(asking(name, content)))
        expect([what, odd.status, namesOf(odd)]).toEqual([what, usual.status, namesOf(usual)])
        const told = decodeURIComponent(
          headerOf(odd, 'x-sluice-requested-model')!.replace(/%[^%]{0,1}$|(%[\dA-F]{2})+$/, ''),
        )
        expect(name.startsWith(told)).toBe(true)
      }
      const stream = await only(post(asking(name, 'refuseword', { stream: true })))
      const events = stream.body.toString().matchAll(/^event: (.*)$/gm)
      expect([...events].map(([, event]) => event)).toEqual(['message_start', 'message_delta', 'message_stop'])
      for (const line of stream.body.toString().split('\n')) expect(line).toMatch(/^(?:event: \w+|data: \{.*\})?$/s)
      const chat = await only(post(asking(name, 'refuseword', { stream: true }), '/v1/chat/completions'))
      for (const line of chat.body.toString().split('\n')) expect(line).toMatch(/^(?:data: (?:\{.*\}|\[DONE\]))?$/s)
    })

  test('GW-29: an address in other letters is written in ASCII, in the header as in the sentence', async () => {
    const refused = await only(post(asking('model-x', 'refuseword')))
    expect(headerOf(refused, 'x-sluice-appeal')).toMatch(/^https:\/\/xn--[\w-]+\.example\/sluice\/d\/dec_/)
  })

  test('GW-29: a model that may not answer, named on several lines', async () => {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
      const response = await only(post(asking(GONE, 'hello'), path))
      const served = path === '/v1/messages'
      expect([response.status, namesOf(response).includes('x-forged')]).toEqual([served ? 200 : 403, false])
      if (!served) expect(JSON.parse(response.body.toString())).toMatchObject({ error: { details: { model: GONE } } })
    }
  })

  test('GW-29: names of languages, sessions, customers and betas', async () => {
    const raw = [
      'accept-language',
      'x-claude-code-session-id',
      'anthropic-beta',
      'user-agent',
      'openai-safety-identifier',
    ]
    const body = JSON.stringify(asking('model-x', 'refuseword', { metadata: { user_id: NAMES.LF }, user: NAMES.CRLF }))
    for (const name of raw) {
      const head = `POST /v1/messages HTTP/1.1\r\nHost: a\r\nx-api-key: sk-test\r\nConnection: close\r\n${name}: ja\x80\xff\t"\\\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      const response = await only(converse(Number(new URL(sluice.facts.gatewayUrl).port), head))
      expect([name, response.status]).toEqual([name, 200])
    }
  })
})

describe('GW-29: names that an upstream gives', () => {
  for (const [kind, name] of Object.entries(NAMES))
    test(`GW-29: a model that says it is one with ${kind}`, async () => {
      upstream.answer = (_, response) => json(response, 200, { ...MESSAGE, model: name }, { 'request-id': 'req_"\t\\' })
      const response = await only(post(asking('model-x', 'hello')))
      expect([response.status, response.body.toString()]).toEqual([200, JSON.stringify({ ...MESSAGE, model: name })])
      expect(response.headers.filter(([one]) => one.includes('forged'))).toEqual([])
    })

  test('GW-29: headers that no server should send: an answer that is clean, or none', async () => {
    let lines = ''
    const raw: Server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        const body = JSON.stringify(MESSAGE)
        socket.write(
          Buffer.from(
            `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${lines}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
            'latin1',
          ),
        )
        socket.destroySoon()
      })
    })
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
    const other = await startConfigured('', {
      env: { ANTHROPIC_UPSTREAM_URL: `http://127.0.0.1:${(raw.address() as AddressInfo).port}` },
    })
    const body = JSON.stringify(asking('model-x', 'hello'))
    const bad = [
      'request-id: a\rx-forged: 1',
      'request-id: a\nx-forged: 1',
      'request-id: a\0b',
      'request-id: a\x01\x7fb',
      'request-id: caf\xe9\x85b',
      'x\x01y: 1',
      'x y: 1',
      'x-folded: a\r\n x-forged: 1',
      'x-sluice-action: refuse',
      `x-long: ${'a'.repeat(100_000)}`,
    ]
    try {
      for (const line of bad) {
        lines = `${line}\r\n`
        const head = `POST /v1/messages HTTP/1.1\r\nHost: a\r\nx-api-key: sk-test\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
        const { responses, rest } = await converse(Number(new URL(other.facts.gatewayUrl).port), head)
        expect([line.slice(0, 40), responses.length, rest.length]).toEqual([line.slice(0, 40), 1, 0])
        const [{ status, headers }] = responses as [(typeof responses)[number]]
        expect([200, 502]).toContain(status)
        if (!line.startsWith('x-folded')) expect(JSON.stringify(headers)).not.toContain('forged')
        expect(headerOf(responses[0], 'x-sluice-action')).not.toBe('refuse')
        for (const [, value] of headers) expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/)
      }
    } finally {
      await other.stop()
      await new Promise((resolve) => raw.close(resolve))
    }
  })
})

describe('GW-29: names that an operator gives, and lines of the log', () => {
  test('GW-29: a rule is named in letters that need no care', () => {
    for (const name of ['a\nb', 'a\r', 'a\0', 'a\n', '\u2028', 'a b', 'ａ', ''])
      expect(() => parseConfig(`rules: [{name: ${JSON.stringify(name)}, action: refuse}]`, 'f')).toThrow(
        /letters, digits/,
      )
  })

  test('GW-29: every line of the log is one that Sluice wrote, whatever was named', async () => {
    const before = sluice.log().length
    upstream.answer = (_, response) => void response.destroy()
    for (const name of Object.values(NAMES)) await post(asking(name, 'divertword'))
    writeFileSync(sluice.file, `${YAML}\n${JSON.stringify(`x\n${FORGED}`)}: 1\n`)
    sluice.process.kill('SIGHUP')
    await eventually(async () => sluice.log().slice(before).includes('config.rejected'))
    writeFileSync(sluice.file, YAML)
    const lines = sluice
      .log()
      .slice(before)
      .split('\n')
      .filter((line) => line !== '')
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event)
    expect(new Set(events)).toEqual(new Set(['fallback.failed', 'config.rejected']))
  })

  test('GW-29: on a terminal a name stays on its line, and moves nothing', async () => {
    const { LF, CRLF, NUL, ...more } = NAMES
    for (const name of [`${LF}${CRLF}${NUL}`, Object.values(more).join('')]) {
      const reply = await only(post(asking(name, 'refuseword')))
      const id = headerOf(reply, 'x-sluice-decision-id')!
      const admin = sluice.facts.consoleUrl
      await eventually(async () => (await fetch(`${admin}/api/decisions/${id}`)).ok)
      const { stdout: out } = await command(['why', id, '--admin', admin])
      expect(out).toContain(`decision    ${id}`)
      expect(out.split('\n').filter((line) => /^models {2}/.test(line))).toHaveLength(1)
      expect(out).not.toMatch(/^(?:x-forged|\{|event:|HTTP)/m)
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
    }
  })
})
