import { type Exchange, NO_USAGE } from '../core/conversation/exchange.ts'
import type { Hop } from '../core/policy/fallback-chain.ts'
import { rank } from '../core/policy/policy.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import { ownCredit } from '../core/protocols/anthropic-fallback.ts'
import { anthropicMessages } from '../core/protocols/anthropic-messages.ts'
import type { BatchRequest } from '../core/protocols/batch-request.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import type { Json } from '../core/protocols/values.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import { composed, refused, takeHop } from './act.ts'
import { notConsulted } from './consult.ts'
import { type Inspection, inspectAll } from './inspect.ts'
import { decideStep, openPassage, type Passage } from './passage.ts'
import type { Caller, GatewayState, Ports, WireRequest } from './ports.ts'
import { readAhead } from './read-ahead.ts'
import { reserve } from './reserve.ts'

/** What became of one item before anything was sent. */
export type DecidedItem =
  /** Not a request that can be decided: an error of its own, and no receipt. */
  | { readonly kind: 'invalid'; readonly customId: string; readonly error: WireError }
  | (Decided & {
      readonly kind: 'sent'
      /** The weaker model that answers instead, or null. */
      readonly hop: Hop | null
      /** The item's own bytes, or what is sent in their place. */
      readonly params: 'same' | { readonly params: string }
    })
  | (Decided & { readonly kind: 'own'; readonly answer: ReturnType<typeof refused> })

export interface Decided {
  readonly customId: string
  readonly passage: Passage
  readonly inspection: Inspection
}

/**
 * Decides one item of a batch as the request that it is, with what a batch has not: a caller's own list of fallbacks,
 * and credit tokens (wire.md §6.1, §7). Nobody asks again for an item, so the operator's targets answer for it.
 * @throws {ReserveError}
 */
export async function decideItem(
  { customId, params }: BatchRequest,
  request: WireRequest,
  caller: Caller,
  state: GatewayState,
  ports: Ports,
): Promise<DecidedItem> {
  const lacking = unavailable(params.value)
  if (lacking !== null)
    return { kind: 'invalid', customId, error: wireErrors.bodyInvalid(`${lacking}: not available in batches`) }
  let exchange: Exchange
  try {
    const decoded = anthropicMessages.decode(params, (name) => request.headers[name])
    exchange = { ...decoded, stream: false, fallback: { kind: 'none' } }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { kind: 'invalid', customId, error: wireErrors.bodyInvalid(error.message) }
  }
  const passage = openPassage(request, anthropicMessages, params, exchange, caller, state, ports)
  const seen = inspectAll(passage, await readAhead(passage, ports))
  // Thousands of items are decided while their caller waits: nobody is asked about any of them.
  const inspection = { ...seen, findings: [...seen.findings, ...notConsulted('input', 'surface', passage, ports)] }
  const decision = decideStep(passage, 'input', inspection.findings, exchange.model)
  reserve(decision, ports)
  const decided = { customId, passage, inspection }
  const stripFallbackBlocks = !exchange.wants.fallbackBlock
  if (rank(decision.action) <= rank('flag')) {
    const verbatim = !anthropicMessages.needsEdit(params, exchange)
    const edited = () => ({ params: anthropicMessages.edit(params, { hop: null, prefill: null, stripFallbackBlocks }) })
    return { kind: 'sent', ...decided, hop: null, params: verbatim ? 'same' : edited() }
  }
  if (decision.action !== 'fall_back') return { kind: 'own', ...decided, answer: refused(decision, passage) }
  passage.declined.push({ model: exchange.model, usage: NO_USAGE })
  const hop = takeHop(inspection, passage)
  if (hop === null) return { kind: 'own', ...decided, answer: composed(decision) }
  const edited = anthropicMessages.edit(params, { hop, prefill: null, stripFallbackBlocks })
  return { kind: 'sent', ...decided, hop, params: { params: edited } }
}

/** The member that a batch's item may not have, or null. Tokens of the vendor's pass, here as elsewhere. */
function unavailable(value: Json): string | null {
  if (value.fallbacks !== undefined && value.fallbacks !== null) return 'fallbacks'
  return ownCredit(value) === null ? null : 'fallback_credit_token'
}
