import type { Category } from '../base/harm.ts'
import { attackFormOf, type ReasonCode } from '../base/reasons.ts'
import { type Language, type MessageKey, message } from './format.ts'

/** What an explanation depends on; a decision fits as it is. */
export interface Explained {
  readonly action: 'allow' | 'flag' | 'fall_back' | 'require_trust' | 'refuse'
  readonly reason: ReasonCode | null
  readonly category: Category | null
  readonly stage: 'input' | 'output' | 'exchange' | 'control' | null
  readonly where: readonly { readonly trust: string; readonly part: string }[]
  readonly trustScope: string | null
}

export interface ExplainFacts {
  /** Part of an answer may have reached the caller. */
  readonly midStream: boolean
  /** What was shown had not been checked before it left. */
  readonly annotated: boolean
  readonly org: string
  readonly publicUrl: string
  readonly appealUrl: string
  readonly appealId: string
  readonly requestedModel: string
  readonly servedModel: string | null
  readonly detail: 'minimal' | 'standard' | 'full'
  /** Of a suspended model: until when, and where the reasons stand. Null or absent: not known any more. */
  readonly suspension?: { readonly until: string | null; readonly briefUrl: string | null } | null
}

/** Code points; longer ones lose `{next}`, then take their short form. A URL is never cut. */
export const MOST_CODE_POINTS = 600

/**
 * The sentence that every client shows: what happened, why in general terms, what to do next, where to appeal. Never
 * text of the conversation, never which layer decided. At most 600 code points.
 */
export function explain(lang: Language, decision: Explained, facts: ExplainFacts): string {
  const next = nextOf(lang, decision, facts)
  for (const attempt of [() => full(lang, decision, facts, next), () => full(lang, decision, facts, '')]) {
    const text = attempt()
    if ([...text].length <= MOST_CODE_POINTS) return text
  }
  return short(lang, decision, facts)
}

/** The same sentence for a page that is itself the place of details and appeal: without the invitation to go there. */
export function withoutLink(lang: Language, text: string): string {
  const at = text.lastIndexOf(lang === 'ja' ? '詳細' : 'Details')
  return at < 0 ? text : text.slice(0, at).trim()
}

function full(lang: Language, decision: Explained, facts: ExplainFacts, next: string): string {
  const category = categoryName(lang, decision)
  const link = { appeal_url: facts.appealUrl, appeal_id: facts.appealId }
  const models = { served_model: facts.servedModel ?? '–', requested_model: facts.requestedModel }
  if (decision.reason === 'detector.unavailable')
    return message(lang, 'explain.degraded', { served_model: models.served_model, ...link })
  if (decision.reason === 'control.suspended') return suspended(lang, facts)
  if (decision.action === 'fall_back' && facts.servedModel !== null && facts.servedModel !== facts.requestedModel)
    return message(lang, 'explain.fall_back.notice', { ...models, category_name: category, ...link })
  if (facts.detail === 'minimal') return short(lang, decision, facts)
  if (decision.action === 'require_trust' && decision.trustScope !== null) {
    const enroll_url = enrollUrl(facts, decision.trustScope)
    return message(lang, 'explain.require_trust', {
      scope: decision.trustScope,
      category_name: category,
      org: facts.org,
      enroll_url,
      ...link,
    })
  }
  if (decision.category === 'self-harm' && decision.stage === 'input' && attackForm(decision) === null)
    return tidy(message(lang, 'explain.refuse.self_harm', { next, ...link }))
  if (facts.midStream && facts.annotated)
    return message(lang, 'explain.refuse.rest', { category_name: category, ...link })
  const key = refusalKey(decision, facts)
  const what = whatOf(lang, decision, key)
  if (
    key === 'explain.refuse.exchange' ||
    key === 'explain.refuse.output' ||
    key === 'explain.refuse.output_full' ||
    key === 'explain.refuse.input'
  )
    return tidy(message(lang, key, { what, category_name: category, next, ...link }))
  return message(lang, key, { what, category_name: category, ...link })
}

