import type { ChannelText, ProtocolAdapter, Reply } from './adapter.ts'
import { creditUsage, refusalBody, refusalEvents, servedBody } from './anthropic-compose.ts'
import { decodeMessages } from './anthropic-decode.ts'
import { editMessages, hasFallbackBlocks } from './anthropic-edit.ts'
import { CreditRewriter, MessagesRewriter } from './anthropic-rewrite.ts'
import { MessagesReader } from './anthropic-stream.ts'
import { beside, blocksOf, blockTexts, MESSAGE_SILENT } from './anthropic-texts.ts'
import { ProtocolError, replaceIn, replaceTopLevel } from './json.ts'
import { refusedCategory } from './refused-category.ts'
import { SSE_COMMENT, sseEvent } from './sse.ts'
import { anthropicUsage } from './usage.ts'
import { isRecord, stringOr } from './values.ts'

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
  const texts: ChannelText[] = []
  const uninspected: string[] = []
  let running: string | null = null
  for (const [index, block] of blocksOf(json.content).entries()) {
    // Blocks of text that follow each other are one running text, as on the screen: sources cut a sentence in pieces.
    const channel: string = (block.type === 'text' ? running : null) ?? `block ${index}`
    running = block.type === 'text' ? channel : null
    const said = blockTexts(block, channel)
    texts.push(...said.texts)
    uninspected.push(...said.uninspected)
  }
  texts.push(...beside('message', json, MESSAGE_SILENT))
  return {
    texts,
    uninspected,
    model: stringOr(json.model, null),
    usage: anthropicUsage(json.usage),
    upstreamRefusal: json.stop_reason === 'refusal',
    refusedCategory: refusedCategory(json.stop_details),
  }
}
