import { type Exchange, NO_USAGE, type Usage } from '../conversation/exchange.ts'
import { type ComposeContext, type CreditStatus, type Declined, lastUsage, type Notice } from './adapter.ts'
import { elementsIn, type JsonDocument, objectIn, replaceIn, replaceTopLevel } from './json.ts'
import { sseEvent } from './sse.ts'
import type { Json } from './values.ts'

/** What Sluice writes on the Messages surface (wire.md §5, §6). */

export function refusalBody(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  return JSON.stringify({
    id: `msg_${context.ulid}`,
    type: 'message',
    role: 'assistant',
    model: exchange.model,
    content: [],
    stop_reason: 'refusal',
    stop_sequence: null,
    stop_details: stopDetails(notice, exchange),
    container: null,
    context_management: null,
    diagnostics: null,
    usage: { ...startUsage(lastUsage(context)), ...refusedIterations(context), ...creditUsage(context) },
    sluice: notice.member,
  })
}

/** The whole stream of a refusal before any output. */
export function refusalEvents(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  return messageStart(`msg_${context.ulid}`, exchange.model, NO_USAGE) + refusalEnd(notice, exchange, context)
}

export function messageStart(id: string, model: string, usage: Usage): string {
  const empty = { content: [], stop_reason: null, stop_sequence: null, stop_details: null }
  const nothing = { container: null, context_management: null, diagnostics: null }
  const message = { id, type: 'message', role: 'assistant', model, ...empty, ...nothing, usage: startUsage(usage) }
  return sseEvent('message_start', { message })
}

/** The events that end an answer with a refusal, after every open block was closed. */
export function refusalEnd(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  const delta = {
    stop_reason: 'refusal',
    stop_sequence: null,
    container: null,
    stop_details: stopDetails(notice, exchange),
  }
  const usage = {
    ...counts(lastUsage(context)),
    ...NO_MORE,
    ...refusedIterations(context),
    ...creditUsage(context),
  }
  const body = { context_management: null, delta, usage, sluice: notice.member }
  return sseEvent('message_delta', body) + sseEvent('message_stop', {})
}

/** Exactly the members the vendor's type has; those of fallback only for callers that know them (wire.md §5.3). */
function stopDetails(notice: Notice, exchange: Exchange): Json {
  const plain = { type: 'refusal', category: nativeCategory(notice), explanation: notice.explanation }
  if (!exchange.wants.fallbackMembers) return plain
  return {
    ...plain,
    fallback_credit_token: notice.credit?.token ?? null,
    fallback_has_prefill_claim: notice.credit?.prefill ?? null,
    recommended_model: notice.recommendedModel,
  }
}

/** A refusal after a fallback names every model that was asked, the last one as the fallback it was. */
function refusedIterations({ declined }: ComposeContext): Json {
  if (declined.length < 2) return {}
  return { iterations: declined.map((one, i) => iteration(one, i === declined.length - 1)) }
}

function iteration({ model, usage }: Declined, served: boolean): Json {
  return { type: served ? 'fallback_message' : 'message', model, ...counts(usage), cache_creation: null }
}

export function creditUsage({ credit }: { readonly credit: CreditStatus | null }): Json {
  return credit === null ? {} : { fallback_credit: { status: credit } }
}

/** The vendor's closed enumeration: every other harm is `general_harms`, no harm is null. */
export function nativeCategory({ category }: Pick<Notice, 'category'>): 'cyber' | 'bio' | 'general_harms' | null {
  if (category === null) return null
  return category === 'cyber' || category === 'bio' ? category : 'general_harms'
}

/** The target's answer with the fallback disclosed: served model, iterations, and the block or sentence where wanted. */
export function servedBody(
  document: JsonDocument,
  notice: Notice,
  exchange: Exchange,
  context: ComposeContext,
): string {
  const { block, sentence } = notice.disclosure
  const shown = [
    ...(block ? [fallbackBlock(notice, exchange, context)] : []),
    ...(sentence ? [{ type: 'text', text: notice.explanation, citations: null }] : []),
  ]
  const content = [...shown.map((one) => JSON.stringify(one)), ...elementsIn(document, 'content')]
  const served = { iterations: iterations(objectIn(document, 'usage')?.value ?? {}, context), ...creditUsage(context) }
  const usage = replaceIn(document, 'usage', { set: served })
  return replaceTopLevel(document, {
    set: { sluice: notice.member },
    raw: shown.length === 0 ? { usage } : { content: `[${content.join(',')}]`, usage },
  })
}

export function fallbackBlock(notice: Notice, exchange: Exchange, context: ComposeContext): Json {
  const trigger = { type: 'refusal', category: nativeCategory(notice) }
  return { type: 'fallback', from: { model: exchange.model }, to: { model: context.servedModel }, trigger }
}

/** One entry per model asked, the last of type `fallback_message`: the official "served by fallback" test. */
export function iterations(usage: Json, context: ComposeContext): readonly Json[] {
  const served = {
    input_tokens: usage.input_tokens ?? 0,
    output_tokens: usage.output_tokens ?? 0,
    cache_creation_input_tokens: usage.cache_creation_input_tokens ?? 0,
    cache_read_input_tokens: usage.cache_read_input_tokens ?? 0,
  }
  return [
    ...context.declined.map((one) => iteration(one, false)),
    { type: 'fallback_message', model: context.servedModel, ...served, cache_creation: null },
  ]
}

const NO_MORE = { output_tokens_details: null, server_tool_use: null, iterations: null, fallback_credit: null }

function counts(usage: Usage): Json {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
  }
}

function startUsage(usage: Usage): Json {
  return {
    ...counts(usage),
    cache_creation: null,
    ...NO_MORE,
    service_tier: null,
    speed: null,
    inference_geo: null,
  }
}
