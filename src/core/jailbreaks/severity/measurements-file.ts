import { z } from 'zod'
import { CodedError } from '../../base/errors.ts'
import type { Measurements } from './measured.ts'

/** Measurements that cannot be used. The message names every field at fault. */
export class MeasurementsError extends CodedError<'measurements_invalid'> {}

/** JSON has no infinity: null as the upper end, or as the value, of a cost ratio means without bound. */
const unbounded = z
  .number()
  .min(0)
  .nullable()
  .transform((value) => value ?? Number.POSITIVE_INFINITY)
const inOrder = ({ lo, value, hi }: { lo: number; value: number; hi: number }) => lo <= value && value <= hi
const ORDER = { message: 'wanted lo ≤ value ≤ hi' }
const count = z.number().int().min(0)
const share = z.number().min(-1).max(1)

const schema = z.object({
  uplift: z.object({ id: z.string().min(1), value: share, lo: share, hi: share }).refine(inOrder, ORDER),
  costRatio: z
    .object({ id: z.string().min(1), value: unbounded, lo: unbounded, hi: unbounded })
    .refine(inOrder, ORDER)
    .nullable()
    .default(null),
  tasks: count,
  discordant: z.number().min(0).max(1).nullable().default(null),
  reliability: z
    .object({ id: z.string().min(1), successes: count, sessions: count.min(1) })
    .refine(({ successes, sessions }) => successes <= sessions, { message: 'wanted successes ≤ sessions' })
    .nullable()
    .default(null),
  firstOfItsKind: z.boolean().default(false),
  panel: z.string().min(1),
  stale: z.boolean().default(false),
  others: z
    .object({ same: count, asked: count })
    .refine(({ same, asked }) => same <= asked, { message: 'wanted same ≤ asked' })
    .nullable()
    .default(null),
})

/**
 * Reads measurements from JSON, as a reproduction writes them: `uplift`, `tasks` and `panel` must be there.
 * @throws {MeasurementsError} anything else.
 */
export function parseMeasurements(value: unknown): Measurements {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`)
  throw new MeasurementsError('measurements_invalid', `measurements: ${faults.join('; ')}`)
}
