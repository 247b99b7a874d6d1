import type { ChannelText, ProtocolAdapter, Reply } from './adapter.ts'
import { readable } from './chat-decode.ts'
import { ProtocolError, replaceTopLevel } from './json.ts'
import { responsesModeration } from './moderated.ts'
import { ownMembers } from './moderation-wish.ts'
import { responsesRefusal, responsesRefusalStream } from './responses-compose.ts'
import { decodeResponses } from './responses-decode.ts'
import { ResponsesReader, ResponsesRewriter } from './responses-stream.ts'
import { SSE_COMMENT } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, type Json, records, stringOr, stringValuesIn } from './values.ts'

/** OpenAI Responses. */
export const openaiResponses = {
  surface: 'responses',
  dialect: 'openai',
  path: '/v1/responses',
  decode: decodeResponses,
  edit: (document, { hop }) =>
    replaceTopLevel(document, { set: hop === null ? {} : { model: hop.model }, remove: ownMembers(document.value) }),
  needsEdit: (_document, exchange) => exchange.moderation !== undefined,
  readReply,
  openStream: () => new ResponsesReader(),
  refusal: responsesRefusal,
  refusalStream: responsesRefusalStream,
  servedByFallback: (document, notice) => replaceTopLevel(document, { set: { sluice: notice.member } }),
  withCredit: (document) => document.text,
  openCreditStream: () => null,
  openFallbackStream: (notice) => new ResponsesRewriter(notice),
  moderation: responsesModeration,
  keepAlive: () => SSE_COMMENT,
} satisfies ProtocolAdapter

function readReply(json: unknown): Reply {
  if (!isRecord(json) || !Array.isArray(json.output))
    throw new ProtocolError('upstream_invalid', 'the answer is not a response')
  let upstreamRefusal = isRecord(json.incomplete_details) && json.incomplete_details.reason === 'content_filter'
  const uninspected: string[] = []
  const texts = records(json.output).flatMap((item, index): ChannelText[] => {
    const channel = `item ${index}`
    const type = stringOr(item.type, 'message')
    if (type === 'message') {
      return records(item.content).map((part): ChannelText => {
        if (part.type !== 'output_text' && part.type !== 'refusal') {
          uninspected.push('unknown')
          return { channel, place: 'text', text: stringValuesIn(part).join('\n') }
        }
        const refusal = stringOr(part.refusal, '')
        if (refusal !== '') upstreamRefusal = true
        return refusal === ''
          ? { channel, place: 'text', text: stringOr(part.text, '') }
          : { channel, place: 'refusal', text: refusal }
      })
    }
    if (type === 'reasoning') {
      if (typeof item.encrypted_content === 'string') uninspected.push('encrypted')
      const parts: readonly Json[] = [...records(item.summary), ...records(item.content)]
      return parts.map((part) => ({ channel, place: 'reasoning', text: stringOr(part.text, '') }))
    }
    if (type === 'function_call' || type === 'custom_tool_call')
      return [
        { channel, place: 'tool_input', text: `${stringOr(item.name, '')}\n${readable(item.arguments ?? item.input)}` },
      ]
    if (type === 'image_generation_call') {
      uninspected.push('image')
      return []
    }
    if (!type.endsWith('_call') && !type.endsWith('_output')) uninspected.push('unknown')
    return [{ channel, place: 'text', text: stringValuesIn(item).join('\n') }]
  })
  return {
    texts: texts.filter(({ text }) => text !== ''),
    uninspected,
    model: stringOr(json.model, null),
    usage: openaiUsage(json.usage),
    upstreamRefusal,
    refusedCategory: null,
  }
}
