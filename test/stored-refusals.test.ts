import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { keyOf } from './parts/keys.ts'
import { json, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'

/** A refusal on the Responses surface is kept here as its upstream would keep an answer; no upstream knows it. */

let upstream: RecordingUpstream
let sluice: Configured
let keys: Readonly<Record<'acme' | 'sibling' | 'other' | 'minimal', string>>
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer = ({ method }, response) =>
    method === 'GET'
      ? json(response, 404, { error: { message: 'none of that id', type: 'invalid_request_error', code: null } })
      : json(response, 200, ANSWER)
  sluice = await startConfigured(RULES, { env: { OPENAI_UPSTREAM_URL: upstream.url, OPENAI_API_KEY: 'sk-operator' } })
  const made = await Promise.all([
    keyOf(sluice, 'acme', {}),
    keyOf(sluice, 'acme', {}),
    keyOf(sluice, 'other', {}),
    keyOf(sluice, 'acme', { detail: 'minimal' }),
  ])
  keys = { acme: made[0], sibling: made[1], other: made[2], minimal: made[3] }
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.requests.length = 0
})

const ANSWER = {
  ...{ id: 'resp_up', object: 'response', created_at: 1, model: 'm', status: 'completed', error: null },
  output: [
    {
      ...{ id: 'msg_up', type: 'message', role: 'assistant', status: 'completed' },
      content: [{ type: 'output_text', text: 'fine', annotations: [] }],
    },
  ],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
}
const client = (apiKey: string) => new OpenAI({ baseURL: `${sluice.facts.gatewayUrl}/v1`, apiKey, maxRetries: 0 })
const refused = (apiKey: string, more: object = {}) =>
  client(apiKey).responses.create({ model: 'm', input: 'refuseword', ...more }) as Promise<OpenAI.Responses.Response>
const fetched = (apiKey: string, path: string) =>
  fetch(`${sluice.facts.gatewayUrl}/v1/responses/${path}`, { headers: { authorization: `Bearer ${apiKey}` } })
const eventsOf = async (stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>) => {
  const events: OpenAI.Responses.ResponseStreamEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}
/** A caller with a key of Sluice, and one with a credential of its own. */
const CALLERS = ['a key of Sluice', 'an own credential'] as const
const secretOf = (caller: (typeof CALLERS)[number]) => (caller === 'a key of Sluice' ? keys.acme : 'sk-own')

