import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { keyOf } from './parts/keys.ts'
import { rankDistance, SIGNIFICANT } from './parts/rank-test.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'

/** Two organisations at one gateway: what one of them names, the other does not get, nor learns that it is there. */

const ORGS = ['acme', 'other'] as const
type Org = (typeof ORGS)[number]

let upstream: RecordingUpstream
let sluice: Configured
const secrets = {} as Record<Org, string>
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  sluice = await startConfigured(`fallbacks: {'*': small}\nlimits: {refusals: 100000}\n${RULES}`, {
    env: {
      ANTHROPIC_UPSTREAM_URL: upstream.url,
      OPENAI_UPSTREAM_URL: upstream.url,
      ANTHROPIC_API_KEY: 'sk-operator',
      OPENAI_API_KEY: 'sk-operator-2',
    },
  })
  for (const org of ORGS) {
    secrets[org] = await keyOf(sluice, org)
  }
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.requests.length = 0
  upstream.answer = (_, response) => json(response, 200, MESSAGE)
})

const call = (org: Org, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(sluice.facts.gatewayUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': secrets[org], 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const asked = (content: string) => ({ model: 'secretive-large', max_tokens: 9, messages: [{ role: 'user', content }] })
interface Refusal {
  readonly id: string
  readonly stop_details: { readonly fallback_credit_token?: string }
  readonly sluice: { readonly decision_id: string; readonly appeal: { readonly url: string } }
}
const refusal = async (org: Org, content = 'refuseword') =>
  (await (await call(org, '/v1/messages', asked(content))).json()) as Refusal

describe('GW-23: ids swapped over tenants', () => {
  test('GW-23: the key to one decision opens no other, and a decision that is there looks like one that is not', async () => {
    const urls = await Promise.all(ORGS.map(async (org) => new URL((await refusal(org)).sluice.appeal.url)))
    const [mine, foreign] = urls as [URL, URL]
    await eventually(async () => (await fetch(`${foreign.origin}${foreign.pathname}.json${foreign.search}`)).ok)
    const nobody = '/d/dec_01ARZ3NDEKTSV4RRFFQ69G5FAV'
    const note = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"note":"give it to me"}' }
    const facts = async (path: string, init?: RequestInit) => {
      const response = await fetch(mine.origin + path, init)
      const named = [...response.headers].filter(([name]) => name !== 'date')
      return { status: response.status, headers: named, body: await response.text() }
    }
    for (const [suffix, init] of [
      ['', undefined],
      ['.json', undefined],
      ['/appeal', note],
    ] as const) {
      const unknown = await facts(`${nobody}${suffix}${mine.search}`, init)
      expect(unknown.status).toBe(404)
      for (const search of [
        mine.search,
        '',
        '?k=',
        `?k=${'A'.repeat(22)}`,
        `${foreign.search}x`,
        `?k=x&k=${foreign.search.slice(3)}`,
      ])
        expect(await facts(`${foreign.pathname}${suffix}${search}`, init)).toEqual(unknown)
    }
    const own = await facts(`${foreign.pathname}.json${foreign.search}`)
    expect(JSON.parse(own.body)).toMatchObject({ appeal: null, requestedModel: 'secretive-large' })
  })

  test('GW-23: a refusal that is kept is its own organisation’s, and only on the surface where it was made', async () => {
    upstream.answer = (_, response) => json(response, 404, { error: { message: 'no such response' } })
    const refused = await call('acme', '/v1/responses', { model: 'secretive-large', input: 'refuseword' })
    const { id } = (await refused.json()) as Refusal
    await eventually(async () => (await call('acme', `/v1/responses/${id}`)).ok)
    const { sluice: elsewhere } = await refusal('acme')
    await eventually(async () => {
      const url = new URL(elsewhere.appeal.url)
      return (await fetch(`${url.origin}${url.pathname}.json${url.search}`)).ok
    })
    const ask = async (org: Org, name: string, headers = {}) => {
      const reply = await call(org, `/v1/responses/${name}`, undefined, headers)
      return [reply.status, await reply.json()]
    }
    upstream.requests.length = 0
    const nowhere = await ask('acme', 'resp_01ARZ3NDEKTSV4RRFFQ69G5FAV')
    expect(nowhere).toMatchObject([404, { error: { code: 'not_found' } }])
    expect(await ask('other', id)).toEqual(nowhere)
    expect(await ask('acme', `resp_${elsewhere.decision_id.slice(4)}`)).toEqual(nowhere)
    expect(upstream.requests).toHaveLength(0)
    // Another account: what is there, its upstream says.
    expect(await ask('other', id, { 'x-api-key': 'sk-own' })).toEqual([404, { error: { message: 'no such response' } }])
  })

  test('GW-23: a credit token of one organisation is worth nothing to another', async () => {
    const credited = { 'anthropic-beta': 'fallback-credit-2026-07-01' }
    const body = asked('divertword')
    const diverted = (await (await call('acme', '/v1/messages', body, credited)).json()) as Refusal
    const token = diverted.stop_details.fallback_credit_token!
    const retry = (org: Org, mode: string) =>
      call(org, '/v1/messages', { ...body, model: 'small', fallback_credit_token: { token, mode } }, credited)
    const strict = await retry('other', 'strict')
    expect(strict.status).toBe(400)
    expect(await strict.text()).toContain('wrong organization')
    expect(upstream.requests).toHaveLength(0)
    const best = (await (await retry('other', 'best_effort')).json()) as { usage: object }
    expect(best.usage).toMatchObject({
      fallback_credit: { status: { type: 'not_applied', reason: 'wrong_organization' } },
    })
    const own = (await (await retry('acme', 'strict')).json()) as { usage: object }
    expect(own.usage).toMatchObject({ fallback_credit: { status: { type: 'redeemed' } } })
  })

  test('GW-23: one conversation key in two organisations is two sessions', async () => {
    const sessions = await Promise.all(
      ORGS.map(async (org) => {
        const reply = await call(org, '/v1/messages', asked('hello'), { 'x-claude-code-session-id': 'shared' })
        const path = `/api/decisions/${reply.headers.get('x-sluice-decision-id')}`
        return eventually(async () => {
          const found = await fetch(sluice.facts.consoleUrl + path)
          return found.ok && ((await found.json()) as { receipt: { session: string } }).receipt.session
        })
      }),
    )
    expect(new Set(sessions).size).toBe(2)
  })
})

describe('GW-23: what one organisation sent before shows to no other', () => {
  let n = 0
  /** Long enough that scoring it takes far longer than looking it up. */
  const fresh = () => {
    const words = Array.from({ length: 250 }, (_, i) => `word${((n * 7919 + i * 104729) % 99991).toString(36)}`)
    return `${n++} ${words.join(' ')}`
  }
  const moderate = (org: Org, input: string | readonly string[]) => call(org, '/v1/moderations', { input })
  const counted = async (name: string) => {
    const text = await (await fetch(`${sluice.facts.consoleUrl}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)![1])
  }

  test('GW-23: scores are remembered for the organisation that sent the text, and for no other', async () => {
    const text = fresh()
    const scored = async (org: Org) => {
      const before = await counted('sluice_classified_characters_total')
      await (await moderate(org, text)).json()
      return (await counted('sluice_classified_characters_total')) - before
    }
    expect([await scored('acme'), await scored('acme'), await scored('other'), await scored('other')]).toEqual([
      text.length,
      0,
      text.length,
      0,
    ])
  })

  test('GW-23: 5,000 texts, half of them sent by another organisation before: no difference in time', async () => {
    /** Sluice says itself how long a request stayed in it: to a caller the finest clock there is. */
    const timed = async (text: string) => {
      const reply = await moderate('other', text)
      await reply.arrayBuffer()
      return Number(reply.headers.get('x-sluice-overhead-ms'))
    }
    const [known, unknown, again] = [[], [], []] as [number[], number[], number[]]
    for (let batch = 0; batch < 25; batch++) {
      const sent = Array.from({ length: 100 }, fresh)
      await (await moderate('acme', sent)).arrayBuffer()
      for (const [i, text] of sent.entries()) {
        const other = fresh()
        if (i % 2 === 0) {
          known.push(await timed(text))
          unknown.push(await timed(other))
        } else {
          unknown.push(await timed(other))
          known.push(await timed(text))
        }
        if (i % 5 === 0) again.push(await timed(text))
      }
    }
    expect(known.length + unknown.length).toBe(5_000)
    // The measure sees a text that is remembered: its own organisation sends it twice.
    expect(rankDistance(unknown, again)).toBeGreaterThan(2 * SIGNIFICANT)
    expect(Math.abs(rankDistance(known, unknown))).toBeLessThan(SIGNIFICANT)
  })
})
