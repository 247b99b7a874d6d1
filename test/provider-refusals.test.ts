import type { BetaMessage } from '@anthropic-ai/sdk/resources/beta/messages/messages'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../src/core/policy/receipt.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { type ModelUpstream, startModelUpstream } from './parts/model-upstream.ts'
import { eventually } from './parts/running.ts'

/** wire.md §4 and §6: what a provider refuses by itself, where policy lets another model answer for it. */
let upstream: ModelUpstream
let sluice: Configured
/** What the upstream answered, in the order it was asked. */
const answers: string[] = []
beforeAll(async () => {
  upstream = await startModelUpstream()
  const { answer } = upstream
  upstream.answer = (request, response) => {
    const i = answers.push('') - 1
    for (const name of ['write', 'end'] as const) {
      const real = response[name].bind(response) as (...args: unknown[]) => never
      response[name] = (...args: unknown[]): never => {
        if (typeof args[0] === 'string') answers[i] += args[0]
        return real(...args)
      }
    }
    answer(request, response)
  }
  sluice = await startConfigured(
    `fallbacks: {large: [middle, small]}\nprefill_models: [middle]\non_upstream_refusal: fall_back\nlimits: {refusals: 2}\n${RULES}`,
    { env: { ANTHROPIC_UPSTREAM_URL: upstream.url } },
  )
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.forget()
  answers.length = 0
})

const BETA = 'server-side-fallback-2026-07-01'

async function ask(stream: boolean, { beta = '', key = 'sk-test', content = 'hello' } = {}) {
  const response = await fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-beta': beta },
    body: JSON.stringify({ model: 'large', max_tokens: 9, stream, messages: [{ role: 'user', content }] }),
  })
  return { response, text: await response.text() }
}

async function receiptOf(response: Response): Promise<Receipt> {
  const id = response.headers.get('x-sluice-decision-id')
  return eventually(async () => {
    const found = await fetch(`${sluice.facts.consoleUrl}/api/decisions/${id}`)
    return found.ok && ((await found.json()) as { receipt: Receipt }).receipt
  })
}

const said = 'First, confirm the crash in a copy of the program. '.repeat(16).trimEnd()

describe('a provider’s own refusal that nobody answers for', () => {
  test.each([false, true])('G5: passes as it came where the target is overloaded; streamed: %s', async (stream) => {
    upstream.models.large = { refuses: 'cyber' }
    upstream.models.middle = { status: 529 }
    const key = `sk-overloaded-${stream}`
    // More often than refusals of ours would be answered in full.
    for (let i = 0; i < 4; i++) {
      const { response, text } = await ask(stream, { key, beta: i % 2 === 0 ? '' : BETA })
      expect(upstream.asked().slice(-2)).toEqual(['large', 'middle'])
      expect(text).toBe(answers.at(-2))
      expect(text).toContain('by the provider')
      expect(response.headers.get('x-sluice-action')).toBe('allow')
      expect(response.headers.get('x-sluice-appeal')).toBeNull()
      if (i < 3) continue
      expect(await receiptOf(response)).toMatchObject({
        servedModel: 'large',
        upstreamRefusal: true,
        vendorCategory: 'cyber',
        end: 'complete',
        decision: { action: 'allow' },
        declined: [],
      })
    }
    // It is no probing of ours.
    const { text } = await ask(false, { key, content: 'refuseword' })
    expect((JSON.parse(text) as { sluice: object }).sluice).toHaveProperty('reason')
  })

  test('passes as it came in mid-stream, for a caller who has no words for a change of model', async () => {
    upstream.models.large = { text: said, pauseAfter: 400, refuses: 'cyber' }
    const { text } = await ask(true)
    expect(upstream.asked()).toEqual(['large'])
    expect(text).toBe(answers[0])
    expect(text).toContain('by the provider')
  })

  test('in mid-stream with the beta another model goes on, and the decision is ours', async () => {
    upstream.models.large = { text: said, pauseAfter: 400, refuses: 'cyber' }
    const { response, text } = await ask(true, { beta: BETA })
    expect(upstream.asked()).toEqual(['large', 'middle'])
    expect(text).not.toContain('by the provider')
    expect(text).toMatch(/"action":"fall_back".*"reason":"harm.cyber"/)
    const receipt = await receiptOf(response)
    expect(receipt).toMatchObject({ servedModel: 'middle', upstreamRefusal: false, decision: { action: 'fall_back' } })
    expect(receipt.declined.map(({ model }) => model)).toEqual(['large'])
    expect(receipt).not.toHaveProperty('vendorCategory')
  })

  test('GW-17: what stands beside an answer does not begin it: another model answers as if it had been asked first', async () => {
    upstream.models.large = { start: { system_fingerprint: 'fp_1' }, refuses: 'cyber' }
    upstream.models.middle = { text: said }
    const { response, text } = await ask(true)
    expect(upstream.asked()).toEqual(['large', 'middle'])
    expect(text).not.toContain('fp_1')
    expect(text.match(/event: message_start/g)).toHaveLength(1)
    expect(await receiptOf(response)).toMatchObject({
      ...{ servedModel: 'middle', upstreamRefusal: false },
      guard: { releasedChars: said.length },
    })
  })

  test('GW-17: the last refusal down a chain passes with every model that was asked before it', async () => {
    upstream.models.large = { refuses: 'cyber' }
    upstream.models.middle = { refuses: 'bio' }
    upstream.models.small = { status: 529 }
    const message = JSON.parse((await ask(false, { beta: BETA })).text) as BetaMessage
    expect(upstream.asked()).toEqual(['large', 'middle', 'small'])
    expect(message).toMatchObject({
      model: 'middle',
      stop_reason: 'refusal',
      stop_details: { category: 'bio', explanation: 'by the provider' },
      usage: { iterations: [{ model: 'large' }, { type: 'fallback_message', model: 'middle' }] },
    })
  })
})

describe('what the vendor names with its refusal', () => {
  test.each(['frontier_llm', 'reasoning_extraction'])('%s is no harm: it passes, and is recorded', async (refuses) => {
    upstream.models.large = { refuses }
    for (const stream of [false, true]) {
      const { response, text } = await ask(stream, { beta: BETA })
      expect(text).toBe(answers.at(-1))
      expect(upstream.asked()).not.toContain('middle')
      const receipt = await receiptOf(response)
      expect(receipt).toMatchObject({ upstreamRefusal: true, vendorCategory: refuses, decision: { action: 'allow' } })
      expect(receipt.steps.flatMap(({ input }) => input.findings.map(({ kind }) => kind))).not.toContain(
        'provider_refusal',
      )
    }
  })

  test.each([
    ['cyber', 'cyber'],
    ['bio', 'bio'],
    ['general_harms', 'other-harm'],
    [null, 'other-harm'],
    ['a_word_of_tomorrow', 'other-harm'],
  ])('%s is the harm %s', async (refuses, category) => {
    upstream.models.large = { refuses }
    const message = JSON.parse((await ask(false)).text) as { model: string; sluice: object }
    expect(message).toMatchObject({ model: 'middle', sluice: { reason: `harm.${category}`, category } })
  })
})
