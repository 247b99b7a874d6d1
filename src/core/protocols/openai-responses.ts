import type { ProtocolAdapter, Reply } from './adapter.ts'
import { ProtocolError, replaceTopLevel } from './json.ts'
import { responsesModeration } from './moderated.ts'
import { ownMembers } from './moderation-wish.ts'
import { responsesRefusal, responsesRefusalStream } from './responses-compose.ts'
import { decodeResponses } from './responses-decode.ts'
import { ResponsesReader, ResponsesRewriter } from './responses-stream.ts'
import { ResponseTexts, type Said } from './responses-texts.ts'
import { SSE_COMMENT } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, stringOr } from './values.ts'

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
  const said: Said = { texts: [], closes: [], uninspected: [] }
  new ResponseTexts().response(json, said)
  const { texts, uninspected } = said
  const filtered = isRecord(json.incomplete_details) && json.incomplete_details.reason === 'content_filter'
  return {
    texts,
    uninspected,
    model: stringOr(json.model, null),
    usage: openaiUsage(json.usage),
    upstreamRefusal: filtered || texts.some(({ place }) => place === 'refusal'),
    refusedCategory: null,
  }
}
