import { CodedError } from '../../core/base/errors.ts'

export class PairsError extends CodedError<'slot_unknown' | 'template_exhausted'> {}
