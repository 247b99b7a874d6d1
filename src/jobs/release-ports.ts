import { CodedError } from '../core/base/errors.ts'
import type { Register } from '../core/governance/register.ts'
import type { Able } from '../core/policy/cascade.ts'
import type { Named } from '../core/safeguards/arm.ts'
import type { SequentialSettings } from '../core/safeguards/sequential.ts'
import type { GuardStore } from './guard-ports.ts'
import type { ReleaseStore } from './release-store-ports.ts'

export type ReleaseErrorCode =
  | 'not_found'
  | 'bundle_invalid'
  | 'model_unknown'
  | 'detector_unknown'
  | 'pack_frozen'
  | 'pack_incomplete'
  | 'illegal'
  | 'quorum'
  | 'vetoed'
  | 'gates'
  | 'too_early'
  | 'regressed'
  | 'inconclusive'
  | 'not_registered'
  | 'proposer'
  | 'slot_busy'
  | 'conflict'

/** A move that is not open. `next` says what would open it. */
export class ReleaseError extends CodedError<ReleaseErrorCode> {
  readonly next: string
  constructor(code: ReleaseErrorCode, message: string, next: string) {
    super(code, message)
    this.next = next
  }
}

/** How releases move here; from the configuration. */
export interface ReleaseSettings {
  /** Percent of the canary, step by step, rising. */
  readonly steps: readonly number[]
  /** Least time between submit and shadow, in shadow, and in each step of the canary. */
  readonly waitMs: number
  readonly shadowMs: number
  readonly stepMs: number
  /** A canary that paused by itself, and that nobody looked at for so long, is rolled back. */
  readonly pauseMs: number
  /** What a session meets within so long of its first request counts for the guard metrics; an appeal, within the other. */
  readonly sessionMs: number
  readonly appealMs: number
  readonly sequential: SequentialSettings
}

/** What releases need of the world. */
export interface ReleasePorts {
  readonly store: ReleaseStore & GuardStore
  /** The safeguard that ships with this version: decides the base slot until a release does. */
  readonly base: Named
  readonly register: Register
  readonly settings: ReleaseSettings
  /** Is the model of this hash here, so that a gateway can load it? */
  hasModel(hash: string): boolean
  /** What the detectors of the configuration in use can be asked. */
  detectors(): readonly Able[]
  /** SHA-256 of the text's UTF-8 bytes, hex. */
  sha256(text: string): string
  nowMs(): number
  /** 10 random bytes; for ids and salts. */
  random(): Uint8Array
  /** Something changed: every gateway of this process is told before the promise resolves. */
  changed(): Promise<void>
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

/** Who asks for a move, and why. */
export interface Asking {
  readonly by: string
  readonly reason: string
}
