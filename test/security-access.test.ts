import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Configured, startConfigured } from './parts/configured.ts'
import { keyOf } from './parts/keys.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'

/** One account at each vendor, with trusted access of its operator's; callers with keys of Sluice who share it. */

const CHAT = {
  ...{ id: 'c', object: 'chat.completion', created: 1, model: 'm' },
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
}
let upstream: RecordingUpstream
let sluice: Configured
let secret: string

const start = (mode: string) =>
  startConfigured('passthrough: [/v1/user_profiles]\n', {
    env: {
      SLUICE_MODE: mode,
      ANTHROPIC_UPSTREAM_URL: upstream.url,
      OPENAI_UPSTREAM_URL: upstream.url,
      ANTHROPIC_API_KEY: 'sk-operator',
      OPENAI_API_KEY: 'sk-operator-2',
    },
  })
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer = ({ url }, response) => json(response, 200, url.startsWith('/v1/messages') ? MESSAGE : CHAT)
  sluice = await start('enforce')
  secret = await keyOf(sluice, 'acme')
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.requests.length = 0
})

const messages = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }
const batch = (more: object) => ({
  requests: [
    { custom_id: 'a', params: messages },
    { custom_id: 'b', params: { ...messages, ...more } },
  ],
})
const PROFILE = { 'anthropic-user-profile-id': 'uprof_1' }
const RED = { access_programs: { cyber: 'daybreak_red' } }

async function call(path: string, body: unknown, headers: Record<string, string> = {}, key = secret, to = sluice) {
  const response = await fetch(to.facts.gatewayUrl + path, {
    method: body === null ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, text: await response.text() }
}

/** Ways to choose an access, with the answer for whoever was not given it. */
const CHOICES: [path: string, body: unknown, headers: Record<string, string>, status: number, words: string][] = [
  ['/v1/messages', messages, PROFILE, 404, 'anthropic-user-profile-id'],
  ['/v1/messages', { ...messages, user_profile_id: 'uprof_1' }, {}, 404, 'user_profile_id'],
  ['/v1/messages/count_tokens', messages, PROFILE, 404, 'anthropic-user-profile-id'],
  ['/v1/messages/batches', batch({}), PROFILE, 404, 'anthropic-user-profile-id'],
  ['/v1/messages/batches', batch({ user_profile_id: 'uprof_1' }), {}, 404, 'user_profile_id'],
  ['/v1/user_profiles', null, { ...PROFILE, 'anthropic-version': '2023-06-01' }, 404, 'anthropic-user-profile-id'],
  ['/v1/chat/completions', { ...messages, ...RED }, {}, 403, 'access_programs'],
  ['/v1/responses', { model: 'm', input: 'hi', ...RED }, {}, 403, 'access_programs'],
  ['/v1/responses', { model: 'm', input: 'hi', access_programs: 'daybreak_red' }, {}, 403, 'access_programs'],
]

test('TA-5: who uses the operator’s credential chooses none of the operator’s own access, in any mode', async () => {
  const off = await start('off')
  const secretOff = await keyOf(off, 'acme')
  for (const [to, key] of [
    [sluice, secret],
    [off, secretOff],
  ] as const)
    for (const [path, body, headers, status, words] of CHOICES) {
      const got = await call(path, body, headers, key, to)
      expect([path, words, got.status]).toEqual([path, words, status])
      const { error } = JSON.parse(got.text)
      expect(error.message).toContain(`leave ${words} out`)
      expect(error.details?.error_code ?? error.code).toBe(status === 404 ? 'not_found' : 'trusted_access_required')
    }
  expect(upstream.requests).toHaveLength(0)
  await off.stop()
})

test('TA-5: who brings an own credential chooses among what is its own', async () => {
  for (const [path, body, headers] of CHOICES.filter(
    ([path]) => path !== '/v1/messages/batches' && path !== '/v1/responses',
  ))
    expect([path, (await call(path, body, headers, 'sk-own')).status]).toEqual([path, 200])
  expect(upstream.requests[0]!.headers).toMatchObject({ ...PROFILE, 'x-api-key': 'sk-own' })
  expect(upstream.requests.at(-1)!.body.toString()).toContain('daybreak_red')
})

test('TA-5: nobody is named to another vendor; an end customer’s name passes to its own, the choice of a part of the account does not', async () => {
  const natives = {
    ...PROFILE,
    'anthropic-beta': 'b',
    'openai-safety-identifier': 'customer-1',
    'openai-project': 'proj_1',
    'openai-organization': 'org-1',
  }
  const named = { ...messages, safety_identifier: 'customer-1', access_programs: { cyber: 'standard' } }
  const of = (prefix: RegExp) =>
    Object.fromEntries(Object.entries(upstream.requests.at(-1)!.headers).filter(([name]) => prefix.test(name)))
  expect((await call('/v1/chat/completions', named, natives)).status).toBe(200)
  expect(of(/^(anthropic|openai)-/)).toEqual({ 'anthropic-beta': 'b', 'openai-safety-identifier': 'customer-1' })
  expect(JSON.parse(upstream.requests.at(-1)!.body.toString())).toEqual(named)
  expect((await call('/v1/chat/completions', named, natives, 'sk-own')).status).toBe(200)
  expect(of(/^(anthropic|openai)-/)).toEqual({
    'anthropic-beta': 'b',
    'openai-safety-identifier': 'customer-1',
    'openai-project': 'proj_1',
    'openai-organization': 'org-1',
  })
  const { 'anthropic-user-profile-id': _, ...others } = natives
  expect((await call('/v1/messages', { ...messages, metadata: { user_id: 'u' } }, others)).status).toBe(200)
  expect(of(/^(anthropic|openai)-/)).toEqual({ 'anthropic-beta': 'b' })
  expect(upstream.requests.at(-1)!.body.toString()).toContain('"user_id":"u"')
})
