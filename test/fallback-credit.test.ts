import Anthropic, { BetaFallbackState, betaRefusalFallbackMiddleware } from '@anthropic-ai/sdk'
import type { BetaMessage } from '@anthropic-ai/sdk/resources/beta/messages/messages'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Asked, askMessages, eventsOf } from './parts/ask-messages.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { type ModelUpstream, startModelUpstream } from './parts/model-upstream.ts'
import { eventually } from './parts/running.ts'

/** wire.md §7 over real sockets: tokens that let a caller's own client ask another model after a diversion. */
let upstream: ModelUpstream
let sluice: Configured
const YAML = `fallbacks: {large: [middle, small]}\nprefill_models: [middle]\n${RULES}`
beforeAll(async () => {
  upstream = await startModelUpstream()
  sluice = await startConfigured(YAML, { env: { ANTHROPIC_UPSTREAM_URL: upstream.url } })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.forget()
})

const CREDIT = 'fallback-credit-2026-07-01'
const ask = (content: string, some?: Asked) => askMessages(sluice, content, some)
/** The official client with its own middleware, which asks another model after a refusal. */
const clientTo = (model: string) =>
  new Anthropic({
    baseURL: sluice.facts.gatewayUrl,
    apiKey: 'sk-test',
    maxRetries: 0,
    middleware: [betaRefusalFallbackMiddleware([{ model }])],
  })

