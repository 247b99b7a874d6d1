import type { ChannelText, ProtocolAdapter, Reply } from './adapter.ts'
import { creditUsage, refusalBody, refusalEvents, servedBody } from './anthropic-compose.ts'
import { decodeMessages } from './anthropic-decode.ts'
import { editMessages, hasFallbackBlocks } from './anthropic-edit.ts'
import { CreditRewriter, MessagesRewriter } from './anthropic-rewrite.ts'
import { besideText, MessagesReader, toolUse } from './anthropic-stream.ts'
import { ProtocolError, replaceIn, replaceTopLevel } from './json.ts'
import { refusedCategory } from './refused-category.ts'
import { SSE_COMMENT, sseEvent } from './sse.ts'
import { anthropicUsage } from './usage.ts'
import { isRecord, records, stringOr, stringValuesIn } from './values.ts'

/** Anthropic Messages, `anthropic-version: 2023-06-01`. */
export const anthropicMessages = {
  surface: 'messages',
  dialect: 'anthropic',
  path: '/v1/messages',
  decode: decodeMessages,
  edit: editMessages,
  needsEdit: (document, exchange) =>
    exchange.credit !== null || (!exchange.wants.fallbackBlock && hasFallbackBlocks(document)),
  readReply,
  openStream: (resumed) => new MessagesReader(resumed),
  refusal: refusalBody,
  refusalStream: refusalEvents,
  servedByFallback: servedBody,
  withCredit: (document, credit) =>
    replaceTopLevel(document, { raw: { usage: replaceIn(document, 'usage', { set: creditUsage({ credit }) }) } }),
  openCreditStream: (status) => new CreditRewriter(status),
  openFallbackStream: (notice, exchange, context) => new MessagesRewriter(notice, exchange, context),
  moderation: null,
  keepAlive: (started) => (started ? sseEvent('ping', {}) : SSE_COMMENT),
} satisfies ProtocolAdapter

function readReply(json: unknown): Reply {
  if (!isRecord(json) || !Array.isArray(json.content))
    throw new ProtocolError('upstream_invalid', 'the answer is not a message')
  const uninspected: string[] = []
  const texts = records(json.content).flatMap((block, index): ChannelText[] => {
    const channel = `block ${index}`
    const type = stringOr(block.type, '')
    if (type === 'text')
      return [{ channel, place: 'text', text: stringOr(block.text, '') }, ...besideText(channel, block)]
    if (type === 'thinking') return [{ channel, place: 'reasoning', text: stringOr(block.thinking, '') }]
    if (type.endsWith('tool_use')) {
      const input = stringValuesIn(block.input).join('\n')
      return [{ channel, place: 'tool_input', text: `${stringOr(block.name, '')}\n${input}`, ...toolUse(block) }]
    }
    if (type === 'redacted_thinking') uninspected.push('encrypted')
    else if (!type.endsWith('tool_result') && type !== 'fallback') uninspected.push('unknown')
    return [{ channel, place: 'text', text: stringValuesIn(block).join('\n') }]
  })
  return {
    texts,
    uninspected,
    model: stringOr(json.model, null),
    usage: anthropicUsage(json.usage),
    upstreamRefusal: json.stop_reason === 'refusal',
    refusedCategory: refusedCategory(json.stop_details),
  }
}
