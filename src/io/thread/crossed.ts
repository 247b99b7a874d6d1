import { CodedError } from '../../core/base/errors.ts'

/**
 * An error that came from another thread or process, where it lost its class: one that a room threw on purpose is coded
 * again, any other stays what it is. Codes of ours are small letters; those of Node and of databases are not.
 */
export function crossed(error: Error & { readonly code?: unknown }): Error {
  const { code } = error
  return typeof code === 'string' && /^[a-z]+(_[a-z]+)*$/.test(code)
    ? new CodedError(code, error.message, { cause: error })
    : error
}