describe.each(CALLERS)('fetched with %s', (caller) => {
  test(`a refusal is there at once, the same as it was, and says who decided (${caller})`, async () => {
    const { data: first, response } = await client(secretOf(caller))
      .responses.create({ model: 'm', input: 'refuseword' })
      .withResponse()
    const again = await fetched(secretOf(caller), first.id)
    expect(again.status).toBe(200)
    const { output_text: _, ...sent } = first
    expect(await again.json()).toEqual(sent)
    for (const name of ['decision-id', 'action', 'mode', 'safeguard', 'category', 'reason', 'appeal'])
      expect([name, again.headers.get(`x-sluice-${name}`)]).toEqual([name, response.headers.get(`x-sluice-${name}`)])
    for (const name of ['requested-model', 'served-model', 'overhead-ms'])
      expect(again.headers.has(`x-sluice-${name}`)).toBe(true)
    expect(again.headers.get('x-request-id')).toMatch(/^req_/)
    expect(again.headers.get('x-request-id')).not.toBe(response.headers.get('x-request-id'))
    expect(upstream.requests).toHaveLength(0)
  })

  test(`as a stream it is all that was refused, from any event on (${caller})`, async () => {
    const secret = secretOf(caller)
    const first = await eventsOf(
      await client(secret).responses.create({ model: 'm', input: 'refuseword', stream: true }),
    )
    const { id } = (first[0] as OpenAI.Responses.ResponseCreatedEvent).response
    const reply = await fetched(secret, `${id}?stream=true`)
    expect(reply.headers.get('content-type')).toContain('text/event-stream')
    expect(reply.headers.get('x-sluice-guard')).toBe('none')
    await reply.body?.cancel()
    const retrieve = (query: object) =>
      client(secret).responses.retrieve(id, { stream: true, ...query } as { stream: true })
    expect(await eventsOf(await retrieve({}))).toEqual(first)
    for (const last of [0, 3, first.length - 1])
      expect(await eventsOf(await retrieve({ starting_after: last }))).toEqual(first.slice(last + 1))
    expect((await fetched(secret, `${id}?stream=true&starting_after=x`)).status).toBe(400)
  })

  test(`whoever wants nothing stored finds nothing (${caller})`, async () => {
    const { id, status } = await refused(secretOf(caller), { store: false })
    expect(status).toBe('incomplete')
    await expect(client(secretOf(caller)).responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
    // Its receipt has reached the store by now.
    await sleep(500)
    await expect(client(secretOf(caller)).responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
  })

  test(`to go on from it is an error that says how to go on (${caller})`, async () => {
    const { id, output } = await refused(secretOf(caller))
    const ask = (more: object) => client(secretOf(caller)).responses.create({ model: 'm', input: 'hello', ...more })
    await expect(ask({ previous_response_id: id })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      // The vendor's word for an answer that is not there: clients that know it begin with the whole conversation.
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: expect.stringContaining(`\`${id}\` is a refusal by Sluice`),
    })
    const reference = { type: 'item_reference', id: output[0]!.id! }
    await expect(ask({ input: [reference, { role: 'user', content: 'hello' }] })).rejects.toMatchObject({
      status: 400,
      param: 'input',
      message: expect.stringContaining(`\`${reference.id}\` is a refusal by Sluice`),
    })
    expect(upstream.requests).toHaveLength(0)
    // As it says: without the id, with the message itself.
    expect(await ask({ input: [...output, { role: 'user', content: 'hello' }] })).toMatchObject({ status: 'completed' })
  })
})

test('GW-23: a refusal is its organisation’s to name; to everybody else there is none', async () => {
  const { id, output } = await refused(keys.acme)
  const [message] = output
  const goingOn = (secret: string, previous_response_id: string) =>
    client(secret)
      .responses.create({ model: 'm', input: 'hello', previous_response_id })
      .catch(({ status, code }: { status: number; code: string }) => ({ status, code }))
  const nowhere = { status: 404, code: 'not_found' }
  expect(await goingOn(keys.sibling, id)).toMatchObject({ status: 400 })
  expect(await goingOn(keys.other, id)).toEqual(nowhere)
  expect(await goingOn(keys.other, 'resp_01ARZ3NDEKTSV4RRFFQ69G5FAV')).toEqual(nowhere)
  await expect(
    client(keys.other).responses.create({
      model: 'm',
      input: [{ type: 'item_reference', id: message!.id! }],
    }),
  ).rejects.toMatchObject(nowhere)
  for (const query of ['', '?stream=true']) expect((await fetched(keys.other, id + query)).status).toBe(404)
  expect(upstream.requests).toHaveLength(0)
  // Another account: what is there, its upstream says. Two credentials of callers' own are two accounts.
  const own = await refused('sk-own')
  for (const [secret, named] of [
    ['sk-own', id],
    ['sk-another', id],
    ['sk-another', own.id],
  ] as const) {
    expect(await goingOn(secret, named)).toMatchObject({ id: 'resp_up' })
    expect(await (await fetched(secret, named)).text()).toContain('none of that id')
  }
})

test('T12: whoever is told less is told no more by asking for it again', async () => {
  const { id } = await refused(keys.minimal)
  const again = await fetched(keys.minimal, id)
  expect([again.status, again.headers.has('x-sluice-reason')]).toEqual([200, false])
  expect(Object.keys(((await again.json()) as { sluice: object }).sluice)).not.toContain('reason')
})

test('a stored refusal is found after a restart, and by each of two processes', async () => {
  const env = { OPENAI_UPSTREAM_URL: upstream.url, OPENAI_API_KEY: 'sk-operator' }
  const { id } = await refused('sk-own')
  await sleep(500)
  await sluice.kill()
  const after = await startConfigured(RULES, { env, folder: sluice.folder, args: ['--workers', '2'] })
  try {
    for (let i = 0; i < 6; i++) {
      const headers = { authorization: 'Bearer sk-own', connection: 'close' }
      expect((await fetch(`${after.facts.gatewayUrl}/v1/responses/${id}`, { headers })).status).toBe(200)
    }
  } finally {
    await after.stop()
  }
})
