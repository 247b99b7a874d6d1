import { createHash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { eventData, type Json } from './fences.ts'

/** How the real program is brought to say what an example shows: what is asked, and what the model behind it answers. */
export interface Recipe {
  /** Name of the example. */
  readonly fence: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** None: a GET. */
  readonly body?: Json
  /** Asked before, for the credit token of its refusal. */
  readonly first?: Json
  /** What each model behind Sluice answers; the example itself where none is named, since it is only passed on. */
  readonly upstream?: Readonly<Record<string, string>>
  readonly status?: number
  /** The part of the answer that the example shows. */
  readonly part?: (answer: readonly Json[]) => readonly Json[]
}

/** Examples that this version has no way to say, and why. A recipe for one of these is a failure: it belongs above. */
export const UNSERVED: Readonly<Record<string, string>> = {
  '8 json anthropic:ErrorResponse #3': 'there are no budgets yet',
  '9 json openai:ChatCompletionModeration': 'the member `moderation` of a Chat request is not read yet',
  '14 json hooks:PromptFrame': 'a request; the next example is its answer',
}

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`

/** Settings under which the recipes hold. */
export const SETTINGS = `
fallbacks: {claude-fable-5: [claude-opus-4-8, claude-opus-5]}
prefill_models: [claude-opus-4-8]
suspended: {claude-held-5: {since: '2026-06-12T21:21:00Z', until: '2099-06-13T09:21:00Z', brief_url: 'https://sluice.example/briefs/INS-2026-0061'}}
hooks: {secrets: ['${SECRET}']}
callers: {trust: error}
rules:
  - {name: t.divert, stage: input, action: fall_back, category: cyber, phrases: [divertword]}
  - {name: t.refuse, stage: input, action: refuse, category: cyber, phrases: [refuseword]}
  - {name: t.trust, stage: input, action: require_trust, category: cyber, phrases: [trustword]}
  - {name: t.out-divert, stage: output, action: fall_back, category: cyber, phrases: [outdivert]}
  - {name: t.out-refuse, stage: output, action: refuse, category: bio, phrases: [outrefuse]}
`

const LISTED = { 'anthropic-beta': 'server-side-fallback-2026-06-01' }
const CREDIT = { 'anthropic-beta': 'fallback-credit-2026-07-01' }
const LARGE = 'claude-fable-5'
const SMALL = 'claude-opus-4-8'
const HELD = 'claude-held-5'
/** Long enough that some of it leaves before the word at its end is read. */
const OVERVIEW = 'Here is an overview of the protocol, which is long and dull. '.repeat(12)

const MESSAGES = '/v1/messages'
const ask = (content: string, more: Json = {}): Json => ({
  model: LARGE,
  max_tokens: 99,
  messages: [{ role: 'user', content }],
  ...more,
})
const chat = (content: string, more: Json = {}): Json => ({
  model: 'gpt-5.5',
  messages: [{ role: 'user', content }],
  ...more,
})

/** @param example Bytes of an example, by its name. */
export function recipes(example: (name: string) => string): readonly Recipe[] {
  const messages = { path: MESSAGES }
  const whole = withoutNotes(example('6.2 json anthropic:BetaMessage'))
  const saying = (model: string, text: string) =>
    saidBy(model, text, example('6.2 sse anthropic:BetaRawMessageStreamEvent'))
  const listed = { fallbacks: [{ model: SMALL }] }
  return [
    { ...messages, fence: '5.1 json anthropic:Message', body: ask('hello') },
    { ...messages, fence: '5.2 sse anthropic:RawMessageStreamEvent', body: ask('hello', { stream: true }) },
    { ...messages, fence: '5.3 json anthropic:BetaMessage', headers: CREDIT, body: ask('refuseword') },
    {
      ...messages,
      fence: '5.4 sse anthropic:BetaRawMessageStreamEvent',
      headers: CREDIT,
      body: ask('divertword', { stream: true }),
    },
    {
      ...messages,
      fence: '5.5 sse anthropic:BetaRawMessageStreamEvent',
      headers: LISTED,
      body: ask('hello', { stream: true }),
      upstream: { [LARGE]: saying(LARGE, `${OVERVIEW}outrefuse`) },
    },
    {
      path: `${MESSAGES}/count_tokens`,
      fence: '5.7 json anthropic:BetaMessageTokensCount',
      body: ask('hello'),
    },
    { path: '/v1/models?limit=1000', fence: '5.7 json anthropic:BetaModelInfoList' },
    {
      ...messages,
      fence: '6.2 json anthropic:BetaMessage',
      headers: LISTED,
      body: ask('divertword', listed),
      upstream: { [SMALL]: whole },
    },
    {
      ...messages,
      fence: '6.2 sse anthropic:BetaRawMessageStreamEvent',
      headers: LISTED,
      body: ask('divertword', { ...listed, stream: true }),
      upstream: { [SMALL]: saying(SMALL, 'The overflow is in parse_len.') },
    },
    {
      ...messages,
      fence: '6.3 sse anthropic:BetaRawMessageStreamEvent',
      headers: LISTED,
      body: ask('hello', { ...listed, stream: true }),
      upstream: { [LARGE]: saying(LARGE, `${OVERVIEW}outdivert`), [SMALL]: saying(SMALL, 'Then patch it.') },
    },
    {
      ...messages,
      fence: '7 json anthropic:BetaFallbackCreditUsage',
      headers: CREDIT,
      first: ask('divertword'),
      body: ask('divertword, differently', { model: SMALL }),
      upstream: { [SMALL]: whole },
      part: ([body]) => [(body!.usage as { fallback_credit: Json }).fallback_credit],
    },
    {
      ...messages,
      fence: '8 json anthropic:ErrorResponse',
      status: 403,
      body: ask('hello', { model: HELD }),
      // A model with an alternative would have been answered by it, so a suspension that is an error names none.
      part: (body) => body.map((one) => renamed(one, [HELD, LARGE], ['[]', `["${SMALL}"]`])),
    },
    {
      ...messages,
      fence: '8 json anthropic:ErrorResponse #2',
      status: 403,
      body: ask('trustword'),
      // The example leaves out the member that says whose error it is; errors carry it.
      part: (body) => body.map(({ sluice: _, ...error }) => error),
    },
    {
      ...messages,
      fence: '8 sse anthropic:ErrorResponse',
      body: ask('hello', { stream: true }),
      // What can be brought about from outside is an upstream that stops in the middle: the same event, another code.
      upstream: { [LARGE]: saying(LARGE, OVERVIEW).replace(/event: content_block_stop[\s\S]*$/, '') },
      part: (events) => events.slice(-1).map((event) => renamed(event, ['upstream_invalid', 'guard_unavailable'])),
    },
    { path: '/v1/chat/completions', fence: '9 json openai:ChatCompletion', body: chat('refuseword') },
    {
      path: '/v1/chat/completions',
      fence: '9 sse openai:ChatCompletionChunk',
      body: chat('hello', { stream: true, stream_options: { include_usage: true } }),
      upstream: { 'gpt-5.5': chatSaying(`${OVERVIEW}outrefuse`) },
    },
    { path: '/v1/responses', fence: '10 json openai:Response', body: { model: 'gpt-5.5', input: 'refuseword' } },
    {
      path: '/v1/responses',
      fence: '10 sse openai:ResponseStreamEvent',
      body: { model: 'gpt-5.5', input: 'hello', stream: true },
      upstream: { 'gpt-5.5': responseSaying(`${OVERVIEW}outrefuse`, example('10 sse openai:ResponseStreamEvent')) },
    },
    {
      path: '/v1/moderations',
      fence: '11 json openai:ModerationCreateResponse',
      // What would be done depends on the model one means to ask: without a weaker one, a diversion is a refusal.
      body: { input: 'divert\u200bword', model: LARGE },
    },
    { ...hook(JSON.parse(example('14 json hooks:PromptFrame')) as Json), fence: '14 json hooks:Verdict' },
    {
      ...hook({
        ...(JSON.parse(example('14 json hooks:PromptFrame')) as Json),
        messages: [{ role: 'user', content: [{ type: 'text', text: 'refuseword' }] }],
      }),
      fence: '14 json hooks:Verdict #2',
    },
  ]
}

function hook(body: Json): Pick<Recipe, 'path' | 'headers' | 'body'> {
  const at = new Date()
  const text = JSON.stringify(body)
  const id = `msg_${createHash('sha256').update(text).digest('hex').slice(0, 12)}`
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign(id, at, text),
  }
  return { path: '/hooks/anthropic-inference', headers, body }
}

const event = (body: Json) => `event: ${String(body.type)}\ndata: ${JSON.stringify(body)}\n\n`
const pieces = (text: string) => text.match(/[\s\S]{1,24}/g) ?? []

/** The target's own answer, as it is before Sluice tells what it did. */
function withoutNotes(text: string): string {
  const { sluice: _, usage, content, ...message } = JSON.parse(text) as Json & { content: Json[]; usage: Json }
  const { iterations: __, ...counts } = usage
  return JSON.stringify({ ...message, content: content.filter(({ type }) => type !== 'fallback'), usage: counts })
}

/** A streamed answer of one model, with the members of the example's. */
function saidBy(model: string, text: string, example: string): string {
  const bodies = eventData(example).map((data) => JSON.parse(data) as Json)
  const [start] = bodies as [Json & { message: Json }]
  const { sluice: _, ...end } = bodies.find(({ type }) => type === 'message_delta') as Json & { usage: Json }
  const { iterations: __, ...usage } = end.usage
  return [
    { ...start, message: { ...start.message, model } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
    ...pieces(text).map((piece) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: piece },
    })),
    { type: 'content_block_stop', index: 0 },
    { ...end, usage },
    { type: 'message_stop' },
  ]
    .map(event)
    .join('')
}

function chatSaying(text: string): string {
  const base = { id: 'chatcmpl-01J9ZT10', object: 'chat.completion.chunk', created: 1782896400, model: 'gpt-5.5' }
  const choice = (delta: Json, finish_reason: string | null) => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason, logprobs: null }],
  })
  const chunks = [
    choice({ role: 'assistant', content: '' }, null),
    ...pieces(text).map((content) => choice({ content }, null)),
    choice({}, 'stop'),
  ]
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`
}

function responseSaying(text: string, example: string): string {
  const [created, added, opened] = eventData(example).map((data) => JSON.parse(data) as Json)
  const at = { item_id: 'msg_01J9ZU10', output_index: 0, content_index: 0 }
  const part = { type: 'output_text', text, annotations: [] }
  const item = { id: at.item_id, type: 'message', role: 'assistant', status: 'completed', content: [part] }
  const events = [
    created!,
    added!,
    opened!,
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...(created!.response as Json), status: 'completed', output: [item] } },
  ]
  return events.map((body, sequence_number) => event({ ...body, sequence_number })).join('')
}

export function renamed(value: Json, ...names: readonly (readonly [from: string, to: string])[]): Json {
  const text = names.reduce((said, [from, to]) => said.replaceAll(from, to), JSON.stringify(value))
  return JSON.parse(text) as Json
}
