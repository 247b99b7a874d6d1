import type { Action } from '../core/policy/policy.ts'

export interface DecisionFilter {
  readonly action?: readonly Action[]
  readonly would?: readonly Action[]
  readonly category?: readonly string[]
  readonly surface?: readonly string[]
  /** Substrings of the requested or served model; any of them. */
  readonly model?: readonly string[]
  readonly org?: string
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Free text: prefix of a decision id. */
  readonly text?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Cursor of the next, older page, or null. */
  readonly next: string | null
}

/** One bucket of traffic: counts of what was done (`action`) and, in observe, of what would have been (`would`). */
export interface ActionBucket {
  readonly startMs: number
  readonly action: Action
  readonly would: Action
  readonly category: string | null
  readonly requests: number
}
