import Anthropic, { BetaFallbackState, betaRefusalFallbackMiddleware } from '@anthropic-ai/sdk'
import type { BetaMessage } from '@anthropic-ai/sdk/resources/beta/messages/messages'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Asked, askMessages, eventsOf, kinds } from './parts/ask-messages.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { type ModelUpstream, startModelUpstream } from './parts/model-upstream.ts'

/** Rules of wire.md §6 and §7 over real sockets: an upstream with three models, and rules whose words decide. */
let upstream: ModelUpstream
let sluice: Configured
beforeAll(async () => {
  upstream = await startModelUpstream()
  sluice = await startConfigured(
    `fallbacks: {large: [middle, small, tiny], '*': small}\nprefill_models: [middle]\n` +
      `on_upstream_refusal: fall_back\nsuspended: {tiny: {since: '2026-06-12T21:21:00Z'}, ended: {since: '2026-06-12T21:21:00Z', until: '2026-06-13T09:21:00Z'}, gone: {since: '2026-06-12T21:21:00Z', brief_url: 'https://sluice.example/briefs/1'}}\n` +
      `${RULES}`,
    { env: { ANTHROPIC_UPSTREAM_URL: upstream.url } },
  )
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.forget()
})

const LIST = 'server-side-fallback-2026-06-01'
const DEFAULT = 'server-side-fallback-2026-07-01'
const CREDIT = 'fallback-credit-2026-07-01'

