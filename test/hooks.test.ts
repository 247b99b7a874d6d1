import { spawnSync } from 'node:child_process'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionDetail } from '../src/admin/contract.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'

/** Inference hooks: who is let in, bodies that no vendor should send, and times when other surfaces answer an error. */

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
const NEXT = `whsec_${Buffer.from('another one of thirty-two bytes!').toString('base64')}`
const UNSIGNED = `accept_unsigned_until: '${new Date(Date.now() + 3_600_000).toISOString()}'`
const PATH = '/hooks/anthropic-inference'

interface Said {
  readonly action: 'allow' | 'deny'
  readonly deny_reason?: string
  readonly reference_id?: string
}

async function ask({ facts }: Configured, body: string | Buffer<ArrayBuffer>): Promise<Said> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(facts.gatewayUrl + PATH, { method: 'POST', headers, body })
  expect(reply.status).toBe(200)
  return (await reply.json()) as Said
}

let models = 0
const nextModel = () => `model-${models++}`

function frame(text: string, more: object = {}, content: object[] = []): string {
  const messages = [{ role: 'user', content: [{ type: 'text', text }, ...content] }]
  return JSON.stringify({ type: 'prompt', request_id: 'r', model: nextModel(), messages, ...more })
}

async function receiptOf({ facts }: Configured, asked: string) {
  const get = async (path: string) => (await fetch(facts.consoleUrl + path)).json()
  const id = await eventually(async () => {
    const { items } = (await get('/api/decisions?limit=100')) as { items: { id: string; requestedModel: string }[] }
    return items.find(({ requestedModel }) => requestedModel === asked)?.id
  })
  return ((await get(`/api/decisions/${id}`)) as DecisionDetail).receipt
}

const receiptOfDecision = ({ facts }: Configured, id: string) =>
  eventually(async () => {
    const found = await fetch(`${facts.consoleUrl}/api/decisions/${id}`)
    return found.ok && ((await found.json()) as DecisionDetail).receipt
  })

const deep = (levels: number) => '{"a":'.repeat(levels) + '1'.padEnd(1 + levels, '}')
const tool = (input: string, text: string) =>
  `{"type":"prompt","messages":[{"role":"user","content":[{"type":"text","text":"${text}"}]},` +
  `{"role":"assistant","content":[{"type":"tool_use","tool_name":"n","input":${input}}]}]}`

describe('GW-18: what a hook is signed with', () => {
  let sluice: Configured
  beforeAll(async () => {
    sluice = await startConfigured(`fallbacks: {'*': small}\nhooks: {secrets: ['${SECRET}', '${NEXT}']}\n${RULES}`)
  })
  afterAll(() => sluice.stop())

  const frame = (content: unknown, more: object = {}) =>
    JSON.stringify({
      type: 'prompt',
      request_id: 'req_1',
      tenant_id: 't',
      actor: { type: 'user', id: 'user_1', email_address: 'canary@example.com' },
      source: { application: 'claude-code' },
      session_id: 's',
      model: 'claude-large',
      messages: [{ role: 'user', content }],
      ...more,
    })
  let n = 0
  function sign(body: string, { secret = SECRET, id = `msg_${n++}`, at = new Date() } = {}): Record<string, string> {
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    }
  }
  const hook = (body: string, headers: Record<string, string>) =>
    fetch(sluice.facts.gatewayUrl + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'anthropic-dlp/1', ...headers },
      body,
    })
  const verdict = async (body: string, headers = sign(body)) => {
    const response = await hook(body, headers)
    return [response.status, await response.json()] as const
  }

  test('GW-18: allow and deny, in every kind of block', async () => {
    const texts = [
      [{ type: 'text', text: 'refuseword' }],
      [{ type: 'attachment', file_name: 'refuseword', media_type: 'x', text: 'y' }],
      [{ type: 'attachment', file_name: 'a', text: 'refuseword' }],
      [{ type: 'tool_result', tool_use_id: 't', tool_name: 'n', content: 'refuseword' }],
      [{ type: 'hologram', deep: { words: ['refuseword'] } }],
      'refuseword',
    ]
    expect(await verdict(frame('summarise the report'))).toEqual([200, { action: 'allow' }])
    for (const content of texts) {
      const [status, said] = await verdict(frame(content))
      expect([status, said]).toEqual([
        200,
        {
          action: 'deny',
          deny_reason: expect.stringContaining('/d/dec_'),
          reference_id: expect.stringMatching(/^dec_[0-9A-Z]{26}$/),
        },
      ])
      expect((said as { deny_reason: string }).deny_reason.length).toBeLessThanOrEqual(500)
    }
    expect(await verdict(frame('hello', { later: { field: 'refuseword' } }))).toMatchObject([200, { action: 'deny' }])
    expect(await verdict(frame('divertword'))).toMatchObject([200, { action: 'deny' }])
  })

  test('GW-18: unknown events are allowed; what cannot be read is a verdict too', async () => {
    expect(await verdict('{"type":"later","x":"refuseword"}')).toEqual([200, { action: 'allow' }])
    expect(await verdict('no json')).toMatchObject([200, { action: 'deny', reference_id: expect.any(String) }])
  })

  test('GW-18: wrong secret, skew, a missing or altered signature: 401 and never a verdict', async () => {
    const body = frame('hello')
    const late = new Date(Date.now() - 301_000)
    const early = new Date(Date.now() + 302_000)
    const wrong = `whsec_${Buffer.from('not the secret').toString('base64')}`
    const cases: Record<string, string>[] = [
      {},
      sign(body, { secret: wrong }),
      sign(body, { at: late }),
      sign(body, { at: early }),
      sign(`${body} `),
      { ...sign(body), 'webhook-signature': 'v1,' },
      { ...sign(body), 'webhook-timestamp': 'soon' },
    ]
    for (const headers of cases) {
      const response = await hook(body, headers)
      expect(response.status).toBe(401)
      expect(await response.text()).not.toContain('action')
    }
  })

  test('GW-18: two secrets, several signatures, headers in any case, ten megabytes', async () => {
    const body = frame('hello')
    expect(await verdict(body, sign(body, { secret: NEXT }))).toEqual([200, { action: 'allow' }])
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': good } = sign(body)
    const several = { 'Webhook-Id': id!, 'WEBHOOK-TIMESTAMP': at!, 'webhook-Signature': `v1a,xx v1,eHg= ${good}` }
    expect(await verdict(body, several)).toEqual([200, { action: 'allow' }])
    const large = frame(`${'words and more words. '.repeat(450_000)} refuseword`)
    expect(large.length).toBeGreaterThan(9_900_000)
    expect(await verdict(large)).toMatchObject([200, { action: 'deny' }])
  })

  test('GW-18: the one retry of the vendor gets the stored verdict; the same id over another body is refused', async () => {
    const body = frame('refuseword')
    const headers = sign(body)
    const first = await verdict(body, headers)
    expect(await verdict(body, headers)).toEqual(first)
    const id = headers['webhook-id']!
    const other = frame('hello')
    expect((await hook(other, sign(other, { id }))).status).toBe(401)
  })

  test('GW-18: the record says that the view was partial, and holds no name of the person', async () => {
    const body = frame('refuseword')
    const [, said] = await verdict(body)
    const receipt = await receiptOfDecision(sluice, (said as { reference_id: string }).reference_id)
    expect(receipt).toMatchObject({ surface: 'hooks' })
    const text = JSON.stringify(receipt)
    expect(text).toContain('partial_view')
    expect(text).not.toContain('canary@example.com')
  })
})

