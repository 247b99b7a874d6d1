import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LongText } from './check-texts.ts'

/** Half decades, so that a side that gets slow still has points to fit. */
export const LENGTHS = [1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000] as const
/** The longest that one subject may take for all lengths of one text, once it is ready. */
export const LIMIT_MS = 6_000

/** What is timed: a check of the peer, or a part of Sluice. */
export const SUBJECTS = {
  'peer: keyword filter': ['prose', 'almost phrases'],
  'peer: keys': ['prose', 'many keys'],
  'peer: URLs': ['prose', 'hyphens'],
  'peer: PII': ['prose', 'numbers', 'hyphens'],
  'Sluice: rule': ['prose', 'almost phrases'],
  'Sluice: patterns': ['prose', 'numbers', 'hyphens'],
  'Sluice: classifier': ['prose', 'numbers', 'hyphens', 'nested'],
} as const satisfies Record<string, readonly LongText[]>
export type Subject = keyof typeof SUBJECTS

export interface Growth {
  readonly subject: Subject
  readonly text: LongText
  /** Processor time by length, as far as the limit let it come. */
  readonly points: readonly { readonly chars: number; readonly ms: number }[]
  /** The length that did not end within the limit; null where all did. */
  readonly stoppedAt: number | null
  /** Of the fit `ms ~ chars ^ exponent`; null where fewer than three points are long enough. */
  readonly exponent: { readonly value: number; readonly points: number } | null
}

/** Times one subject in a process of its own, which is ended when its time is up: a regular expression cannot be. */
export function growthOf(subject: Subject, text: LongText, modules: string): Promise<Growth> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('growth-child.ts', import.meta.url))],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  child.stdin.end(JSON.stringify({ subject, text, modules }))
  return new Promise((resolve, reject) => {
    const points: { chars: number; ms: number }[] = []
    let late: NodeJS.Timeout | undefined
    let stopped = false
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        const said = JSON.parse(line) as { readonly chars?: number; readonly ms?: number }
        if (said.chars !== undefined) points.push({ chars: said.chars, ms: said.ms! })
        late ??= setTimeout(() => {
          stopped = true
          child.kill('SIGKILL')
        }, LIMIT_MS)
      })
      .on('close', () => clearTimeout(late))
    child.once('close', (code) => {
      if (!stopped && points.length < LENGTHS.length)
        return reject(new Error(`${subject} on ${text}: its process ended with ${code}`))
      resolve({ subject, text, points, stoppedAt: LENGTHS[points.length] ?? null, exponent: exponentOf(points) })
    })
  })
}

/**
 * Least squares of log time over log length, on the points from 10,000 characters on; where these are fewer than three, on
 * the last three: below, what a call costs at all hides how it grows.
 */
function exponentOf(points: Growth['points']): Growth['exponent'] {
  const long = points.filter(({ chars }) => chars >= 10_000)
  const used = (long.length >= 3 ? long : points.slice(-3)).map(
    ({ chars, ms }) => [Math.log(chars), Math.log(ms)] as const,
  )
  if (used.length < 3) return null
  const mean = (of: 0 | 1) => used.reduce((sum, point) => sum + point[of], 0) / used.length
  const [x, y] = [mean(0), mean(1)]
  const value =
    used.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / used.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
  return { value, points: used.length }
}