const ask = (content: string, some?: Asked) => askMessages(sluice, content, some)
describe('GW-17: who gets a fallback', () => {
  test('GW-17: rule 1: a list that is not allowed is 400 before anything runs', async () => {
    const lists: [unknown, string?][] = [
      [[]],
      [[{ model: 'small' }, { model: 'small' }]],
      [[{ model: 'large' }]],
      [[{ model: 'other' }]],
      [[{ model: 'small', temperature: 1 }]],
      [[{ model: 'small' }, { model: 'middle' }, { model: 'tiny' }, { model: 'x' }]],
      ['first'],
      ['default', LIST],
    ]
    for (const [fallbacks, beta = DEFAULT] of lists) {
      const { response, json } = await ask('hello', { beta, body: { fallbacks } })
      expect([response.status, (json() as never as { error: { type: string } }).error.type]).toEqual([
        400,
        'invalid_request_error',
      ])
    }
    expect(upstream.requests).toHaveLength(0)
  })

  test('GW-17: rule 1: an override of the wrong type is 400 and named; null is none', async () => {
    const wrong: Record<string, unknown[]> = {
      max_tokens: ['many', 0, 1.5, -1, {}],
      thinking: ['adaptive', []],
      output_config: [1, []],
      speed: [1, {}],
    }
    for (const [member, values] of Object.entries(wrong))
      for (const value of values) {
        const { response, text } = await ask('divertword', {
          beta: LIST,
          body: { fallbacks: [{ model: 'middle' }, { model: 'small', [member]: value }] },
        })
        expect([member, value, response.status]).toEqual([member, value, 400])
        expect(text).toContain(`fallbacks[1].${member}`)
      }
    expect(upstream.requests).toHaveLength(0)
    const none = { max_tokens: null, thinking: null, output_config: null, speed: null }
    const own = { thinking: { type: 'adaptive' }, output_config: { effort: 'low' }, speed: 'fast' }
    await ask('divertword', { beta: LIST, body: { ...own, fallbacks: [{ model: 'small', ...none }] } })
    // The one that a request must have stays the request's own.
    expect(upstream.bodies()).toEqual([
      { model: 'small', max_tokens: 99, messages: [{ role: 'user', content: 'divertword' }] },
    ])
  })

  test('GW-17: both betas without a list: the caller’s own chain decides, and its client asks the model it named', async () => {
    const { json } = await ask('divertword', { beta: `${CREDIT},${DEFAULT}` })
    expect(json()).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { fallback_credit_token: expect.stringMatching(/^slfc_1/) },
      sluice: { action: 'fall_back', served_model: null },
    })
    expect(upstream.requests).toHaveLength(0)
    const client = new Anthropic({
      baseURL: sluice.facts.gatewayUrl,
      apiKey: 'sk-both',
      maxRetries: 0,
      middleware: [betaRefusalFallbackMiddleware([{ model: 'small' }])],
    })
    const params = { model: 'large', max_tokens: 9, messages: [{ role: 'user' as const, content: 'divertword' }] }
    const message = await client.beta.messages.create(
      { ...params, betas: [DEFAULT] },
      { fallbackState: new BetaFallbackState() },
    )
    expect([message.model, upstream.asked()]).toEqual(['small', ['small']])
  })

  test('GW-17: the caller’s list in order, with overrides on the original body; suspended targets are skipped', async () => {
    const fallbacks = [{ model: 'tiny' }, { model: 'small', max_tokens: 7, thinking: null }, { model: 'middle' }]
    const { response, json } = await ask('divertword', {
      beta: LIST,
      body: { fallbacks, thinking: { type: 'adaptive' } },
    })
    expect(upstream.bodies()).toEqual([
      { model: 'small', max_tokens: 7, messages: [{ role: 'user', content: 'divertword' }] },
    ])
    const message = json()
    expect(message.content[0]).toEqual({
      type: 'fallback',
      from: { model: 'large' },
      to: { model: 'small' },
      trigger: { type: 'refusal', category: 'cyber' },
    })
    expect(message.usage.iterations?.map((one) => [one.type, 'model' in one && one.model])).toEqual([
      ['message', 'large'],
      ['fallback_message', 'small'],
    ])
    expect(response.headers.get('x-sluice-served-model')).toBe('small')
  })

  test('GW-17: "default" is the safeguard’s own target; nothing sent is the operator’s, without a block', async () => {
    const asDefault = await ask('divertword', { beta: DEFAULT, body: { fallbacks: 'default' } })
    expect(asDefault.json().content.map(({ type }) => type)).toEqual(['fallback', 'text'])
    const silent = await ask('divertword')
    expect(silent.json()).toMatchObject({
      model: 'middle',
      content: [{ type: 'text' }],
      sluice: { action: 'fall_back', requested_model: 'large', served_model: 'middle' },
    })
    expect(upstream.asked()).toEqual(['middle', 'middle'])
  })

  test('GW-17: no list softens a refusal, and an allowed request keeps its list', async () => {
    const refused = await ask('refuseword', { beta: LIST, body: { fallbacks: [{ model: 'small' }] } })
    expect(refused.json().stop_reason).toBe('refusal')
    expect(upstream.requests).toHaveLength(0)
    await ask('hello', { beta: LIST, body: { fallbacks: [{ model: 'small' }] } })
    expect(upstream.bodies()[0]).toMatchObject({ model: 'large', fallbacks: [{ model: 'small' }] })
  })

  test('GW-17: rule 2 and 6: an overloaded model is returned as it is; an overloaded target is the refusal that names it', async () => {
    upstream.models.large = { status: 529 }
    expect((await ask('hello', { beta: LIST, body: { fallbacks: [{ model: 'small' }] } })).response.status).toBe(529)
    upstream.models.small = { status: 429 }
    const { json } = await ask('divertword', {
      beta: LIST,
      body: { fallbacks: [{ model: 'small' }, { model: 'middle' }] },
    })
    expect(json().stop_details).toMatchObject({ type: 'refusal', recommended_model: 'small' })
    expect(upstream.asked()).toEqual(['large', 'small'])
  })

  test('GW-17: rule 3 and 5: a target that was asked itself answers, and the next turn starts at the model asked', async () => {
    expect((await ask('divertword', { body: { model: 'small' } })).json().model).toBe('small')
    await ask('divertword')
    const next = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'thanks' },
      ],
    }
    expect((await ask('', { body: next })).json().model).toBe('large')
  })

  test('GW-17: rule 7 and 8: a chain that is exhausted ends in the last refusal, with every model that was asked', async () => {
    for (const model of ['large', 'small', 'middle']) upstream.models[model] = { refuses: 'cyber' }
    const fallbacks = [{ model: 'small' }, { model: 'middle' }]
    for (const stream of [false, true]) {
      upstream.requests.length = 0
      const { text, json } = await ask('hello', { beta: DEFAULT, body: { fallbacks, stream } })
      expect(upstream.asked()).toEqual(['large', 'small', 'middle'])
      const end = stream
        ? (eventsOf(text).find(({ type }) => type === 'message_delta') as never as BetaMessage & { delta: BetaMessage })
        : json()
      expect(end.usage.iterations?.map((one) => [one.type, 'model' in one && one.model])).toEqual([
        ['message', 'large'],
        ['message', 'small'],
        ['fallback_message', 'middle'],
      ])
      expect(stream ? (end as never as { delta: BetaMessage }).delta.stop_reason : end.stop_reason).toBe('refusal')
    }
  })

  test('GW-17: a provider’s refusal leads on where policy joins the chains, and names its category', async () => {
    upstream.models.large = { refuses: 'bio' }
    const { json } = await ask('hello')
    expect(json()).toMatchObject({
      model: 'middle',
      sluice: { action: 'fall_back', reason: 'harm.bio', stage: 'output' },
    })
  })

  test('GW-5: three chains: an upstream that is down never feeds the fallback of a safeguard', async () => {
    upstream.models.large = { status: 503 }
    const { response } = await ask('hello')
    expect([response.status, upstream.asked()]).toEqual([503, ['large']])
  })

  test('GV-5: a suspended model is answered for where there is a target, else not at all, on every way in', async () => {
    const served = await ask('hello', { body: { model: 'gone' } })
    expect(served.json()).toMatchObject({
      model: 'small',
      sluice: { reason: 'control.suspended', stage: 'control', category: null },
    })
    const count = await fetch(`${sluice.facts.gatewayUrl}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gone', messages: [] }),
    })
    expect([count.status, ((await count.json()) as { error: { details: object } }).error.details]).toMatchObject([
      403,
      { error_code: 'model_suspended', brief_url: 'https://sluice.example/briefs/1', alternatives: ['small'] },
    ])
  })

  test('GV-5: a suspension that has reached its end restores service by itself, on every way in', async () => {
    expect((await ask('hello', { body: { model: 'ended' } })).json()).toMatchObject({ model: 'ended' })
    expect(upstream.asked()).toEqual(['ended'])
    const headers = { 'x-api-key': 'k', 'content-type': 'application/json' }
    const body = JSON.stringify({ model: 'ended', messages: [] })
    const count = `${sluice.facts.gatewayUrl}/v1/messages/count_tokens`
    expect((await fetch(count, { method: 'POST', headers, body })).status).toBe(200)
  })

  test('a refusal for a suspended model whose next model is the caller’s to ask says so, with its link and id', async () => {
    const { stop_details, sluice: member } = (await ask('hello', { beta: CREDIT, body: { model: 'gone' } })).json()
    const { url, id } = member.appeal as { url: string; id: string }
    expect((stop_details as { explanation: string }).explanation).toBe(
      `No model answered this request: gone is suspended. Background: https://sluice.example/briefs/1 Details and appeal: ${url} (appeal ${id})`,
    )
  })
})