/** A model that may not answer: who did, or that nobody did. Its end stands there where it has one. */
function suspended(lang: Language, facts: ExplainFacts): string {
  const { requestedModel: requested_model, servedModel, suspension, appealUrl: appeal_url, appealId: appeal_id } = facts
  const until = suspension?.until ?? null
  const background = suspension?.briefUrl ?? null
  if (servedModel !== null && servedModel !== requested_model) {
    const served = { served_model: servedModel, requested_model, brief_url: background ?? appeal_url }
    return until === null
      ? message(lang, 'explain.fall_back.suspended.open', served)
      : message(lang, 'explain.fall_back.suspended', { ...served, until })
  }
  const next = background === null ? '' : message(lang, 'next.background', { brief_url: background })
  const refused = { requested_model, next, appeal_url, appeal_id }
  const text =
    until === null
      ? message(lang, 'explain.refuse.suspended.open', refused)
      : message(lang, 'explain.refuse.suspended', { ...refused, until })
  return tidy(text)
}

function short(lang: Language, decision: Explained, facts: ExplainFacts): string {
  const key: MessageKey =
    decision.action === 'require_trust'
      ? 'explain.require_trust.short'
      : facts.midStream
        ? 'explain.refuse.rest'
        : 'explain.refuse.short'
  const category_name = categoryName(lang, decision)
  return message(lang, key, { category_name, appeal_url: facts.appealUrl, appeal_id: facts.appealId })
}

function refusalKey(decision: Explained, facts: ExplainFacts): MessageKey {
  if (decision.stage === 'exchange') return 'explain.refuse.exchange'
  if (decision.stage === 'output') return facts.midStream ? 'explain.refuse.output' : 'explain.refuse.output_full'
  return 'explain.refuse.input'
}

function whatOf(lang: Language, decision: Explained, key: MessageKey): string {
  const form = attackForm(decision)
  if (form !== null) return message(lang, `what.attack.${form}`, {})
  const side = key === 'explain.refuse.output' || key === 'explain.refuse.output_full' ? 'output' : 'input'
  return message(lang, `what.${side}.${decision.category ?? 'other-harm'}`, {})
}

/** What the caller can do now; empty where nothing honest can be said. */
function nextOf(lang: Language, decision: Explained, facts: ExplainFacts): string {
  const { category, trustScope } = decision
  if (category === 'self-harm') return ''
  if (category === 'child-safety') return message(lang, 'next.child', {})
  if (trustScope !== null)
    return message(lang, 'next.trust', { scope: trustScope, enroll_url: enrollUrl(facts, trustScope) })
  const quoted = decision.where.length > 0 && decision.where.every(({ trust }) => trust === 'untrusted')
  return message(lang, decision.stage === 'input' && quoted ? partKey(decision) : 'next.rephrase', {})
}

/** Says which part it is, where all that was found stands in parts of one kind. `sluice.where` says in which turn. */
function partKey({ where }: Explained): MessageKey {
  const [kind, ...others] = new Set(where.map(({ part }) => part))
  return (others.length === 0 && PARTS[kind ?? '']) || 'next.part'
}

const PARTS: Readonly<Record<string, MessageKey>> = {
  document: 'next.part.document',
  tool_result: 'next.part.tool_result',
  tool_definition: 'next.part.tool_definition',
  assistant: 'next.part.assistant',
}

function attackForm({ reason }: Explained) {
  return reason === null ? null : attackFormOf(reason)
}

function categoryName(lang: Language, { category }: Explained): string {
  return message(lang, `category.${category ?? 'other-harm'}`, {})
}

function enrollUrl({ publicUrl }: ExplainFacts, scope: string): string {
  return `${publicUrl}/trust/${scope}`
}

/** An empty fragment leaves no double blank behind, and none at the start. */
function tidy(text: string): string {
  return text.replace(/ {2,}/g, ' ').trim()
}
