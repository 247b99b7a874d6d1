import type { Release, ReleaseMove } from '../core/safeguards/release.ts'
import type { GuardMetric, Look } from '../core/safeguards/sequential.ts'

/** Which units one look takes: those whose time to meet something is over. Milliseconds since 1970. */
export interface LookWindow {
  /** When the stage began: nothing before it counts. */
  readonly stageSinceMs: number
  /** Up to where the look before reached: sessions, and sessions for appeals. */
  readonly fromMs: GuardUntil
  /** First requests before these are taken now. */
  readonly untilMs: GuardUntil
  /** Units on trial below which nothing is taken. A number of units, never of hits: else the test would not be one. */
  readonly leastUnits: number
}

/** Appeals come later than what they are about, so they are counted later. */
export interface GuardUntil {
  readonly sessions: number
  readonly appeals: number
}

/** What a look makes of the release. */
export interface Looked {
  readonly release: Release
  /** Null: figures alone changed. */
  readonly move: Omit<ReleaseMove, 'seq'> | null
}

/** Sessions on trial, counted as receipts reach the store. Part of the store. */
export interface GuardStore {
  /**
   * Takes units that no look has taken, and writes what `decide` makes of them: one transaction, so that each unit counts
   * once, whoever ends in between. `decide` is pure.
   * @returns false when nothing was taken: too few units, or another change of the release came first.
   */
  takeLook(
    release: Release,
    window: LookWindow,
    decide: (looks: Readonly<Record<GuardMetric, Look>>) => Looked,
  ): Promise<boolean>
  /** Drops what was counted for releases that are neither in shadow nor in canary any more. */
  forgetTrials(): Promise<void>
}
