import type { ChannelText, ProtocolAdapter, Reply } from './adapter.ts'
import { chatRefusal, chatRefusalStream, servedChat } from './chat-compose.ts'
import { decodeChat, readable } from './chat-decode.ts'
import { ChatReader, ChatRewriter, QUIET } from './chat-stream.ts'
import { ProtocolError, replaceTopLevel } from './json.ts'
import { chatModeration } from './moderated.ts'
import { ownMembers } from './moderation-wish.ts'
import { SSE_COMMENT } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, records, stringOr, stringValuesIn } from './values.ts'

/** OpenAI Chat Completions. */
export const openaiChat = {
  surface: 'chat',
  dialect: 'openai',
  path: '/v1/chat/completions',
  decode: decodeChat,
  edit: (document, { hop }) =>
    replaceTopLevel(document, { set: hop === null ? {} : { model: hop.model }, remove: ownMembers(document.value) }),
  needsEdit: (_document, exchange) => exchange.moderation !== undefined,
  readReply,
  openStream: () => new ChatReader(),
  refusal: chatRefusal,
  refusalStream: chatRefusalStream,
  servedByFallback: servedChat,
  withCredit: (document) => document.text,
  openCreditStream: () => null,
  openFallbackStream: (notice) => new ChatRewriter(notice),
  moderation: chatModeration,
  keepAlive: () => SSE_COMMENT,
} satisfies ProtocolAdapter

function readReply(json: unknown): Reply {
  if (!isRecord(json) || !Array.isArray(json.choices))
    throw new ProtocolError('upstream_invalid', 'the answer is not a completion')
  let upstreamRefusal = false
  const uninspected: string[] = []
  const texts = records(json.choices).flatMap((choice, index): ChannelText[] => {
    const message = isRecord(choice.message) ? choice.message : {}
    const refusal = stringOr(message.refusal, '')
    upstreamRefusal ||= choice.finish_reason === 'content_filter' || refusal !== ''
    if (isRecord(message.audio)) uninspected.push('audio')
    const calls = [
      ...records(message.tool_calls),
      ...(isRecord(message.function_call) ? [{ function: message.function_call }] : []),
    ]
    const own = [
      ['text', 'text', stringValuesIn(message.content).join('\n')],
      ['refusal', 'refusal', refusal],
      ['reasoning', 'reasoning', stringOr(message.reasoning_content, stringOr(message.reasoning, ''))],
      ['audio', 'text', isRecord(message.audio) ? stringOr(message.audio.transcript, '') : ''],
      ...Object.keys(message)
        .filter((key) => !QUIET.has(key))
        .map((key) => ['unknown', 'text', stringValuesIn(message[key]).join('\n')]),
      ...calls.map((call, i) => {
        const called = isRecord(call.function) ? call.function : isRecord(call.custom) ? call.custom : {}
        return [
          `tool ${i}`,
          'tool_input',
          `${stringOr(called.name, '')}\n${readable(called.arguments ?? called.input)}`,
        ]
      }),
    ] as [string, ChannelText['place'], string][]
    return own
      .filter(([, , text]) => text !== '')
      .map(([channel, place, text]) => ({ channel: `choice ${index} ${channel}`, place, text }))
  })
  return {
    texts,
    uninspected,
    model: stringOr(json.model, null),
    usage: openaiUsage(json.usage),
    upstreamRefusal,
    refusedCategory: null,
  }
}