describe('GW-16: fallback credit tokens', () => {
  const credited = (content: string, some: Asked = {}) => ask(content, { beta: CREDIT, ...some })
  const tokenOf = (message: BetaMessage) =>
    (message.stop_details as unknown as { fallback_credit_token: string | null }).fallback_credit_token

  test('GW-16: a diversion left to the caller’s client carries a token; a refusal carries none', async () => {
    const diverted = (await credited('divertword')).json()
    expect(diverted).toMatchObject({ stop_reason: 'refusal', sluice: { action: 'fall_back', served_model: null } })
    const token = tokenOf(diverted)!
    expect(token).toMatch(/^slfc_1\.[\w-]+\.[\w-]+$/)
    expect(token.length).toBeLessThanOrEqual(512)
    expect(Buffer.from(token.split('.')[1]!, 'base64url').toString()).not.toContain('divertword')
    expect(tokenOf((await credited('refuseword')).json())).toBeNull()
    expect(upstream.requests).toHaveLength(0)
  })

  test('GW-16: every row of the redemption table', async () => {
    const fresh = async () => tokenOf((await credited('divertword')).json())!
    const offer = (token: string, mode: string | null) => (mode === null ? token : { token, mode })
    const retry = async (
      token: string,
      mode: string | null,
      change: { content?: string } & Asked & { model?: string } = {},
    ) => {
      const { content = 'divertword', model = 'small', body = {}, ...some } = change
      return credited(content, { ...some, body: { model, fallback_credit_token: offer(token, mode), ...body } })
    }
    const good = await fresh()
    for (const mode of ['best_effort', 'strict', null]) {
      const { json } = await retry(good, mode)
      expect(json()).toMatchObject({ model: 'small', usage: { fallback_credit: { status: { type: 'redeemed' } } } })
    }
    expect(upstream.bodies().every((body) => !('fallback_credit_token' in body))).toBe(true)
    const rows: [string, Parameters<typeof retry>[2]][] = [
      ['body_mismatch', { content: 'divertword!' }],
      ['invalid_target_model', { model: 'stranger' }],
      ['not_enabled', { beta: 'other-beta' }],
      ['wrong_workspace', { key: 'sk-other' }],
      [
        'continuation_excluded',
        {
          body: {
            messages: [
              { role: 'user', content: 'divertword' },
              { role: 'assistant', content: 'So' },
            ],
          },
        },
      ],
    ]
    for (const [reason, change] of rows) {
      const strict = await retry(good, 'strict', change)
      expect([reason, strict.response.status]).toEqual([reason, 400])
      expect(strict.text).toContain('fallback_credit_token')
      const { json } = await retry(good, 'best_effort', change)
      // Without a valid token a diverted request is diverted as before.
      if (reason === 'invalid_target_model' || reason === 'not_enabled') expect(json().type).toBe('message')
      else expect(json().usage).toMatchObject({ fallback_credit: { status: { type: 'not_applied', reason } } })
    }
    const [head, payload, mac] = good.split('.') as [string, string, string]
    const flipped = `${mac.slice(0, -2)}${mac.at(-2) === 'A' ? 'B' : 'A'}${mac.at(-1)}`
    for (const bad of [
      `${head}.${payload}.${flipped}`,
      `${head}.${payload}x.${mac}`,
      'slfc_1.x',
      'slfc_2.a.b',
      'slfc_',
    ])
      for (const mode of ['best_effort', 'strict']) {
        const { response, text } = await retry(bad, mode)
        expect([bad, response.status]).toEqual([bad, 400])
        expect(text).toContain('fallback_credit_token')
      }
    const both = await credited('divertword', {
      body: {
        model: 'small',
        fallback_credit_token: { token: good, mode: 'best_effort' },
        fallbacks: [{ model: 'middle' }],
      },
    })
    expect(both.response.status).toBe(400)
  })

  test('GW-16: a token of the upstream’s passes untouched', async () => {
    await ask('hello', { beta: CREDIT, body: { fallback_credit_token: { token: 'fct_upstream', mode: 'strict' } } })
    expect(upstream.bodies()[0]).toMatchObject({ fallback_credit_token: { token: 'fct_upstream', mode: 'strict' } })
  })

  test('GW-16: the official middleware asks again by itself, streamed or not, and yields one message', async () => {
    const client = clientTo('small')
    const params = { model: 'large', max_tokens: 9, messages: [{ role: 'user' as const, content: 'divertword' }] }
    const message = await client.beta.messages.create(params, { fallbackState: new BetaFallbackState() })
    expect(message).toMatchObject({ model: 'small', stop_reason: 'end_turn' })
    const stream = client.beta.messages.stream(params, { fallbackState: new BetaFallbackState() })
    const final = await stream.finalMessage()
    expect(final.stop_reason).toBe('end_turn')
    expect(final.content.map(({ type }) => type)).toEqual(['fallback', 'text'])
    expect(upstream.asked()).toEqual(['small', 'small'])
  })

  test('GW-16: a stream stopped in mid-answer carries a claim, and the retry goes on from what was released', async () => {
    const said = 'First, confirm the crash in a copy of the program. '.repeat(16)
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length }
    upstream.models.middle = { text: 'Then patch it.' }
    const client = clientTo('middle')
    const params = { model: 'large', max_tokens: 9, messages: [{ role: 'user' as const, content: 'hello' }] }
    const final = await client.beta.messages.stream(params, { fallbackState: new BetaFallbackState() }).finalMessage()
    expect(final.content.map(({ type }) => type)).toEqual(['text', 'fallback', 'text'])
    const [, second] = upstream.bodies() as { messages: { role: string }[] }[]
    expect(second!.messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(final.usage).toMatchObject({ fallback_credit: { status: { type: 'redeemed' } } })
  })

  test('GW-16: a claim covers the text that was released, and nothing that was put beside it', async () => {
    const said = 'First, confirm the crash in a copy of the program. '.repeat(16)
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length }
    const offered = async (body: object) => {
      const { text } = await credited('hello', { body: { stream: true, ...body } })
      const shown = eventsOf(text).flatMap(({ delta }) => (delta as { text?: string } | undefined)?.text ?? [])
      const last = eventsOf(text).find(({ type }) => type === 'message_delta')!
      const { stop_details } = last.delta as unknown as { stop_details: Record<string, unknown> }
      return { text: shown.join(''), ...stop_details } as unknown as {
        text: string
        fallback_credit_token: string
        fallback_has_prefill_claim: boolean
      }
    }
    const { text, fallback_credit_token: token, fallback_has_prefill_claim } = await offered({})
    expect(fallback_has_prefill_claim).toBe(true)
    const first = { type: 'text', text: text.slice(0, 9) }
    const rest = { type: 'text', text: text.slice(9) }
    const statusOf = async (content: unknown) => {
      const messages = [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content },
      ]
      const body = { model: 'middle', messages, fallback_credit_token: { token, mode: 'best_effort' } }
      return (await credited('hello', { body })).json().usage.fallback_credit
    }
    const mismatch = { status: { type: 'not_applied', reason: 'body_mismatch' } }
    expect(await statusOf([first, rest, { type: 'tool_use', id: 't', name: 'bash', input: {} }])).toEqual(mismatch)
    expect(await statusOf([{ type: 'thinking', thinking: 'Sure', signature: 'x' }, first, rest])).toEqual(mismatch)
    expect(await statusOf([first, rest, { type: 'x', text: '' }])).toEqual(mismatch)
    expect(await statusOf([first, { ...rest, text: `${rest.text}!` }])).toMatchObject({
      status: { reason: 'continuation_excluded' },
    })
    expect(await statusOf([first, rest])).toEqual({ status: { type: 'redeemed' } })
    expect(await statusOf(text)).toEqual({ status: { type: 'redeemed' } })
    const thinking = await offered({ thinking: { type: 'enabled', budget_tokens: 1024 } })
    expect(thinking.fallback_has_prefill_claim).toBe(false)
  })

  test('GW-16: a token has its effect once: tried again, it is served, and counts like any other request', async () => {
    const refusing = await startConfigured(`fallbacks: {large: small}\nlimits: {refusals: 3}\n${RULES}`, {
      env: { ANTHROPIC_UPSTREAM_URL: upstream.url },
    })
    const at = (body: object, model: string) =>
      fetch(`${refusing.facts.gatewayUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'anthropic-beta': CREDIT },
        body: JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: 'divertword' }], ...body }),
      }).then((response) => response.json() as Promise<BetaMessage & { sluice: Record<string, unknown> }>)
    const token = tokenOf(await at({}, 'large'))!
    upstream.models.small = { text: 'outrefuse now' }
    const tried: [status: unknown, detail: string][] = []
    for (let i = 0; i < 4; i++) {
      const { usage, sluice } = await at({ fallback_credit_token: { token, mode: 'best_effort' } }, 'small')
      tried.push([usage.fallback_credit, 'reason' in sluice ? 'standard' : 'minimal'])
    }
    const redeemed = { status: { type: 'redeemed' } }
    // The refusal itself, and every try but the first, are refusals like any other: after three of them less is told.
    expect(tried).toEqual([
      [redeemed, 'standard'],
      [redeemed, 'standard'],
      [redeemed, 'standard'],
      [redeemed, 'minimal'],
    ])
    await refusing.stop()
  })

  test('GW-16: the retry is linked to its refusal in the record', async () => {
    const refused = (await credited('divertword')).json()
    const token = tokenOf(refused)
    const { response } = await credited('divertword', {
      body: { model: 'small', fallback_credit_token: { token, mode: 'strict' } },
    })
    const id = response.headers.get('x-sluice-decision-id')
    const { receipt } = await eventually(async () => {
      const found = await fetch(`${sluice.facts.consoleUrl}/api/decisions/${id}`)
      return found.ok && ((await found.json()) as { receipt: { retryOf: string } })
    })
    expect(receipt.retryOf).toBe(refused.sluice.decision_id)
  })

  test('GW-16: its effect comes once among all processes of a machine', async () => {
    const several = await startConfigured(YAML, {
      args: ['--workers', '2'],
      env: { ANTHROPIC_UPSTREAM_URL: upstream.url },
    })
    try {
      const post = async (body: object): Promise<{ id: string; body: BetaMessage }> => {
        const response = await fetch(`${several.facts.gatewayUrl}/v1/messages`, {
          method: 'POST',
          // A connection of its own: connections are what the processes share out.
          headers: {
            'content-type': 'application/json',
            'x-api-key': 'k',
            'anthropic-beta': CREDIT,
            connection: 'close',
          },
          body: JSON.stringify({ max_tokens: 9, messages: [{ role: 'user', content: 'divertword' }], ...body }),
        })
        return { id: response.headers.get('x-sluice-decision-id')!, body: (await response.json()) as BetaMessage }
      }
      const refused = await post({ model: 'large' })
      const again = { model: 'small', fallback_credit_token: { token: tokenOf(refused.body), mode: 'strict' } }
      const tries = await Promise.all(Array.from({ length: 24 }, () => post(again)))
      expect(tries.map(({ body }) => body.usage.fallback_credit)).toEqual(
        tries.map(() => ({ status: { type: 'redeemed' } })),
      )
      const receipts = await Promise.all(
        tries.map(({ id }) =>
          eventually(async () => {
            const found = await fetch(`${several.facts.consoleUrl}/api/decisions/${id}`)
            return found.ok && ((await found.json()) as { receipt: { retryOf: string | null } })
          }),
        ),
      )
      expect(receipts.filter(({ receipt }) => receipt.retryOf === refused.id)).toHaveLength(1)
    } finally {
      await several.stop()
    }
  })
})
