import { CodedError } from '../../base/errors.ts'

export type RegistryErrorCode =
  | 'not_found'
  | 'intake_refused'
  | 'vector_invalid'
  | 'evidence'
  | 'mismatch'
  | 'statutory'
  | 'illegal'
  | 'input_invalid'
  | 'override_refused'
  | 'embargoed'
  | 'incomplete'
  | 'clocks_open'
  | 'conflict'

/** One thing that is wrong with what somebody sent, and where. Never carries the text itself. */
export interface Fault {
  /** Path of the member: `summary.en`. */
  readonly field: string
  readonly code: string
  /** Zero-based offset in UTF-16 code units, where it is about a place in a text. */
  readonly at: number | null
  readonly message: string
}

/** What the registry does not do. `next` says what would make it possible. */
export class RegistryError extends CodedError<RegistryErrorCode> {
  readonly next: string
  readonly faults: readonly Fault[]
  constructor(code: RegistryErrorCode, message: string, next: string, faults: readonly Fault[] = []) {
    super(code, message)
    this.next = next
    this.faults = faults
  }
}
