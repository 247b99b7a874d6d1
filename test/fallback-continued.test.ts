import type { ServerResponse } from 'node:http'
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { type ModelUpstream, startModelUpstream } from './parts/model-upstream.ts'
import type { Recorded } from './parts/recording-upstream.ts'
import type { Path } from './parts/streams.ts'

/** wire.md §6.3: what a target is sent to go on from, and what its answer is made of; §2: its digits are its own. */
let upstream: ModelUpstream
let sluice: Configured
/** Answers as the models give them, but for a test that writes its own. */
let models: (request: Recorded, response: ServerResponse) => void
beforeAll(async () => {
  upstream = await startModelUpstream()
  models = upstream.answer
  sluice = await startConfigured(`fallbacks: {large: [middle, small]}\nprefill_models: [middle]\n${RULES}`, {
    env: { ANTHROPIC_UPSTREAM_URL: upstream.url, OPENAI_UPSTREAM_URL: upstream.url },
  })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.forget()
  upstream.answer = strictly
})

const BETA = 'server-side-fallback-2026-07-01'
const said = 'First, confirm the crash in a copy of the program. '.repeat(16)

interface Turn {
  readonly role: string
  readonly content: string
}
const lastTurn = (body: unknown) => (body as { messages: Turn[] }).messages.at(-1)!

/** What the vendor takes no prefill for: an empty one, one that ends in a blank, and thinking beside it. */
function strictly(request: Recorded, response: ServerResponse): void {
  const body = JSON.parse(request.body.toString()) as { thinking?: { type: string }; output_config?: object }
  const { role, content } = lastTurn(body)
  const thinks = body.thinking !== undefined && body.thinking.type !== 'disabled'
  const bad = content === '' || content.trimEnd() !== content || thinks || body.output_config !== undefined
  if (role !== 'assistant' || !bad) return models(request, response)
  response.writeHead(400, { 'content-type': 'application/json' })
  response.end('{"type":"error","error":{"type":"invalid_request_error","message":"not this prefill"}}')
}

async function ask(body: object = {}) {
  const response = await fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-test', 'anthropic-beta': BETA },
    body: JSON.stringify({
      model: 'large',
      max_tokens: 99,
      stream: true,
      messages: [{ role: 'user', content: 'hello' }],
      ...body,
    }),
  })
  const text = await response.text()
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data]) =>
      JSON.parse(data!) as {
        type: string
        delta?: { text?: string; stop_reason?: string }
        error?: { message: string }
      },
  )
  const shown = events.map(({ delta }) => delta?.text ?? '').join('')
  return { text, events, shown, reason: events.find(({ type }) => type === 'message_delta')?.delta?.stop_reason }
}

