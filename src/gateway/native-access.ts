import type { Dialect } from '../core/conversation/exchange.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import { chosenByBody, chosenByHeader } from '../core/protocols/native-access.ts'
import type { Json } from '../core/protocols/values.ts'
import type { Caller, WireRequest } from './ports.ts'

/** A caller chose an access that it was not given; `error` says what to do. */
export class AccessChoiceError extends Error {
  readonly error: WireError
  constructor(error: WireError) {
    super(error.code)
    this.error = error
  }
}

/**
 * Holds callers who use the operator's credential to the access that everybody has: what a vendor gave to the operator is
 * not theirs to choose. Who brings a credential of its own chooses among what is its own.
 *
 * @param bodies Of the request, or of every item of a batch.
 * @throws {AccessChoiceError}
 */
export function assertNoneChosen(
  dialect: Dialect,
  { headers }: Pick<WireRequest, 'headers'>,
  bodies: readonly Json[],
  { credential }: Pick<Caller, 'credential'>,
): void {
  if (credential !== 'operator') return
  let error = chosenByHeader(dialect, headers)
  for (const body of bodies) error ??= chosenByBody(dialect, body)
  if (error !== null) throw new AccessChoiceError(error)
}
