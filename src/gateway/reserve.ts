import { CodedError } from '../core/base/errors.ts'
import type { Decision } from '../core/policy/decision.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import type { Ports, WireRequest } from './ports.ts'

export class ReserveError extends CodedError<'record_unavailable'> {}

/** From this share of the spool's bound on, only `allow` is answered: its receipts are the least that must fit. */
const SPOOL_ALMOST_FULL = 0.9

/**
 * Makes sure that what is about to happen can be recorded before it happens.
 * @throws {ReserveError} the spool is full, or so full that only `allow` is answered.
 */
export function reserve(decision: Decision, ports: Ports): void {
  const fill = ports.spool.fill
  if (fill >= 1 || (fill >= SPOOL_ALMOST_FULL && decision.action !== 'allow'))
    throw new ReserveError(
      'record_unavailable',
      'the record cannot be written, so this answer is withheld; retry later',
    )
}

/** Whether something was withheld since it could not be recorded. Spools live in `io`: they are known by their codes. */
export function isUnrecorded(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return error instanceof ReserveError || code === 'spool_full' || code === 'spool_unwritable'
}

/** The body as text. @throws {ProtocolError} it is not valid UTF-8. */
export function readable(request: WireRequest): string {
  if (request.text === null) throw new ProtocolError('body_invalid', 'body cannot be read: body is not valid UTF-8')
  return request.text
}