describe('GW-17: what a target goes on from', () => {
  test.each([
    ['one blank, said again', ' ', ' Then', ' Then'],
    ['one blank, not said again', ' ', 'Then', ' Then'],
    ['a paragraph, said again', '\n\n', '\n\nThen', '\n\nThen'],
    ['the half of one', '\n', '\n\nThen', '\n\nThen'],
    ['other blanks', ' ', '\n\nThen', ' \n\nThen'],
    ['one blank before a longer one', ' ', '  Then', '  Then'],
  ])('GW-17: text that ended in %s', async (_name, blank, goesOn, joined) => {
    for (const piece of [1, 16]) {
      upstream.requests.length = 0
      const before = said.trimEnd() + blank
      // The text is read to its end, and left, before the words that stop the answer come.
      upstream.models.large = { text: before, second: 'outdivert', piece: 4000 }
      upstream.models.middle = { text: `${goesOn} patch it.`, piece }
      const { shown, reason, text } = await ask()
      expect(upstream.asked()).toEqual(['large', 'middle'])
      expect(lastTurn(upstream.bodies()[1])).toEqual({ role: 'assistant', content: said.trimEnd() })
      expect(reason).toBe('end_turn')
      expect(shown).toBe(`${said.trimEnd()}${joined} patch it.`)
      expect(text).not.toContain('outdivert')
    }
  })

  test.each([
    ['nothing but thinking was shown', {}, { thinking: said, text: 'outdivert', pauseAfter: 0 }],
    ['the answer begins with thinking', { thinking: { type: 'adaptive' } }, {}],
    ['the answer has a schema', { output_config: { format: { type: 'json_schema', schema: {} } } }, {}],
    ['a tool has to be called', { tool_choice: { type: 'any' } }, {}],
    ['the entry has thinking', { fallbacks: [{ model: 'middle', thinking: { type: 'adaptive' } }] }, {}],
    [
      'the entry has a schema',
      { fallbacks: [{ model: 'middle', output_config: { format: { type: 'json_schema' } } }] },
      {},
    ],
  ])('GW-17: %s: the target answers from the start, after the seam', async (_name, body, act) => {
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length, ...act }
    upstream.models.middle = { text: 'Patch it.' }
    const { shown, reason, text } = await ask(body)
    expect(upstream.asked()).toEqual(['large', 'middle'])
    expect(lastTurn(upstream.bodies()[1])).toEqual({ role: 'user', content: 'hello' })
    expect(reason).toBe('end_turn')
    expect(shown.endsWith('Patch it.')).toBe(true)
    expect(text).toContain('"type":"fallback"')
  })

  test.each([
    ['the entry has none', { thinking: { type: 'adaptive' }, fallbacks: [{ model: 'middle', thinking: null }] }],
    ['it is the requested model’s own', { thinking: { type: 'between_tools' } }],
    [
      'the entry’s answer has no schema',
      { output_config: { format: { type: 'json_schema' } }, fallbacks: [{ model: 'middle', output_config: null }] },
    ],
  ])('GW-17: thinking or a schema that the target is not asked for keeps nothing back: %s', async (_name, body) => {
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length }
    expect((await ask(body)).reason).toBe('end_turn')
    expect(lastTurn(upstream.bodies()[1]).role).toBe('assistant')
  })

  test('GW-17: the usage at the end is the target’s, also what its ending leaves out', async () => {
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length }
    upstream.answer = (request, response) => {
      const { writeHead, write } = response
      // The target was sent more than the model before it.
      if (upstream.asked().at(-1) === 'middle')
        Object.assign(response, {
          writeHead: writeHead.bind(response),
          write: (text: string) =>
            write.call(response, text.replace('"input_tokens":312', '"input_tokens":777'), 'utf8'),
        })
      models(request, response)
    }
    const client = new Anthropic({ baseURL: sluice.facts.gatewayUrl, apiKey: 'k', maxRetries: 0 })
    const params = { model: 'large', max_tokens: 9, messages: [{ role: 'user' as const, content: 'hello' }] }
    const { usage } = await client.beta.messages.stream({ ...params, betas: [BETA] }).finalMessage()
    expect(usage).toMatchObject({
      input_tokens: 777,
      output_tokens: 4,
      iterations: [
        { model: 'large', input_tokens: 312 },
        { model: 'middle', input_tokens: 777, output_tokens: 4 },
      ],
    })
  })

  test('GW-10: a stream that breaks off is blamed on the model that answered', async () => {
    upstream.models.large = { text: `${said}outdivert`, pauseAfter: said.length }
    upstream.models.middle = { text: 'Then', breaksOff: true }
    const { events } = await ask()
    const { error } = events.at(-1)!
    expect(error?.message).toContain('middle')
    expect(error?.message).not.toContain('large')
  })
})

