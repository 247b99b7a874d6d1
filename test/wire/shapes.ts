import type { Json } from './fences.ts'

/** What the clients are shown beside the examples themselves: each shape is an example with one thing changed. */
export function shapesOf(example: (name: string) => string) {
  const refusal = example('5.3 json anthropic:BetaMessage')
  const early = example('5.4 sse anthropic:BetaRawMessageStreamEvent')
  const midway = example('5.5 sse anthropic:BetaRawMessageStreamEvent')
  const fallback = example('6.2 json anthropic:BetaMessage')
  const fallbackStream = example('6.2 sse anthropic:BetaRawMessageStreamEvent')
  const chat = example('9 json openai:ChatCompletion')
  const chatStream = example('9 sse openai:ChatCompletionChunk')
  const responses = example('10 json openai:Response')
  const responsesStream = example('10 sse openai:ResponseStreamEvent')
  const failed = 'the rest of this answer could not be checked in time'
  return {
    allowed: example('5.1 json anthropic:Message'),
    allowedStream: example('5.2 sse anthropic:RawMessageStreamEvent'),
    refusal,
    early,
    midway,
    fallback,
    fallbackStream,
    seam: example('6.3 sse anthropic:BetaRawMessageStreamEvent'),
    chat,
    chatStream,
    responses,
    responsesStream,
    refusalWithoutDetails: changed(refusal, { stop_details: null }),
    customBlock: changed(fallback, { content: [{ type: 'sluice_notice', text: 'x' }] }),
    customBlockStream: fallbackStream.replaceAll('"type":"fallback"', '"type":"sluice_notice"'),
    customEvent: afterFirst(midway, 'event: sluice\ndata: {"type":"sluice"}\n\n'),
    customChunk: afterFirst(chatStream, 'data: {"type":"sluice"}\n\n'),
    customResponseEvent: afterFirst(responsesStream, 'event: sluice\ndata: {"type":"sluice","sequence_number":1}\n\n'),
    alive: `: keep-alive\n\n${afterFirst(midway, ': keep-alive\n\nevent: ping\ndata: {"type":"ping"}\n\n')}`,
    chatAlive: `: keep-alive\n\n${afterFirst(chatStream, ': keep-alive\n\n')}`,
    responsesAlive: `: keep-alive\n\n${afterFirst(responsesStream, ': keep-alive\n\n')}`,
    broken: before(midway, 'event: content_block_stop') + example('8 sse anthropic:ErrorResponse'),
    chatBroken: `${upTo(chatStream, 2)}data: ${JSON.stringify({ error: { message: failed, type: 'server_error', param: null, code: 'guard_unavailable' } })}\n\ndata: [DONE]\n\n`,
    responsesBroken: `${upTo(responsesStream, 4)}${responseFailure(responsesStream, failed)}`,
    half: before(midway, 'event: content_block_stop'),
    chatStop: chat.replace('"content_filter"', '"stop"'),
    chatStopStream: chatStream.replace('"content_filter"', '"stop"'),
    chatEarly: without(chatStream, 'Here is an overview'),
    chatEarlyStop: without(chatStream, 'Here is an overview').replace('"content_filter"', '"stop"'),
    chatMirrored: mirrored(chat),
    chatModerated: changed(chat, {
      moderation: JSON.parse(example('9 json openai:ChatCompletionModeration')) as unknown,
    }),
    noToken: early.replace(/"fallback_credit_token":"[^"]+"/, '"fallback_credit_token":null'),
  }
}
export type Shapes = ReturnType<typeof shapesOf>

function changed(text: string, members: Json): string {
  return JSON.stringify({ ...(JSON.parse(text) as Json), ...members })
}

const eventsIn = (stream: string) => stream.split(/(?<=\n\n)/)
const upTo = (stream: string, count: number) => eventsIn(stream).slice(0, count).join('')
const before = (stream: string, words: string) => stream.slice(0, stream.indexOf(words))
const without = (stream: string, words: string) =>
  eventsIn(stream)
    .filter((event) => !event.includes(words))
    .join('')

function afterFirst(stream: string, more: string): string {
  const [first, ...rest] = eventsIn(stream)
  return [first, more, ...rest].join('')
}

function mirrored(text: string): string {
  const body = JSON.parse(text) as Json & { choices: (Json & { message: Json })[] }
  const choices = body.choices.map((one) => ({ ...one, message: { ...one.message, content: one.message.refusal } }))
  return JSON.stringify({ ...body, choices })
}

function responseFailure(stream: string, message: string): string {
  const created = JSON.parse(/^data: (.*)$/m.exec(stream)![1]!) as { response: Json }
  const error = { type: 'error', sequence_number: 4, code: 'guard_unavailable', message, param: null }
  const response = { ...created.response, status: 'failed', error: { code: 'server_error', message } }
  const failure = { type: 'response.failed', sequence_number: 5, response }
  return [error, failure].map((body) => `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`).join('')
}
