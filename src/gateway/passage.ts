import { type DecisionId, decisionIds, ulid } from '../core/base/ids.ts'
import { languageAsked } from '../core/briefs/format.ts'
import type { Dialect, Exchange } from '../core/conversation/exchange.ts'
import { suspensionOf } from '../core/governance/suspension.ts'
import { decide } from '../core/policy/decide.ts'
import type { Decision, DecisionInput } from '../core/policy/decision.ts'
import { type FallbackChain, fallbackChain, isTarget } from '../core/policy/fallback-chain.ts'
import type { Finding, Stage } from '../core/policy/finding.ts'
import type { CreditStatus, Declined, ProtocolAdapter } from '../core/protocols/adapter.ts'
import type { JsonDocument } from '../core/protocols/json.ts'
import type { Caller, GatewayState, Ports, WireRequest } from './ports.ts'

/** One request on its way to a decision: what stays the same from the first stage to the receipt. */
export interface Screening {
  readonly ulid: string
  readonly ids: ReturnType<typeof decisionIds>
  readonly atMs: number
  readonly lang: 'ja' | 'en'
  readonly state: GatewayState
  readonly mode: 'observe' | 'enforce'
  readonly request: WireRequest
  readonly dialect: Dialect
  readonly document: JsonDocument
  readonly exchange: Exchange
  readonly caller: Caller
  /** Who may answer instead. */
  readonly chain: FallbackChain
  /** Decisions made so far, oldest first. */
  readonly steps: { readonly input: DecisionInput; readonly decision: Decision }[]
  /** When the first byte went upstream, monotonic; null until then. */
  sentMs: number | null
  /** Models that were asked, or would have been, and whose answer is not the one served; oldest first. */
  readonly declined: Declined[]
  /** The refusal whose credit token came with this request, or null. */
  retryOf: DecisionId | null
  /** Ids of what is kept, given by the answer: the receipt's `gave`; null for nearly all. */
  given: Set<string> | null
  /** A second opinion was asked. */
  escalated: boolean
}

/** One request on its way to an answer. */
export interface Passage extends Screening {
  readonly adapter: ProtocolAdapter
  /** Hops of the chain that were taken. */
  hops: number
  /** What was found in each tool call of the answer, by its id, or why nothing was looked for. */
  readonly toolUses: Map<string, readonly Finding[] | 'skipped' | 'unavailable'>
  /** State of a credit token that came with the request; null without one. */
  credit: CreditStatus | null
}

/** @throws {FallbackError} the caller's own list names a model that it may not. */
export function openScreening(
  request: WireRequest,
  dialect: Dialect,
  document: JsonDocument,
  exchange: Exchange,
  caller: Caller,
  current: GatewayState,
  ports: Ports,
): Screening {
  const state = armed(current, caller, exchange)
  const atMs = ports.clock.nowMs()
  const id = ulid(atMs, ports.random(10))
  const usable = (model: string) => suspensionOf(model, state.suspended, atMs) === null
  return {
    ulid: id,
    ids: decisionIds(id),
    atMs,
    lang: languageOf(request, caller),
    state,
    mode: state.mode === 'enforce' && !mayObserve(request, caller) ? 'enforce' : 'observe',
    request,
    dialect,
    document,
    exchange,
    caller: caller.settings.detail !== 'minimal' && ports.probing.over(caller.principal) ? reticent(caller) : caller,
    chain: fallbackChain(exchange, state.fallbacks, caller.settings.preferServerFallback, usable),
    steps: [],
    sentMs: null,
    declined: [],
    retryOf: null,
    given: null,
    escalated: false,
  }
}

export function languageOf(
  { headers }: Pick<WireRequest, 'headers'>,
  { settings }: Pick<Caller, 'settings'>,
): 'ja' | 'en' {
  return settings.language ?? languageAsked(headers['accept-language'])
}

/** The state under which this caller's request is decided: that of the release on trial, where it is its turn. */
function armed(state: GatewayState, { org }: Caller, { session }: Exchange): GatewayState {
  const { canary } = state
  const trial = canary?.trialOf(org, session) ?? null
  if (trial === null) return state
  return trial.arm === 'canary' ? { ...state, ...canary!.deciding, arm: 'canary', trial } : { ...state, trial }
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
  const screening = openScreening(request, adapter.dialect, document, exchange, caller, state, ports)
  // Written into one object, not spread: every request passes here.
  return Object.assign(screening, { adapter, hops: 0, credit: null, toolUses: new Map() })
}

/** A caller who collects refusals is told less, by itself, until the window has passed (threats.md T12). */
function reticent(caller: Caller): Caller {
  return { ...caller, settings: { ...caller.settings, detail: 'minimal' } }
}

function mayObserve({ headers }: WireRequest, { settings }: Caller): boolean {
  return settings.mayChooseMode && headers['x-sluice-mode'] === 'observe'
}

/** Decides one stage of a passage for the model that is asked, and keeps input and decision for the receipt. */
export function decideStep(passage: Screening, stage: Stage, findings: readonly Finding[], model: string): Decision {
  const input = stepInput(passage, stage, findings, model)
  const decision = decide(input, passage.state.safeguard.policy)
  passage.steps.push({ input, decision })
  return decision
}

export function stepInput(
  passage: Screening & { readonly hops?: number },
  stage: Stage,
  findings: readonly Finding[],
  model: string,
): DecisionInput {
  return {
    stage,
    findings,
    standing: passage.caller.standing,
    mode: passage.mode,
    fallbackModel: passage.chain.hops[passage.hops ?? 0]?.model ?? null,
    asksFallbackTarget: isTarget(model, passage.state.fallbacks),
  }
}
