import { CodedError } from '../base/errors.ts'

/** A body, or an answer, that is not of its protocol. The message says which member, and what was wanted. */
export class ProtocolError extends CodedError<'body_invalid' | 'upstream_invalid'> {}

export function invalid(field: string, expected: string): ProtocolError {
  return new ProtocolError('body_invalid', `body cannot be read: ${field} ${expected}`)
}
