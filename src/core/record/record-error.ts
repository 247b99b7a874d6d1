import { CodedError } from '../base/errors.ts'

/**
 * What a log, a note or an entry cannot be.
 *
 * `malformed`: not in the format. `key_mismatch`: a verifier key whose id is not its own. `out_of_range`: an index or
 * size that the tree has not. `too_large`: an entry over its limit. `inconsistent`: two trees that do not continue each
 * other.
 */
export class RecordError extends CodedError<
  'malformed' | 'key_mismatch' | 'out_of_range' | 'too_large' | 'inconsistent'
> {}
