import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Configured, startConfigured } from './parts/configured.ts'
import { type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'

/**
 * An answer that the upstream keeps is fetched by its id: what was withheld when it was new is withheld then, streamed
 * or not. The words of the rule stand for any finding.
 */
const RULES = `
rules:
  - {name: withheld, stage: output, action: refuse, category: bio, phrases: [withheldword]}
`
const message = (text: string) => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', status: 'completed' },
  content: [{ type: 'output_text', text, annotations: [] }],
})
const stored = (text: string, status = 'completed') => ({
  ...{ id: 'resp_kept1', object: 'response', created_at: 1, status, model: 'gpt-5.5' },
  output: status === 'completed' ? [message(text)] : [],
  usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
})
const event = (type: string, body: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
/** Every text in two pieces, and then whole with its part, its item and the response. */
const streamed = (text: string, after = -1) => {
  const at = { output_index: 0, item_id: 'msg_1', content_index: 0 }
  const part = { type: 'output_text', text, annotations: [] }
  const half = Math.floor(text.length / 2)
  const events: [string, object][] = [
    ['response.created', { response: stored('', 'in_progress') }],
    ['response.output_item.added', { output_index: 0, item: { ...message(''), content: [] } }],
    ['response.content_part.added', { ...at, part: { ...part, text: '' } }],
    ['response.output_text.delta', { ...at, delta: text.slice(0, half) }],
    ['response.output_text.delta', { ...at, delta: text.slice(half) }],
    ['response.output_text.done', { ...at, text }],
    ['response.content_part.done', { ...at, part }],
    ['response.output_item.done', { output_index: 0, item: message(text) }],
    ['response.completed', { response: stored(text) }],
  ]
  return events
    .map(([type, body], sequence_number) => event(type, { sequence_number, ...body }))
    .slice(after + 1)
    .join('')
}

let upstream: RecordingUpstream
let sluice: Configured
let text: string
let status: string
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer = ({ url }, response) => {
    const isStream = url.includes('stream=true')
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
    const after = Number(new URL(url, 'http://upstream').searchParams.get('starting_after') ?? -1)
    response.end(isStream ? streamed(text, after) : JSON.stringify(stored(text, status)))
  }
  sluice = await startConfigured(`fallbacks: {gpt-5.5: gpt-mini}\n${RULES}`, {
    env: { SLUICE_MODE: 'enforce', OPENAI_UPSTREAM_URL: upstream.url },
  })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})

async function fetched(search: string) {
  upstream.requests.length = 0
  const headers = { authorization: 'Bearer sk-own' }
  const reply = await fetch(`${sluice.facts.gatewayUrl}/v1/responses/resp_kept1${search}`, { headers })
  return { status: reply.status, text: await reply.text(), action: reply.headers.get('x-sluice-action') }
}

describe.each(['', '?stream=true'])('a kept answer, fetched with `%s`', (search) => {
  test(`T12: what was withheld is withheld again (${search})`, async () => {
    ;[text, status] = ['The way to do it is withheldword and so on. '.repeat(20), 'completed']
    const got = await fetched(search)
    expect(got.status).toBe(200)
    expect(got.text).not.toContain('withheldword')
    expect(got.text).toContain('content_filter')
    // Nobody else is asked to answer what nobody asks.
    expect(upstream.requests).toHaveLength(1)
  })

  test(`GW-4: anything else comes as it is, byte for byte (${search})`, async () => {
    ;[text, status] = ['The festival opens on Saturday with music in the square. '.repeat(20), 'completed']
    const got = await fetched(search)
    expect(got.text).toBe(search === '' ? JSON.stringify(stored(text)) : streamed(text))
  })
})

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'T12: a kept stream, taken up again after event %i, is read all the same',
  async (after) => {
    const search = `?stream=true&starting_after=${after}`
    ;[text, status] = [`${'It goes on. '.repeat(4)}The way to do it is withheldword and so on.`, 'completed']
    const got = await fetched(search)
    expect(got.text).not.toContain('withheldword')
    expect(got.text).toContain('content_filter')
    // Whoever takes it up skips what has a number that it knows.
    const numbers = [...got.text.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number))
    expect(numbers).toEqual(numbers.map((_, i) => after + 1 + i))
    text = 'The festival opens on Saturday with music in the square. '.repeat(20)
    expect((await fetched(search)).text).toBe(streamed(text, after))
  },
)

test('an answer that is still being made in the background says so, and its end is looked at', async () => {
  ;[text, status] = ['', 'in_progress']
  expect(JSON.parse((await fetched('')).text)).toMatchObject({ status: 'in_progress', output: [] })
  ;[text, status] = ['withheldword', 'completed']
  expect((await fetched('')).text).not.toContain('withheldword')
})
