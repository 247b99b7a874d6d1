import type { AttackForm, Category } from '../base/harm.ts'

/** The action ladder, mildest first. */
export const ACTIONS = ['allow', 'flag', 'fall_back', 'require_trust', 'refuse'] as const
export type Action = (typeof ACTIONS)[number]

export function rank(action: Action): number {
  return ACTIONS.indexOf(action)
}

/** The milder of two actions. */
export function mildest(a: Action, b: Action): Action {
  return rank(a) <= rank(b) ? a : b
}

/** `observe`: decided and recorded, effective action at most `flag`. `off`: pure pass-through. */
export type Mode = 'off' | 'observe' | 'enforce'

/**
 * Two thresholds and the abstain band between them, in parts per million; equality counts as reached.
 * Below `clear` nothing; from `clear` on, a mark and another detector; from `act` on, the rung.
 */
export interface Thresholds {
  readonly clear: number
  readonly act: number
  /** From here on the higher rung, and one decision point of a stream suffices. */
  readonly actPlus: number
}

/** How far a probability reaches; null below the first threshold. */
export type Level = 'abstain' | 'act' | 'act+'

/** The level of a probability, parts per million. Equality counts as reached. */
export function levelOf(ppm: number, thresholds: Thresholds): Level | null {
  if (ppm >= thresholds.actPlus) return 'act+'
  return ppm >= thresholds.act ? 'act' : ppm >= thresholds.clear ? 'abstain' : null
}

export interface HarmRule {
  readonly severity: 'block' | 'standard'
  /**
   * From here on, parts per million, the light tier's word on a request is doubt enough to ask a second opinion, though by
   * itself it does nothing below `input.clear`. Absent: from `input.clear` on.
   */
  readonly ask?: number
  readonly input: Thresholds
  readonly output: Thresholds
  readonly exchange: Thresholds
  readonly atAct: Action
  readonly atActPlus: Action
  /** Scope of trusted access that covers this category, or null. */
  readonly trustScope: string | null
}

/** Whether the light tier's probability of a harm, parts per million, leaves a request or an answer in doubt. */
export function isInDoubt(ppm: number, rule: HarmRule, stage: 'input' | 'output' | 'exchange'): boolean {
  const { clear } = rule[stage]
  return ppm >= (stage === 'input' ? Math.min(rule.ask ?? clear, clear) : clear)
}

export interface AttackRule {
  readonly input: Thresholds
  readonly inUserTurn: Action
  readonly inUntrusted: Action
}

/** Policy as data: of one slot, or of all that decide together. */
export interface Policy {
  readonly harms: Readonly<Record<Category, HarmRule>>
  readonly attacks: Readonly<Record<AttackForm, AttackRule>>
  /** For a part that no detector could read. */
  readonly uninspected: Action
}
