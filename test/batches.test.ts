import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../src/core/policy/receipt.ts'
import { type BatchUpstream, startBatchUpstream } from './parts/batch-upstream.ts'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { keyOf } from './parts/keys.ts'
import { MESSAGE } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'

const YAML = `fallbacks: {claude-large: [claude-small]}\nsuspended: {claude-old: {since: '2026-06-12T21:21:00Z'}}\n${RULES}`

let upstream: BatchUpstream
let sluice: Configured
const env = () => ({
  ANTHROPIC_UPSTREAM_URL: upstream.url,
  OPENAI_UPSTREAM_URL: upstream.url,
  ANTHROPIC_API_KEY: 'sk-operator',
})
beforeAll(async () => {
  upstream = await startBatchUpstream()
  sluice = await startConfigured(YAML, { env: env() })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.requests.length = 0
  upstream.status = 200
  upstream.between = async () => undefined
  upstream.result = ({ params }) => ({ type: 'succeeded', message: said(`${params.model} answers.`, params.model) })
})

const said = (text: string, model = 'claude-large', more: object = {}) => ({
  ...MESSAGE,
  model,
  content: [{ type: 'text', text }],
  ...more,
})
const client = (apiKey = 'sk-own', at: { facts: { gatewayUrl: string } } = sluice) =>
  new Anthropic({ baseURL: at.facts.gatewayUrl, apiKey, maxRetries: 0 })
const asking = (content: string, model = 'claude-large') => ({
  model,
  max_tokens: 9,
  messages: [{ role: 'user' as const, content }],
})
type Items = Anthropic.Messages.BatchCreateParams['requests']
const items = (contents: Readonly<Record<string, string>>): Items =>
  Object.entries(contents).map(([custom_id, content]) => ({ custom_id, params: asking(content) }))