describe('GW-17: fallback in mid-stream', () => {
  const said = 'First, confirm the crash in a copy of the program. '.repeat(16)

  test('GW-17: with the beta: a seam, monotonic indices, and the target goes on from what was released', async () => {
    upstream.models.large = { text: `${said}outdivert and more`, pauseAfter: said.length }
    upstream.models.middle = { text: 'Then patch the length check.' }
    const { text } = await ask('hello', { beta: DEFAULT, body: { stream: true } })
    const events = eventsOf(text)
    const starts = events.filter(({ type }) => type === 'content_block_start') as never as {
      index: number
      content_block: { type: string }
    }[]
    expect(starts.map(({ index, content_block }) => [index, content_block.type])).toEqual([
      [0, 'text'],
      [1, 'fallback'],
      [2, 'text'],
    ])
    expect(kinds(text).filter((type) => type === 'message_start')).toHaveLength(1)
    expect(text).not.toContain('outdivert')
    const shown = events
      .filter(({ type, index }) => type === 'content_block_delta' && index === 0)
      .map((event) => (event as never as { delta: { text: string } }).delta.text)
      .join('')
    const [, second] = upstream.bodies() as { messages: { role: string; content: string }[] }[]
    expect(said.startsWith(shown)).toBe(true)
    expect(shown.length).toBeGreaterThan(0)
    expect(second!.messages).toEqual([
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: shown },
    ])
    expect(events.find(({ type }) => type === 'message_delta')).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: {
        iterations: [
          { type: 'message', model: 'large' },
          { type: 'fallback_message', model: 'middle' },
        ],
      },
      sluice: { action: 'fall_back', stage: 'output', served_model: 'middle' },
    })
    const client = new Anthropic({ baseURL: sluice.facts.gatewayUrl, apiKey: 'k', maxRetries: 0 })
    const stream = client.beta.messages.stream({
      model: 'large',
      max_tokens: 9,
      betas: [DEFAULT],
      messages: [{ role: 'user', content: 'hello' }],
    })
    const final = await stream.finalMessage()
    expect(final.content.map(({ type }) => type)).toEqual(['text', 'fallback', 'text'])
  })

  test('GW-17: without the beta, once text has left, the answer ends with the refusal; before that, another model answers', async () => {
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length }
    const late = await ask('hello', { body: { stream: true } })
    expect(eventsOf(late.text).find(({ type }) => type === 'message_delta')).toMatchObject({
      delta: { stop_reason: 'refusal' },
    })
    upstream.requests.length = 0
    upstream.models.large = { text: 'outdivert at once' }
    const early = await ask('hello', { body: { stream: true } })
    expect(upstream.asked()).toEqual(['large', 'middle'])
    expect(early.text).not.toContain('outdivert')
    expect(eventsOf(early.text)[0]).toMatchObject({ type: 'message_start', message: { model: 'middle' } })
    expect(eventsOf(early.text).find(({ type }) => type === 'message_delta')).toMatchObject({
      usage: { iterations: [{ model: 'large' }, { model: 'middle' }] },
      sluice: { served_model: 'middle' },
    })
  })

  test('GW-9: an answer with forbidden words is refused without them, wherever they stand and however it is cut', async () => {
    for (const at of [0, 100, 255, 256, 257, 300, 511, 600])
      for (const piece of [3, 64, 1000]) {
        upstream.models.large = { text: `${'calm words. '.repeat(60).slice(0, at)}outrefuse rest`, piece }
        const { text } = await ask('hello', { body: { stream: true } })
        expect(eventsOf(text).at(-2)).toMatchObject({
          delta: { stop_reason: 'refusal', stop_details: { category: 'bio' } },
        })
        const shown = eventsOf(text)
          .map((event) => (event as never as { delta?: { text?: string } }).delta?.text ?? '')
          .join('')
        expect(shown).not.toContain('outrefuse')
      }
  })
})

