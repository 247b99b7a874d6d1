import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { rehearsalExercise, startRehearsalMember } from '../rehearsal/member.ts'
import { ModelError, openHttpModel } from './http-model.ts'

const ENDPOINT = {
  protocol: 'openai_chat',
  model: 'm',
  key_env: 'KEY',
  price: { input: 0, output: 0 },
  concurrency: 2,
} as const
const ENV = { KEY: 'secret-of-the-test' }
const QUESTION = { prompt: 'p', maxOutputTokens: 10, timeoutMs: 1_000, session: 's1' }

let server: Server | null = null
const seen: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = []
async function answering(act: (response: ServerResponse, n: number) => void): Promise<string> {
  seen.length = 0
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ headers: request.headers, body: JSON.parse(body) as Record<string, unknown> })
      act(response, seen.length)
    })
  })
  await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
})
const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
const chat = (content: string | null, more: object = {}, finish_reason = 'stop') => ({
  model: 'm-2026',
  choices: [{ finish_reason, message: { role: 'assistant', content, ...more } }],
  usage: { prompt_tokens: 7, completion_tokens: 3 },
})

test('every wire format: the same exercise asked and read', async () => {
  const member = await startRehearsalMember({ models: { m: [{ when: null, rate: 1 }] }, seed: 1 })
  const { prompt, answer } = rehearsalExercise(7)
  for (const protocol of ['anthropic', 'openai_chat', 'openai_responses'] as const)
    for (const url of [member.url, `${member.url}/v1`, `${member.url}/v1/`]) {
      const model = openHttpModel({ ...ENDPOINT, protocol, url }, ENV)
      const reply = await model.ask({ ...QUESTION, prompt })
      expect(reply).toMatchObject({ kind: 'answered', refused: false, servedModel: 'm', action: null })
      expect(reply).toMatchObject({ text: expect.stringContaining(answer) as string })
      expect((reply as { inputTokens: number }).inputTokens).toBeGreaterThan(0)
      await model.close()
    }
  await member.close()
})

describe('refusals are known by each format’s own word', () => {
  const cases = [
    ['openai_chat', chat(null, { refusal: 'no' })],
    ['openai_chat', chat('part', {}, 'content_filter')],
    ['anthropic', { model: 'm', content: [], stop_reason: 'refusal', usage: { input_tokens: 1, output_tokens: 1 } }],
    ['openai_responses', { model: 'm', output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }] }],
    ['openai_responses', { model: 'm', output: [], incomplete_details: { reason: 'content_filter' } }],
  ] as const
  for (const [protocol, body] of cases)
    test(`${protocol}: ${JSON.stringify(body).slice(0, 60)}`, async () => {
      const model = openHttpModel(
        { ...ENDPOINT, protocol, url: await answering((response) => json(response, body)) },
        ENV,
      )
      expect(await model.ask(QUESTION)).toMatchObject({ kind: 'answered', refused: true })
      await model.close()
    })
  test('an error that says it is a filter', async () => {
    const url = await answering((response) => json(response, { error: { code: 'content_filter' } }, 400))
    const model = openHttpModel({ ...ENDPOINT, url }, ENV)
    expect(await model.ask(QUESTION)).toMatchObject({ kind: 'answered', refused: true, text: '' })
    await model.close()
  })
})

test('behind a gateway the headers say which model answered, what was decided, and under which safeguard', async () => {
  const headers = { 'x-sluice-action': 'fall_back', 'x-sluice-served-model': 'small', 'x-sluice-safeguard': 'base-1' }
  const model = openHttpModel(
    { ...ENDPOINT, url: await answering((response) => json(response, chat('hi'), 200, headers)) },
    ENV,
  )
  expect(await model.ask(QUESTION)).toEqual({
    ...{ kind: 'answered', text: 'hi', refused: false, inputTokens: 7, outputTokens: 3 },
    ...{ servedModel: 'small', action: 'fall_back', safeguard: 'base-1' },
  })
  expect(seen[0]!.headers.authorization).toBe('Bearer secret-of-the-test')
  expect(seen[0]!.body).toEqual({
    ...{ model: 'm', max_completion_tokens: 10, messages: [{ role: 'user', content: 'p' }], safety_identifier: 's1' },
  })
  await model.close()
})

describe('what cannot be had', () => {
  test('a busy model is asked again, as late as it wants', async () => {
    const url = await answering((response, n) =>
      n < 3 ? json(response, {}, n === 1 ? 429 : 503) : json(response, chat('hi')),
    )
    const model = openHttpModel({ ...ENDPOINT, url }, ENV, 1)
    expect([await model.ask(QUESTION), seen.length]).toMatchObject([{ kind: 'answered', text: 'hi' }, 3])
    await model.close()
  })
  test('four tries, then unavailable; a model that is gone is tried once, and found when it is back', async () => {
    let back = false
    const url = await answering((response) => (back ? json(response, chat('hi')) : json(response, 'not an answer')))
    const model = openHttpModel({ ...ENDPOINT, url }, ENV, 1)
    for (let i = 0; i < 12; i++) expect(await model.ask(QUESTION)).toEqual({ kind: 'unavailable' })
    expect(seen).toHaveLength(10 * 4 + 2)
    back = true
    expect(await model.ask(QUESTION)).toMatchObject({ kind: 'answered' })
    await model.close()
  })
  test('longer than its time is a failure, not a reason to ask again', async () => {
    const model = openHttpModel({ ...ENDPOINT, url: await answering(() => undefined) }, ENV, 1)
    expect(await model.ask({ ...QUESTION, timeoutMs: 50 })).toEqual({ kind: 'timed_out' })
    expect(seen).toHaveLength(1)
    await model.close()
  })
  test('what asking again cannot mend ends the run, and names neither key nor prompt', async () => {
    const model = openHttpModel({ ...ENDPOINT, url: await answering((response) => json(response, {}, 401)) }, ENV, 1)
    const fault = await model.ask({ ...QUESTION, prompt: 'canary-words' }).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(ModelError)
    expect((fault as Error).message).toMatch(/^`m` at 127\.0\.0\.1:\d+ answered with status 401/)
    expect((fault as Error).message).not.toMatch(/secret|canary/)
    await model.close()
  })
  test('a credential that is not set is missed before anything is asked', () => {
    expect(() => openHttpModel({ ...ENDPOINT, url: 'http://127.0.0.1:1' }, {})).toThrow('the variable KEY is not set')
  })
})