/** Stands at every place of an answer: no program that reads numbers writes them back like this. */
const DIGITS = '"x":[1234567890123456789,1.0,"\\u0041"]'
const WHOLE: Readonly<Record<Path, string>> = {
  '/v1/messages': `{"id":"m","type":"message","role":"assistant","model":"middle",${DIGITS},"content":[{"type":"tool_use","id":"t","name":"f","input":{${DIGITS}}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":4,${DIGITS}}}`,
  '/v1/chat/completions': `{"id":"c","object":"chat.completion","created":1,"model":"middle",${DIGITS},"choices":[{"index":0,"finish_reason":"stop",${DIGITS},"message":{"role":"assistant","content":"fine",${DIGITS}}}],"usage":{"prompt_tokens":1,${DIGITS}}}`,
  '/v1/responses': `{"id":"resp_1","object":"response","model":"middle","status":"completed",${DIGITS},"output":[{"type":"message","id":"i","role":"assistant","status":"completed",${DIGITS},"content":[{"type":"output_text","text":"fine",${DIGITS}}]}],"usage":{"input_tokens":1,"output_tokens":1,${DIGITS}}}`,
}
const STREAM: Readonly<Record<Path, readonly string[]>> = {
  '/v1/messages': [
    `{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"middle","content":[],${DIGITS},"usage":{"input_tokens":3,"output_tokens":1,${DIGITS}}}}`,
    `{"type":"content_block_start","index":0,${DIGITS},"content_block":{"type":"tool_use","id":"t","name":"f","input":{${DIGITS}}}}`,
    `{"type":"content_block_delta","index":0,${DIGITS},"delta":{"type":"input_json_delta","partial_json":"{}",${DIGITS}}}`,
    `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\\ud83d"}}`,
    `{"type":"content_block_stop","index":0,${DIGITS}}`,
    `{"type":"message_delta",${DIGITS},"delta":{"stop_reason":"tool_use",${DIGITS}},"usage":{"output_tokens":4,${DIGITS}}}`,
    `{"type":"message_stop"}`,
  ],
  '/v1/chat/completions': [
    `{"id":"c","object":"chat.completion.chunk","created":1,"model":"middle",${DIGITS},"choices":[{"index":0,"delta":{"role":"assistant","content":"fine",${DIGITS}},"finish_reason":null}]}`,
    `{"id":"c","object":"chat.completion.chunk","created":1,"model":"middle",${DIGITS},"choices":[{"index":0,"delta":{${DIGITS}},"finish_reason":"stop"}]}`,
    `{"id":"c","object":"chat.completion.chunk","created":1,"model":"middle","choices":[],"usage":{"prompt_tokens":1,${DIGITS}}}`,
    '[DONE]',
  ],
  '/v1/responses': [
    `{"type":"response.created","sequence_number":0,${DIGITS},"response":{"id":"resp_1","object":"response","model":"middle","status":"in_progress","output":[]}}`,
    `{"type":"response.completed","sequence_number":1,${DIGITS},"response":{"id":"resp_1","object":"response","model":"middle","status":"completed",${DIGITS},"output":[{"type":"function_call","id":"i","call_id":"c","name":"f","arguments":"{}",${DIGITS}}],"usage":{"input_tokens":1,"output_tokens":1,${DIGITS}}}}`,
  ],
}
const count = (text: string) => text.split(DIGITS).length - 1

for (const path of Object.keys(WHOLE) as Path[])
  test.each([false, true])(
    `G4: ${path}: a fallback answer keeps every digit and escape; streamed: %s`,
    async (stream) => {
      const frames = STREAM[path].map((data) => {
        // Data on several lines is one event, and is written on one.
        const lines = data
          .replace(',"', ',\n"')
          .split('\n')
          .map((line) => `data: ${line}\n`)
        const { type } = data === '[DONE]' ? {} : (JSON.parse(data) as { type?: string })
        return `${type === undefined ? '' : `event: ${type}\n`}${lines.join('')}\n`
      })
      const sent = stream ? frames.join('') : WHOLE[path]
      upstream.answer = (_, response) => {
        response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
        response.end(sent)
      }
      const input =
        path === '/v1/responses' ? { input: 'divertword' } : { messages: [{ role: 'user', content: 'divertword' }] }
      const response = await fetch(sluice.facts.gatewayUrl + path, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', 'x-api-key': 'k', authorization: 'Bearer k' },
          ...(path === '/v1/messages' ? { 'anthropic-beta': BETA } : {}),
        },
        body: JSON.stringify({ model: 'large', max_tokens: 9, stream, ...input }),
      })
      const text = await response.text()
      expect(upstream.asked()).toEqual(['middle'])
      expect(text).toContain('"served_model":"middle"')
      expect(count(text.replaceAll(/\n(data: )?/g, ''))).toBe(count(sent.replaceAll(/\n(data: )?/g, '')))
      if (stream)
        for (const frame of text.trimEnd().split('\n\n')) {
          const data = [...frame.matchAll(/^data: (.*)$/gm)].map(([, line]) => line).join('\n')
          expect(() => data === '[DONE]' || JSON.parse(data)).not.toThrow()
        }
    },
  )
