import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { keyOf } from './parts/keys.ts'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'

type Block = { type: 'tool_use'; id: string; name: string; input: object } | { type: 'text'; text: string }

let upstream: RecordingUpstream
let sluice: Configured
let content: readonly Block[]
/** What the weaker model answers, where it is not the same. */
let weaker: readonly Block[] | null = null
/** Indices of blocks in the order in which they end; every block begins first. */
let ends: readonly number[] | null = null
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer = ({ body }, response) => {
    const { model, stream } = JSON.parse(body.toString()) as { model: string; stream?: boolean }
    const blocks = model === 'small' && weaker !== null ? weaker : content
    const message = { ...MESSAGE, model, content: blocks, stop_reason: 'tool_use' }
    if (stream !== true) return json(response, 200, message)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const event = (type: string, more: object) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`)
    event('message_start', { message: { ...message, content: [], stop_reason: null } })
    const start = (index: number) => {
      const block = blocks[index]!
      const empty = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} }
      event('content_block_start', { index, content_block: empty })
    }
    const end = (index: number) => {
      const block = blocks[index]!
      const delta =
        block.type === 'text'
          ? { type: 'text_delta', text: block.text }
          : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
      event('content_block_delta', { index, delta })
      event('content_block_stop', { index })
    }
    if (ends !== null) for (const index of blocks.keys()) start(index)
    for (const index of ends ?? blocks.keys()) {
      if (ends === null) start(index)
      end(index)
    }
    event('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 7 } })
    event('message_stop', {})
    response.end()
  }
  sluice = await startConfigured(`fallbacks: {large: [small]}\n${RULES}`, {
    env: { ANTHROPIC_UPSTREAM_URL: upstream.url, OPENAI_UPSTREAM_URL: upstream.url, ANTHROPIC_API_KEY: 'sk-operator' },
  })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})

const call = (id: string, path: string): Block => ({ type: 'tool_use', id, name: 'read', input: { path } })
const ask = (text: string) => ({
  model: 'large',
  max_tokens: 99,
  messages: [{ role: 'user' as const, content: text }],
})
const client = (apiKey = 'sk-own') => new Anthropic({ baseURL: sluice.facts.gatewayUrl, apiKey, maxRetries: 0 })
const usesOf = (body: unknown) => (body as { sluice?: { tool_uses?: object } }).sluice?.tool_uses
async function usesInStream(text = 'hello'): Promise<object | undefined> {
  const stream = await client().messages.create({ ...ask(text), stream: true })
  let found: object | undefined
  for await (const event of stream) if (event.type === 'message_delta') found = usesOf(event)
  return found
}

describe('verdicts on tool calls', () => {
  const clean = { type: 'evaluated', outcome: 'not_flagged' }
  const flagged = { type: 'evaluated', outcome: 'flagged', explanation: expect.stringContaining('(bio)') }

  test('a refused answer says which of its calls it was, streamed or not', async () => {
    content = [call('toolu_1', 'a.txt'), call('toolu_2', 'this is outrefuse'), call('toolu_3', 'b.txt')]
    expect(usesOf(await client().messages.create(ask('hello')))).toEqual({
      toolu_1: clean,
      toolu_2: flagged,
      toolu_3: clean,
    })
    expect(await usesInStream()).toEqual({ toolu_1: clean, toolu_2: flagged })
  })

  test('an answer of a weaker model says so of its own calls; one that nobody touched says nothing', async () => {
    content = [call('toolu_1', 'a.txt')]
    expect(usesOf(await client().messages.create(ask('divertword')))).toEqual({ toolu_1: clean })
    expect(await usesInStream('divertword')).toEqual({ toolu_1: clean })
    expect(await client().messages.create(ask('hello'))).not.toHaveProperty('sluice')
    content = [{ type: 'text', text: 'outrefuse' }]
    expect(usesOf(await client().messages.create(ask('hello')))).toBeUndefined()
  })

  test('calls of an answer that another model took the place of are not the caller’s', async () => {
    content = [call('toolu_large', 'outdivert')]
    weaker = [call('toolu_small', 'a.txt')]
    const answer = await client().messages.create(ask('hello'))
    expect(answer.model).toBe('small')
    expect(usesOf(answer)).toEqual({ toolu_small: clean })
    expect(await usesInStream()).toEqual({ toolu_small: clean })
    weaker = null
  })

  test('a call that was not whole when the answer was stopped was not judged', async () => {
    content = [{ type: 'text', text: 'this is outrefuse' }, call('toolu_1', 'a.txt')]
    ends = [0, 1]
    expect(await usesInStream()).toEqual({ toolu_1: { type: 'skipped' } })
    ends = null
  })

  test('at the least detail nothing is said of single calls', async () => {
    content = [call('toolu_1', 'outrefuse')]
    const secret = await keyOf(sluice, 'default', { detail: 'minimal' })
    const refusal = await client(secret).messages.create(ask('hello'))
    expect(refusal).toMatchObject({ stop_reason: 'refusal', sluice: { action: 'refuse' } })
    expect(usesOf(refusal)).toBeUndefined()
  })
})
