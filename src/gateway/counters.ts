import { ACTIONS, type Action } from '../core/policy/policy.ts'

/** What a gateway has done since it started: plain counts, no labels that a caller could choose. */
export interface Counters {
  readonly decisions: Record<Action, number>
  /** Decisions during which a stage did not answer. */
  degraded: number
  /** Requests that were turned away because there were too many. */
  shed: number
  inFlight: number
  /** Principals whose budget of refusals was spent: somebody tries what gets through. */
  probing: number
  /** Requests that say nearly what was refused a moment ago, and were answered. */
  askedAgain: number
  /** Rules whose patterns cost more than their budget, and are not asked any more. */
  rulesDisabled: number
  /** Requests for which at least one second opinion was asked. */
  escalated: number
  /** By the detector's id, as configured. */
  readonly opinions: Map<string, OpinionCounts>
}

export interface OpinionCounts {
  asked: number
  unavailable: number
  skipped: number
}

export function newCounters(): Counters {
  const decisions = Object.fromEntries(ACTIONS.map((action) => [action, 0])) as Record<Action, number>
  return {
    decisions,
    degraded: 0,
    shed: 0,
    inFlight: 0,
    probing: 0,
    askedAgain: 0,
    rulesDisabled: 0,
    escalated: 0,
    opinions: new Map(),
  }
}