/** What a test looks at in the result of an item: the official types, and our own member. */
interface Result {
  readonly type: string
  readonly message: Anthropic.Message & { sluice?: Record<string, unknown> }
  readonly error: { error: { type: string; message: string; details: Record<string, unknown> } }
}
async function resultsOf(id: string, with_ = client()): Promise<Map<string, Result>> {
  const found = new Map<string, Result>()
  for await (const { custom_id, result } of await with_.messages.batches.results(id)) {
    expect(found.has(custom_id)).toBe(false)
    found.set(custom_id, result as unknown as Result)
  }
  return found
}
const post = (body: string, headers: Record<string, string> = {}, at: Configured = sluice) =>
  fetch(`${at.facts.gatewayUrl}/v1/messages/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-own', ...headers },
    body,
  })
const receiptOf = (id: unknown, at: Configured = sluice) =>
  eventually(async () => {
    const found = await fetch(`${at.facts.consoleUrl}/api/decisions/${String(id)}`)
    return found.ok && ((await found.json()) as { receipt: Receipt }).receipt
  })
const receiptsOf = (org: string, n: number, at: Configured = sluice) =>
  eventually(async () => {
    const found = await fetch(`${at.facts.consoleUrl}/api/decisions?org=${org}&limit=100`)
    const { items } = (await found.json()) as { items: { id: string }[] }
    return items.length >= n && Promise.all(items.map(({ id }) => receiptOf(id, at)))
  })

describe('message batches', () => {
  test('each item is decided on its own; what is refused stays here, is counted, and is a succeeded item', async () => {
    const batch = await client().messages.batches.create({
      requests: items({ a: 'a calm line', b: 'please refuseword', c: 'one more calm line', d: 'please trustword' }),
    })
    const [seen] = upstream.requests
    const sent = JSON.parse(seen!.body.toString()) as { requests: { custom_id: string }[] }
    expect(sent.requests.map(({ custom_id }) => custom_id)).toEqual(['a', 'c'])
    expect(seen!.body.toString()).not.toContain('refuseword')
    expect(batch).toMatchObject({ processing_status: 'in_progress', results_url: null })
    expect(batch.request_counts).toEqual({ processing: 4, succeeded: 0, errored: 0, canceled: 0, expired: 0 })

    upstream.end(batch.id)
    const ended = await client().messages.batches.retrieve(batch.id)
    expect(ended.request_counts).toEqual({ processing: 0, succeeded: 4, errored: 0, canceled: 0, expired: 0 })
    expect(ended.results_url).toBe(`${sluice.facts.gatewayUrl}/v1/messages/batches/${batch.id}/results`)

    const results = await resultsOf(batch.id)
    expect([...results.keys()].sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(results.get('a')!.message).toEqual(said('claude-large answers.'))
    const refusal = results.get('b')!
    expect(refusal.type).toBe('succeeded')
    expect(refusal.message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-large',
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'bio' },
      usage: { input_tokens: 0, output_tokens: 0 },
      sluice: { v: 1, action: 'refuse', category: 'bio', served_model: null, stage: 'input' },
    })
    const { appeal } = refusal.message.sluice as { appeal: { url: string } }
    expect(refusal.message.stop_details).toMatchObject({ explanation: expect.stringContaining(appeal.url) })
    await eventually(async () => (await fetch(appeal.url.replace('?', '.json?'))).ok)
    expect(results.get('d')!.message.sluice).toMatchObject({ action: 'require_trust', category: 'cyber' })
  })

  test('what goes on is copied byte for byte, items and members that nobody asked about included', async () => {
    const kept = String.raw`{ "custom_id":"a\u002d1", "params" : {"model":"claude-large","max_tokens":9.0,"temperature":1e0,"later":{"x":[1.50]},"messages":[{"role":"user","content":"calm \u00e9\/ line"}]}, "odd":1.0 }`
    const gone = `{"custom_id":"b","params":{"model":"claude-large","max_tokens":9,"messages":[{"role":"user","content":"refuseword"}]}}`
    const last = gone.replace('"b"', '"c"').replace('refuseword', 'hello')
    const all = `{"beta_thing":1.0,\n "requests":[ ${kept}, ${gone} ,${last}\n]}`
    expect((await post(all)).status).toBe(200)
    expect(upstream.requests[0]!.body.toString()).toBe(`{"beta_thing":1.0,"requests":[${kept},${last}]}`)
    const calm = all.replace('refuseword', 'hello')
    await post(calm, { 'anthropic-beta': 'some-beta', 'anthropic-version': '2023-06-01' })
    expect(upstream.requests[1]!.body.toString()).toBe(calm)
    expect(upstream.requests[1]!.headers).toMatchObject({ 'anthropic-beta': 'some-beta', 'x-api-key': 'sk-own' })
  })

  test('where no item is left nothing goes upstream, and the batch is ours in every way', async () => {
    const own = client('sk-alone')
    const batch = await own.messages.batches.create({ requests: items({ a: 'refuseword', b: 'also refuseword' }) })
    expect(batch).toMatchObject({
      type: 'message_batch',
      processing_status: 'ended',
      request_counts: { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 },
    })
    expect(await own.messages.batches.retrieve(batch.id)).toEqual(batch)
    expect(await own.messages.batches.cancel(batch.id)).toEqual(batch)
    const results = await resultsOf(batch.id, own)
    expect([...results.values()].map(({ message }) => message.stop_reason)).toEqual(['refusal', 'refusal'])
    expect(upstream.requests).toHaveLength(0)
    const listed = await own.messages.batches.list()
    expect(listed.data.map(({ id }) => id)).toContain(batch.id)
    for (const act of ['retrieve', 'cancel', 'delete', 'results'] as const)
      await expect(client('sk-other').messages.batches[act](batch.id)).rejects.toMatchObject({ status: 404 })
    expect((await client('sk-other').messages.batches.list()).data.map(({ id }) => id)).not.toContain(batch.id)
    expect(await own.messages.batches.delete(batch.id)).toEqual({ id: batch.id, type: 'message_batch_deleted' })
    await expect(own.messages.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 })
  })

  test('a diverted item is asked of the weaker model, and its result says so', async () => {
    const batch = await client().messages.batches.create({
      requests: [
        { custom_id: 'a', params: asking('hello') },
        { custom_id: 'b', params: asking('divertword') },
        { custom_id: 'c', params: asking('divertword', 'no-target') },
        { custom_id: 'd', params: asking('divertword', 'claude-small') },
      ],
    })
    const sent = JSON.parse(upstream.requests[0]!.body.toString()) as { requests: Items }
    expect(sent.requests.map(({ custom_id, params }) => [custom_id, params.model])).toEqual([
      ['a', 'claude-large'],
      ['b', 'claude-small'],
      ['d', 'claude-small'],
    ])
    upstream.end(batch.id)
    const results = await resultsOf(batch.id)
    const { message } = results.get('b')!
    expect(message).toMatchObject({
      model: 'claude-small',
      content: [{ type: 'text', text: 'claude-small answers.' }],
      usage: { iterations: [{ type: 'message', model: 'claude-large' }, { type: 'fallback_message' }] },
      sluice: { action: 'fall_back', requested_model: 'claude-large', served_model: 'claude-small' },
    })
    expect(results.get('a')!.message.sluice).toBeUndefined()
    expect(results.get('c')!.message).toMatchObject({ stop_reason: 'refusal', model: 'no-target' })
    // The weaker model itself, asked for directly, is already what a diversion leads to.
    expect(results.get('d')!.message).toEqual(said('claude-small answers.', 'claude-small'))
    const receipt = await receiptOf(message.sluice!.decision_id)
    expect(receipt).toMatchObject({ servedModel: 'claude-small', decision: { action: 'fall_back' } })
  })

  test('GW-17: the answer to a diverted item keeps its digits; where it is refused, both models are named', async () => {
    const batch = await client().messages.batches.create({ requests: items({ a: 'divertword', b: 'divertword' }) })
    upstream.end(batch.id)
    // Newer than the types.
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
    const input = { id: rawJSON('1234567890123456789'), f: rawJSON('1.0') }
    const tool = { type: 'tool_use', id: 't', name: 'f', input }
    upstream.result = ({ custom_id }) => ({
      type: 'succeeded',
      message: custom_id === 'a' ? { ...MESSAGE, content: [tool] } : said('outrefuse', 'claude-small'),
    })
    const response = await fetch(`${sluice.facts.gatewayUrl}/v1/messages/batches/${batch.id}/results`, {
      headers: { 'x-api-key': 'sk-own', 'anthropic-version': '2023-06-01' },
    })
    const [a, b] = (await response.text()).trim().split('\n')
    expect(a).toContain('"input":{"id":1234567890123456789,"f":1.0}')
    expect(a).toContain('"action":"fall_back"')
    const zero = { input_tokens: 0, output_tokens: 0 }
    const { input_tokens, output_tokens } = MESSAGE.usage
    expect(JSON.parse(b!)).toMatchObject({
      result: {
        message: {
          stop_reason: 'refusal',
          usage: {
            iterations: [
              { type: 'message', model: 'claude-large', ...zero },
              { type: 'fallback_message', model: 'claude-small', input_tokens, output_tokens },
            ],
          },
        },
      },
    })
  })

  test('GW-17: no list of fallbacks and no credit token in a batch: such an item is errored, and no token is minted', async () => {
    const betas = { 'anthropic-beta': 'fallback-credit-2026-07-01,server-side-fallback-2026-07-01' }
    const params = { ...asking('hello'), fallbacks: [{ model: 'claude-small' }] }
    const token = { ...asking('hello'), fallback_credit_token: 'slfc_1.x.y' }
    const list = (requests: object[]) => JSON.stringify({ requests })
    const response = await post(
      list([
        { custom_id: 'list', params },
        { custom_id: 'default', params: { ...params, fallbacks: 'default' } },
        { custom_id: 'token', params: token },
        { custom_id: 'refused', params: asking('divertword', 'no-target') },
        { custom_id: 'not a request', params: { model: 'claude-large', messages: 7 } },
      ]),
      betas,
    )
    const { id, request_counts } = (await response.json()) as Anthropic.Messages.MessageBatch
    expect(upstream.requests).toHaveLength(0)
    expect(request_counts).toMatchObject({ succeeded: 1, errored: 4 })
    const results = await resultsOf(id)
    for (const name of ['list', 'default', 'token', 'not a request']) {
      expect(results.get(name)).toMatchObject({ type: 'errored', error: { type: 'error' } })
      expect(results.get(name)!.error.error).toMatchObject({ type: 'invalid_request_error' })
    }
    expect(results.get('list')!.error.error.message).toBe('fallbacks: not available in batches')
    const members = { fallback_credit_token: null, fallback_has_prefill_claim: null, recommended_model: null }
    expect(results.get('refused')!.message.stop_details).toMatchObject(members)
    // A client that would ask again by itself cannot in a batch: the weaker model answers at once.
    await post(list([{ custom_id: 'd', params: asking('divertword') }]), {
      'anthropic-beta': 'fallback-credit-2026-07-01',
    })
    expect(upstream.requests[0]!.body.toString()).toContain('claude-small')
  })

  test('GV-5: an item for a suspended model is errored by control, and the others go on', async () => {
    const batch = await client().messages.batches.create({
      requests: [
        { custom_id: 'a', params: asking('hello', 'claude-old') },
        { custom_id: 'b', params: asking('hello') },
      ],
    })
    expect(batch.request_counts.processing).toBe(2)
    expect(upstream.requests[0]!.body.toString()).not.toContain('claude-old')
    upstream.end(batch.id)
    expect((await client().messages.batches.retrieve(batch.id)).request_counts).toMatchObject({
      succeeded: 1,
      errored: 1,
    })
    const results = await resultsOf(batch.id)
    expect(results.get('a')).toMatchObject({
      type: 'errored',
      error: {
        error: { type: 'permission_error', details: { error_code: 'model_suspended', appeal_url: expect.any(String) } },
        sluice: { reason: 'control.suspended', stage: 'control' },
      },
    })
    expect(results.get('b')!.type).toBe('succeeded')
  })

  test('answers are judged when they are fetched: a line that may not leave is a refusal in its place', async () => {
    const batch = await client().messages.batches.create({
      requests: items({ good: 'hello', bad: 'hello', odd: 'hello', late: 'hello', broken: 'hello' }),
    })
    upstream.end(batch.id)
    upstream.result = ({ custom_id }) => {
      if (custom_id === 'bad') return { type: 'succeeded', message: said('this says outrefuse aloud') }
      if (custom_id === 'odd') return { type: 'succeeded', message: said('this says outdivert aloud') }
      if (custom_id === 'late') return { type: 'expired' }
      if (custom_id === 'broken') return { type: 'succeeded', message: { text: 'outrefuse' } }
      return { type: 'succeeded', message: said('fine', 'claude-large', { sluice: { v: 1, action: 'refuse' } }) }
    }
    const results = await resultsOf(batch.id)
    expect(results.get('good')!.message).toEqual(said('fine'))
    expect(results.get('bad')!.message).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      usage: { output_tokens: MESSAGE.usage.output_tokens },
      sluice: { action: 'refuse', category: 'bio', stage: 'output', requested_model: 'claude-large' },
    })
    // Nobody is asked again for an answer that was to be another model's: policy says refusal.
    expect(results.get('odd')!.message).toMatchObject({ content: [], stop_reason: 'refusal' })
    expect(results.get('late')).toEqual({ type: 'expired' })
    expect(results.get('broken')).toMatchObject({ type: 'errored', error: { error: { type: 'api_error' } } })
    expect(JSON.stringify([...results])).not.toMatch(/outrefuse|outdivert/)
    const receipt = await receiptOf(results.get('bad')!.message.sluice!.decision_id)
    expect(receipt).toMatchObject({ end: 'refused', declined: [{ model: 'claude-large' }] })
  })

  test('results stream: the first line is here before the upstream has written the second', async () => {
    const batch = await client().messages.batches.create({
      requests: items({ a: 'hello', b: 'hello', c: 'refuseword' }),
    })
    upstream.end(batch.id)
    let go = () => {}
    upstream.between = () => new Promise<void>((resolve) => (go = resolve))
    const seen: string[] = []
    for await (const { custom_id } of await client().messages.batches.results(batch.id)) {
      seen.push(custom_id)
      if (custom_id === 'a') go()
    }
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  test('every decided item leaves its own receipt; those of one batch are one session', async () => {
    const key = await keyOf(sluice, 'receipts')
    const batch = await client(key).messages.batches.create({
      requests: items({ a: 'hello', b: 'refuseword', c: 'divertword' }),
    })
    const made = await receiptsOf('receipts', 3)
    expect(made.map(({ decision }) => decision.action).sort()).toEqual(['allow', 'fall_back', 'refuse'])
    expect(new Set(made.map(({ session }) => session)).size).toBe(1)
    expect(made[0]!.session).toMatch(/^ses_/)
    expect(made.find(({ decision }) => decision.action === 'refuse')).toMatchObject({
      end: 'refused',
      servedModel: null,
    })
    upstream.end(batch.id)
    await resultsOf(batch.id, client(key))
    const all = await receiptsOf('receipts', 5)
    expect(all).toHaveLength(5)
    const judged = all.filter(({ steps }) => steps.some(({ input }) => input.stage === 'output'))
    expect(judged.map(({ servedModel }) => servedModel).sort()).toEqual(['claude-large', 'claude-small'])
    for (const { usage, session } of judged) {
      expect(usage).toMatchObject({ inputTokens: MESSAGE.usage.input_tokens })
      expect(session).toBe(made[0]!.session)
    }
  })

  test('an upstream that says no is passed on as it is, and the receipts say so', async () => {
    const key = await keyOf(sluice, 'upstream-error')
    upstream.status = 529
    const response = await post(JSON.stringify({ requests: items({ a: 'hello', b: 'refuseword' }) }), {
      'x-api-key': key,
    })
    expect([response.status, await response.json()]).toMatchObject([529, { error: { type: 'overloaded_error' } }])
    const receipts = await receiptsOf('upstream-error', 2)
    for (const receipt of receipts) expect(receipt).toMatchObject({ end: 'upstream_error', status: 529 })
  })

  test('a body that is no list of items is an error of the whole, and nothing runs', async () => {
    const named = (custom_id: unknown, params: unknown = asking('hello')) => ({ custom_id, params })
    for (const requests of [undefined, [], {}, [7], [named('')], [named('a', [])], [named('a'), named('a')]])
      expect((await post(JSON.stringify({ requests }))).status).toBe(400)
    expect((await post('{"requests":[{"custom_id":"a","custom_id":"b","params":{}}]}')).status).toBe(400)
    expect(upstream.requests).toHaveLength(0)
    for (const [method, path] of [
      ['PUT', ''],
      ['POST', '/x'],
      ['GET', '/x/cancel'],
      ['GET', '/x/y/z'],
    ] as const) {
      const url = `${sluice.facts.gatewayUrl}/v1/messages/batches${path}`
      expect((await fetch(url, { method, headers: { 'x-api-key': 'k' } })).status).toBe(404)
    }
  })
})

describe('GW-23: batches of several tenants behind one account', () => {
  test('another tenant finds 404, whatever it asks; its list holds its own alone, page by page', async () => {
    const [one, other] = await Promise.all([keyOf(sluice, 'tenant-one'), keyOf(sluice, 'tenant-other')])
    const ids: string[] = []
    for (const content of ['hello', 'refuseword', 'hello', 'hello', 'refuseword'])
      ids.unshift((await client(one).messages.batches.create({ requests: items({ a: content }) })).id)
    const foreign = await client(other).messages.batches.create({ requests: items({ a: 'hello', b: 'refuseword' }) })
    expect(upstream.requests[0]!.headers['x-api-key']).toBe('sk-operator')
    for (const id of [ids[0]!, ids[1]!])
      for (const act of ['retrieve', 'cancel', 'delete', 'results'] as const)
        await expect(client(other).messages.batches[act](id)).rejects.toMatchObject({ status: 404 })
    // In the operator's account, and yet nobody's here.
    const elsewhere = await client('sk-operator', { facts: { gatewayUrl: upstream.url } }).messages.batches.create({
      requests: items({ a: 'hello' }),
    })
    await expect(client(one).messages.batches.retrieve(elsewhere.id)).rejects.toMatchObject({ status: 404 })
    const paged: string[] = []
    for await (const { id } of client(one).messages.batches.list({ limit: 2 })) paged.push(id)
    expect(paged).toEqual(ids)
    const before = await client(one).messages.batches.list({ limit: 2, before_id: ids[3]! })
    expect([before.data.map(({ id }) => id), before.has_more]).toEqual([[ids[1], ids[2]], true])
    expect((await client(other).messages.batches.list()).data.map(({ id }) => id)).toEqual([foreign.id])
    expect((await client(other).messages.batches.list({ after_id: ids[0]! })).data).toEqual([])
    expect((await client(other).messages.batches.list()).data[0]!.request_counts.processing).toBe(2)
    await client(one).messages.batches.delete(ids[0]!)
    await client(one).messages.batches.delete(ids[2]!)
    expect((await client(one).messages.batches.list()).data.map(({ id }) => id)).toEqual([ids[1], ids[3], ids[4]])
  })

  test('with a credential of its own a caller sees what its upstream shows, counted right, and our own first', async () => {
    const made = await client('sk-lists').messages.batches.create({ requests: items({ a: 'hello', b: 'refuseword' }) })
    const own = await client('sk-lists').messages.batches.create({ requests: items({ a: 'refuseword' }) })
    const page = await client('sk-lists').messages.batches.list({ limit: 2 })
    expect(page.data.map(({ id }) => id).slice(0, 2)).toEqual([own.id, made.id])
    expect(page.data[1]!.request_counts.processing).toBe(2)
    const paged: string[] = []
    for await (const { id } of client('sk-lists').messages.batches.list({ limit: 2 })) paged.push(id)
    expect(new Set(paged).size).toBe(paged.length)
    expect(paged).toHaveLength(upstream.made.size + 1)
    const cancelled = await client('sk-lists').messages.batches.cancel(made.id)
    expect(cancelled).toMatchObject({ processing_status: 'canceling', request_counts: { processing: 2 } })
  })
})

describe('batches over time', () => {
  test('what was decided outlives a killed process', async () => {
    const first = await startConfigured(YAML, { env: env() })
    const create = (requests: Items) => client('sk-own', first).messages.batches.create({ requests })
    const mixed = await create(items({ a: 'hello', b: 'refuseword', c: 'divertword' }))
    const own = await create(items({ a: 'refuseword' }))
    upstream.end(mixed.id)
    await first.kill()
    const second = await startConfigured(YAML, { env: env(), folder: first.folder })
    try {
      const results = await resultsOf(mixed.id, client('sk-own', second))
      expect(results.get('a')!.message).toEqual(said('claude-large answers.'))
      expect(results.get('b')!.message).toMatchObject({ stop_reason: 'refusal', sluice: { action: 'refuse' } })
      expect(results.get('c')!.message.sluice).toMatchObject({ action: 'fall_back', served_model: 'claude-small' })
      expect((await resultsOf(own.id, client('sk-own', second))).get('a')!.message.stop_reason).toBe('refusal')
      await receiptOf(results.get('b')!.message.sluice!.decision_id, second)
    } finally {
      await second.stop()
      await first.stop()
    }
  })

  test('observe decides and records, and changes no byte; off passes', async () => {
    const observing = await startConfigured(YAML, { env: { ...env(), SLUICE_MODE: 'observe' } })
    try {
      const body = JSON.stringify({ requests: items({ a: 'refuseword', b: 'divertword', c: 'hello' }) }, null, 1)
      const made = async () => {
        const response = await post(body, {}, observing)
        const text = await response.text()
        const { id } = JSON.parse(text) as { id: string }
        upstream.end(id)
        return { id, text, response }
      }
      upstream.result = () => ({ type: 'succeeded', message: said('this says outrefuse aloud') })
      const plain = async (id: string) => {
        const headers = { 'x-api-key': 'sk-own' }
        const [here, there] = await Promise.all(
          [observing.facts.gatewayUrl, upstream.url].map((url) =>
            fetch(`${url}/v1/messages/batches/${id}/results`, { headers }).then((one) => one.text()),
          ),
        )
        return [here, there]
      }
      const observed = await made()
      expect(observed.response.headers.get('x-sluice-mode')).toBe('observe')
      expect(upstream.requests[0]!.body.toString()).toBe(body)
      const [here, there] = await plain(observed.id)
      expect(here).toBe(there)
      const receipts = await receiptsOf('default', 6, observing)
      expect(receipts.filter(({ decision }) => decision.would === 'refuse').length).toBe(4)
      expect(receipts.every(({ decision }) => ['allow', 'flag'].includes(decision.action))).toBe(true)

      const setMode = (mode: string) =>
        fetch(`${observing.facts.consoleUrl}/api/mode`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ mode, reason: 'a test' }),
        })
      await setMode('off')
      const passed = await made()
      expect(passed.response.headers.get('x-sluice-mode')).toBe('off')
      expect(upstream.requests.find(({ method }, i) => method === 'POST' && i > 0)!.body.toString()).toBe(body)
      const [off, direct] = await plain(passed.id)
      expect(off).toBe(direct)
      // Receipts reach the store in order: when that of a later request is there, no other is on its way.
      await setMode('observe')
      await made()
      expect(await receiptsOf('default', 9, observing)).toHaveLength(9)
    } finally {
      await observing.stop()
    }
  })
})
