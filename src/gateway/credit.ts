import type { DecisionId } from '../core/base/ids.ts'
import { isDecisionId } from '../core/base/ids.ts'
import type { CreditOffer, Exchange } from '../core/conversation/exchange.ts'
import type { CreditStatus, Notice } from '../core/protocols/adapter.ts'
import { takesPrefill } from '../core/protocols/anthropic-fallback.ts'
import { creditBody, withoutContinuation } from '../core/protocols/credit-body.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import { isRecord, type Json } from '../core/protocols/values.ts'
import type { Passage } from './passage.ts'
import type { Caller, Ports } from './ports.ts'

/**
 * Credit tokens of our own (wire.md §7): they let a caller's client ask another model again after a diversion, streamed
 * or not, without that try counting as probing. Stateless: the token carries what it is bound to, under a MAC.
 */
interface Claims {
  readonly d: DecisionId
  /** Short hashes of organisation and permitted models. */
  readonly o: string
  readonly m: readonly string[]
  readonly k: string
  /** SHA-256 of the bound request. */
  readonly b: string
  /** Seconds since 1970. */
  readonly e: number
  /** SHA-256 of the text that was released, for a target that may continue it. */
  readonly r?: string
}

const LIFETIME_S = 300
const PREFIX = 'slfc_1.'

/**
 * A token for the refusal that leaves the fallback to the caller, or null where a retry could not succeed.
 * @param released Text of the answer that the caller has, in mid-stream; null before any.
 */
export function mintCredit(passage: Passage, released: string | null, ports: Ports): Notice['credit'] {
  const { exchange, chain, caller, state } = passage
  if (!exchange.wants.fallbackMembers || !chain.leftToCaller) return null
  const usable = chain.hops.map(({ model }) => model)
  if (usable.length === 0) return null
  const prefill =
    released !== null &&
    released.trimEnd() !== '' &&
    takesPrefill(passage.document.value, {}) &&
    usable.some((model) => state.prefillModels.has(model))
  const claims: Claims = {
    d: passage.ids.decision,
    o: short(caller.org, ports),
    m: usable.map((model) => short(model, ports)),
    k: caller.principal,
    b: ports.sha256(creditBody(passage.document.value)),
    e: Math.floor(ports.clock.nowMs() / 1000) + LIFETIME_S,
    ...(prefill ? { r: ports.sha256(released.trimEnd()) } : {}),
  }
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return { token: `${PREFIX}${payload}.${ports.mac('fallback-credit', payload)}`, prefill }
}

/**
 * Reads the credit token of ours that came with a request, and links the request to its decision where it has its effect.
 * @throws {ProtocolError} malformed, forged, beside `fallbacks`, or unfit and not `best_effort`.
 */
export async function redeem(offer: CreditOffer, passage: Passage, ports: Ports): Promise<void> {
  const { exchange, document, caller } = passage
  const claims = readToken(offer.token, ports)
  if (document.value.fallbacks !== undefined) throw refused('cannot be used together with `fallbacks`')
  const fault = faultOf(claims, document.value, exchange, caller, ports)
  if (fault !== null && offer.mode === 'strict') throw refused(fault.replaceAll('_', ' '))
  passage.credit = fault === null ? { type: 'redeemed' } : { type: 'not_applied', reason: fault }
  // Used before, it is served the same, and has no effect any more.
  if (fault === null && (await ports.redeem(claims.d))) passage.retryOf = claims.d
}

type Fault = Extract<CreditStatus, { type: 'not_applied' }>['reason']

function faultOf(claims: Claims, body: Json, exchange: Exchange, caller: Caller, ports: Ports): Fault | null {
  if (!exchange.wants.fallbackMembers) return 'not_enabled'
  if (ports.clock.nowMs() / 1000 > claims.e) return 'expired'
  if (claims.o !== short(caller.org, ports)) return 'wrong_organization'
  if (claims.k !== caller.principal) return 'wrong_workspace'
  if (!claims.m.includes(short(exchange.model, ports))) return 'invalid_target_model'
  if (ports.sha256(creditBody(body)) === claims.b) return null
  const before = withoutContinuation(body)
  if (before === null || ports.sha256(creditBody(before.body)) !== claims.b) return 'body_mismatch'
  return claims.r !== undefined && claims.r === ports.sha256(before.text) ? null : 'continuation_excluded'
}

function readToken(token: string, ports: Ports): Claims {
  const [payload = '', mac = '', ...rest] = token.startsWith(PREFIX) ? token.slice(PREFIX.length).split('.') : []
  if (rest.length > 0 || payload === '' || !ports.sameMac('fallback-credit', payload, mac))
    throw refused('is not valid')
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  // Under our own MAC: its shape is ours, of this version or of another.
  if (!isRecord(claims) || typeof claims.d !== 'string' || !isDecisionId(claims.d)) throw refused('is not valid')
  return claims as unknown as Claims
}

function refused(cause: string): ProtocolError {
  return new ProtocolError('body_invalid', `fallback_credit_token is not accepted: ${cause}`)
}

/** 48 bits: enough to tell names apart under a MAC, and a token stays below 512 bytes. */
function short(name: string, ports: Ports): string {
  return ports.sha256(name).slice(0, 12)
}
