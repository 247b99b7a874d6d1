import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import type { Attempt } from '../../core/jailbreaks/reproduction/attempt.ts'
import type { AttemptLog } from '../../jobs/reproduce-ports.ts'

export class AttemptFileError extends CodedError<'attempts_exist' | 'attempts_foreign' | 'attempts_damaged'> {}

const count = z.number().int().min(0)
const name = z.string().nullable()
const attempt = z.object({
  purpose: z.enum(['uplift', 'session', 'held_out']),
  arm: z.string(),
  task: z.string(),
  attempt: z.number().int().min(1),
  end: z.enum(['solved', 'failed', 'refused', 'timed_out', 'unavailable']),
  inputTokens: count,
  outputTokens: count,
  wallMs: count,
  servedModel: name,
  action: name,
  safeguard: name,
  answerSha256: name,
})

/** What a file of attempts belongs to: resuming under anything else would mix two measurements. */
export interface RunIdentity {
  readonly format: 'sluice-attempts/1'
  /** SHA-256 of plan, templates, panel, tasks and imported results together. */
  readonly plan: string
  readonly seed: number
}

/**
 * Opens the file of attempts, one JSON line each behind a line that names the run. A last line that was torn by a crash
 * is cut off; that question is asked again.
 *
 * @param seed For a new file, or what a resumed one must have; null takes the file's own.
 * @throws {AttemptFileError} `attempts_exist` without `resume`; `attempts_foreign` for another plan or seed;
 *   `attempts_damaged` for a line before the last that cannot be read.
 */
export function openAttemptFile(
  path: string,
  { plan, seed, resume, newSeed }: { plan: string; seed: number | null; resume: boolean; newSeed: () => number },
): AttemptLog & { readonly seed: number; close(): void } {
  const exists = existsSync(path) && readFileSync(path).length > 0
  if (exists && !resume)
    throw new AttemptFileError('attempts_exist', `${path} holds a run already; add --resume, or choose another --out`)
  const whole = exists ? readWhole(path) : null
  const identity: RunIdentity = whole?.identity ?? { format: 'sluice-attempts/1', plan, seed: seed ?? newSeed() }
  if (identity.plan !== plan)
    throw new AttemptFileError(
      'attempts_foreign',
      `${path} belongs to another plan, panel or task set; choose another --out`,
    )
  if (seed !== null && identity.seed !== seed)
    throw new AttemptFileError('attempts_foreign', `${path} was begun with --seed ${identity.seed}; leave --seed out`)
  const file = openSync(path, exists ? 'r+' : 'w', 0o600)
  let end = whole?.bytes ?? 0
  ftruncateSync(file, end)
  const write = (value: unknown) => {
    const line = Buffer.from(`${JSON.stringify(value)}\n`)
    writeSync(file, line, 0, line.length, end)
    end += line.length
  }
  if (whole === null) write(identity)
  return { seed: identity.seed, known: whole?.attempts ?? [], append: write, close: () => closeSync(file) }
}

/** Null where not even the first line is whole: nothing was asked. */
function readWhole(path: string): { identity: RunIdentity; attempts: Attempt[]; bytes: number } | null {
  const all = readFileSync(path)
  const bytes = all.lastIndexOf(0x0a) + 1
  if (bytes === 0) return null
  const [first, ...lines] = all
    .subarray(0, bytes - 1)
    .toString('utf8')
    .split('\n')
  const read = <T>(schema: z.ZodType<T>, line: string, number: number): T => {
    try {
      return schema.parse(JSON.parse(line))
    } catch (cause) {
      throw new AttemptFileError('attempts_damaged', `${path} line ${number} cannot be read; choose another --out`, {
        cause,
      })
    }
  }
  const identity = z.object({ format: z.literal('sluice-attempts/1'), plan: z.string(), seed: z.number().int() })
  return {
    identity: read(identity, first!, 1),
    attempts: lines.map((line, i) => read(attempt, line, i + 2)),
    bytes,
  }
}