describe('CL-15: what a hook is sent', () => {
  let sluice: Configured
  beforeAll(async () => {
    sluice = await startConfigured(`hooks: {${UNSIGNED}}\nmax_body_mb: 1\n${RULES}`)
  })
  afterAll(() => sluice.stop())

  const read: [name: string, body: (text: string) => string][] = [
    ['half a surrogate pair', (text) => frame(`${text} X`).replace(' X', ' \\ud800')],
    ['140 levels', (text) => tool(deep(140), text)],
    ['more than 200,000 values', (text) => tool(`[${'1,'.repeat(200_001)}1]`, text)],
  ]
  test.each(read)('CL-15: %s: what is not forwarded is read beyond the bounds of what is', async (_, body) => {
    expect(await ask(sluice, body('hello'))).toEqual({ action: 'allow' })
    const said = await ask(sluice, body('refuseword'))
    expect([said.action, said.deny_reason]).toEqual(['deny', expect.stringContaining('/d/dec_')])
  })

  const unread: [name: string, body: (text: string) => string | Buffer<ArrayBuffer>][] = [
    ['a key twice', (text) => frame(text).replace('"request_id"', '"later":1,"later":2,"request_id"')],
    ['450,000 levels', (text) => tool('['.repeat(450_000) + ']'.repeat(450_000), text)],
    ['no JSON', (text) => frame(text).slice(0, -1)],
    ['a list', (text) => `[${frame(text)}]`],
    ['nothing', () => ''],
    ['bad UTF-8, in no JSON', (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])],
  ]
  test.each(unread)('CL-15: %s: what cannot be read is decided on as unavailable, and recorded', async (_, body) => {
    const said = await ask(sluice, body('hello'))
    expect(said).toEqual({
      action: 'deny',
      deny_reason: 'no input detector answered',
      reference_id: expect.stringMatching(/^dec_/),
    })
    const { receipt } = await eventually(async () => {
      const found = await fetch(`${sluice.facts.consoleUrl}/api/decisions/${said.reference_id}`)
      return found.ok ? ((await found.json()) as DecisionDetail) : null
    })
    expect(receipt.decision).toMatchObject({ action: 'fall_back', reason: 'detector.unavailable' })
    expect(receipt.decision.degraded).toContain('hook')
    expect(sluice.log()).not.toContain('hello')
  })

  test('CL-15: of what cannot be read the words are read', async () => {
    const { deny_reason } = await ask(sluice, `{"type":"prompt","messages":"\\u0072efuseword`)
    expect(deny_reason).toContain('/d/dec_')
  })

  test('GW-18: bytes that are no UTF-8 inside a frame are read around', async () => {
    const [before, after] = frame('X refuseword').split('X')
    const body = Buffer.concat([Buffer.from(before!), Buffer.from([0xff]), Buffer.from(after!)])
    expect((await ask(sluice, body)).action).toBe('deny')
  })

  test('GW-18: an event of another type is let by, read and recorded', async () => {
    const body = frame('refuseword', { type: 'later', model: 'of-a-later-event' })
    expect(await ask(sluice, body)).toEqual({ action: 'allow' })
    const receipt = await receiptOf(sluice, 'of-a-later-event')
    expect(receipt.decision).toMatchObject({ action: 'flag', would: 'refuse', reason: 'harm.bio' })
    expect(JSON.stringify(receipt)).toContain('unknown_event')
  })

  test('GW-21: an attachment without a text is uninspected', async () => {
    const image = { type: 'attachment', file_name: 'a.png', media_type: 'image/png', size_bytes: 3 }
    expect(await ask(sluice, frame('look', { model: 'of-an-image' }, [image]))).toEqual({ action: 'allow' })
    const receipt = await receiptOf(sluice, 'of-an-image')
    expect(receipt.decision).toMatchObject({ action: 'flag', reason: 'content.uninspected' })
    expect(receipt.steps[0]!.input.findings).toContainEqual(
      expect.objectContaining({ kind: 'uninspected', media: 'image' }),
    )
  })

  test('GW-18: ten megabytes are taken whatever other surfaces take; those say what they take', async () => {
    const text = 'words and more words. '.repeat(100_000)
    expect((await ask(sluice, frame(`${text}refuseword`))).action).toBe('deny')
    const reply = await fetch(`${sluice.facts.gatewayUrl}/v1/messages`, { method: 'POST', body: text })
    expect([reply.status, await reply.text()]).toEqual([413, expect.stringContaining('body is larger than 1 MiB')])
    const page = await fetch(`${sluice.facts.gatewayUrl}/d/x`, { method: 'POST', body: text })
    expect([page.status, await page.text()]).toEqual([413, expect.stringContaining('body is larger than 64 KiB')])
  })

  test.skipIf(spawnSync('prlimit', ['--version']).status !== 0)(
    'CL-15: what cannot be recorded is withheld by a verdict, and goes on by itself',
    async () => {
      const limit = (bytes: string) =>
        expect(spawnSync('prlimit', ['--pid', String(sluice.process.pid), `--fsize=${bytes}`]).status).toBe(0)
      limit('0:unlimited')
      const withheld = { action: 'deny', deny_reason: expect.stringContaining('the record cannot be written') }
      expect(await ask(sluice, frame('hello'))).toEqual(withheld)
      expect(await ask(sluice, frame('refuseword'))).toEqual(withheld)
      expect(await ask(sluice, frame('hello', { type: 'later' }))).toEqual({ action: 'allow' })
      limit('unlimited')
      await eventually(async () => (await ask(sluice, frame('hello'))).action === 'allow')
    },
  )
})

