import { CodedError } from '../../core/base/errors.ts'

/** The database does not answer; or a cursor is not one that a page of the same list gave. */
export class StoreError extends CodedError<'store_unavailable' | 'cursor_invalid'> {}
