import type { ChannelText, ProtocolAdapter, Reply } from './adapter.ts'
import { chatRefusal, chatRefusalStream, servedChat } from './chat-compose.ts'
import { decodeChat, readable } from './chat-decode.ts'
import { ChatReader, ChatRewriter } from './chat-stream.ts'
import { choicesOf, readBeside, readChoice, type Say } from './chat-texts.ts'
import { ProtocolError, replaceTopLevel } from './json.ts'
import { chatModeration } from './moderated.ts'
import { ownMembers } from './moderation-wish.ts'
import { SSE_COMMENT } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, stringOr } from './values.ts'

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
  const texts: ChannelText[] = []
  const uninspected: string[] = []
  const saying =
    (prefix: string): Say =>
    (channel, place, text) => {
      if (text !== '') texts.push({ channel: prefix + channel, place, text })
    }
  let filtered = false
  for (const [index, choice] of choicesOf(json).entries()) {
    const say = saying(`choice ${index} `)
    readChoice(choice, { delta: say, message: say }, (_channel, value) => readable(value))
    filtered ||= choice.finish_reason === 'content_filter'
    if (isRecord(choice.message) && isRecord(choice.message.audio)) uninspected.push('audio')
  }
  readBeside(json, saying('beside '))
  return {
    texts,
    uninspected,
    model: stringOr(json.model, null),
    usage: openaiUsage(json.usage),
    upstreamRefusal: filtered || texts.some(({ place }) => place === 'refusal'),
    refusedCategory: null,
  }
}