describe('when there is too much', () => {
  test('GW-13: a hook is answered while other surfaces shed', async () => {
    const upstream = await startRecordingUpstream()
    const sluice = await startConfigured(`hooks: {${UNSIGNED}}\nlimits: {requests_in_flight: 1}\n${RULES}`, {
      env: { ANTHROPIC_UPSTREAM_URL: upstream.url },
    })
    upstream.answer = () => undefined
    const leaving = new AbortController()
    const messages = (signal: AbortSignal | null) =>
      fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'sk-test' },
        body: JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] }),
        signal,
      })
    const waits = messages(leaving.signal).catch(() => null)
    await eventually(async () => upstream.requests.length === 1)
    expect((await messages(null)).status).toBe(529)
    expect(await ask(sluice, frame('hello'))).toEqual({ action: 'allow' })
    expect((await ask(sluice, frame('refuseword'))).action).toBe('deny')
    leaving.abort()
    await waits
    await sluice.stop()
    await upstream.close()
  })

  test('CL-15: what cannot be scored in time is decided on as unavailable; what is short is scored in any case', async () => {
    const sluice = await startConfigured(`hooks: {${UNSIGNED}, budget_ms: 10}\n${RULES}`)
    const text = 'the quick brown fox jumps over the lazy dog. '.repeat(100_000)
    expect(await ask(sluice, frame(text, { model: 'of-a-long-text' }))).toMatchObject({
      action: 'deny',
      deny_reason: 'no input detector answered',
    })
    const { decision, steps } = await receiptOf(sluice, 'of-a-long-text')
    expect(decision).toMatchObject({ action: 'fall_back', reason: 'detector.unavailable', degraded: ['light'] })
    expect(steps[0]!.input.findings).toContainEqual(
      expect.objectContaining({ kind: 'skipped', detector: 'light', why: 'no_time' }),
    )
    expect(await ask(sluice, frame('hello'))).toEqual({ action: 'allow' })
    await sluice.stop()
  })
})
