import { decisionIds, ulid } from '../core/base/ids.ts'
import type { Exchange, Usage } from '../core/conversation/exchange.ts'
import { decide } from '../core/policy/decide.ts'
import type { Decision, DecisionInput } from '../core/policy/decision.ts'
import type { Finding, Stage } from '../core/policy/finding.ts'
import type { ProtocolAdapter } from '../core/protocols/adapter.ts'
import type { JsonDocument } from '../core/protocols/json.ts'
import type { Caller, GatewayState, Ports, WireRequest } from './ports.ts'

/** One request on its way: what stays the same from the first stage to the receipt. */
export interface Passage {
  readonly ulid: string
  readonly ids: ReturnType<typeof decisionIds>
  readonly atMs: number
  readonly lang: 'ja' | 'en'
  readonly state: GatewayState
  readonly mode: 'observe' | 'enforce'
  readonly request: WireRequest
  readonly adapter: ProtocolAdapter
  readonly document: JsonDocument
  readonly exchange: Exchange
  readonly caller: Caller
  /** Where `fall_back` would go, or null. */
  readonly fallbackModel: string | null
  /** Decisions made so far, oldest first. */
  readonly steps: { readonly input: DecisionInput; readonly decision: Decision }[]
  /** When the first byte went upstream, monotonic; null until then. */
  sentMs: number | null
  /** Tokens of answers that were produced and not served. */
  declinedUsage: Usage | null
}

export function openPassage(
  request: WireRequest,
  adapter: ProtocolAdapter,
  document: JsonDocument,
  exchange: Exchange,
  caller: Caller,
  state: GatewayState,
  ports: Ports,
): Passage {
  const atMs = ports.clock.nowMs()
  const id = ulid(atMs, ports.random(10))
  const target = state.fallbacks[exchange.model] ?? state.fallbacks['*'] ?? null
  return {
    ulid: id,
    ids: decisionIds(id),
    atMs,
    lang: /^\s*ja\b/i.test(request.headers['accept-language'] ?? '') ? 'ja' : 'en',
    state,
    // No key has the right to ask for a milder mode yet: the caller's wish is not read.
    mode: state.mode === 'enforce' ? 'enforce' : 'observe',
    request,
    adapter,
    document,
    exchange,
    caller,
    fallbackModel: target === exchange.model ? null : target,
    steps: [],
    sentMs: null,
    declinedUsage: null,
  }
}

/** Decides one stage of a passage for the model that is asked, and keeps input and decision for the receipt. */
export function decideStep(passage: Passage, stage: Stage, findings: readonly Finding[], model: string): Decision {
  const input = stepInput(passage, stage, findings, model)
  const decision = decide(input, passage.state.safeguard.policy)
  passage.steps.push({ input, decision })
  return decision
}

export function stepInput(passage: Passage, stage: Stage, findings: readonly Finding[], model: string): DecisionInput {
  const targets = passage.state.fallbacks
  const asksFallbackTarget = Object.values(targets).includes(model)
  return {
    stage,
    findings,
    standing: passage.caller.standing,
    mode: passage.mode,
    fallbackModel: asksFallbackTarget ? null : passage.fallbackModel,
    asksFallbackTarget,
  }
}