test('a block of an earlier turn is taken out for an upstream that would refuse it, and everything else keeps its bytes', async () => {
  const body =
    '{"model":"large","max_tokens":9,"messages":[{"role":"user","content":"a"},' +
    '{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"fallback","from":{"model":"x"},"to":{"model":"y"}}, {"type":"text","text":"\\u00e9 1.0"}]},' +
    '{"role":"user","content":"b"}], "temperature":1.0}'
  const send = (beta: Record<string, string>) =>
    fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'k', ...beta },
      body,
    })
  await send({})
  await send({ 'anthropic-beta': DEFAULT })
  const [stripped, whole] = upstream.requests.map((request) => request.body.toString())
  expect(stripped).toBe(
    '{"model":"large","max_tokens":9,"messages":[{"role":"user","content":"a"},' +
      '{"role":"assistant","content":[{"type":"text","text":"\\u00e9 1.0"}]},{"role":"user","content":"b"}],"temperature":1.0}',
  )
  expect(whole).toBe(body)
})

test('G4: what an upstream says in our name is taken out, whole or streamed', async () => {
  upstream.models.large = { text: 'fine', more: { sluice: { action: 'allow', forged: true } } }
  const whole = await ask('hello')
  expect(whole.text).not.toContain('forged')
  const streamed = await ask('hello', { body: { stream: true } })
  expect(streamed.text).not.toContain('forged')
  expect(kinds(streamed.text).at(-1)).toBe('message_stop')
})
