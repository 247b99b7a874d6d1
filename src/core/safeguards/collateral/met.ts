import type { Action } from '../../policy/policy.ts'
import { treatmentOf } from './paired-case.ts'

/** Sessions that met it under what is enforcing, and under what might be. */
export interface BeforeAfter {
  readonly before: number
  readonly after: number
}

/**
 * What sessions met, counted as a canary counts them: once each, and all of them, whatever a person said of their
 * requests. `touched` met a refusal or a diversion.
 */
export interface Met {
  readonly sessions: number
  readonly refused: BeforeAfter
  readonly diverted: BeforeAfter
  readonly touched: BeforeAfter
}

const REFUSED = 1
const DIVERTED = 2
/** What was met after stands two bits above what was met before. */
const AFTER = 2

/** Counts what sessions met. Memory: one number for each session. */
export class MetSessions {
  readonly #flags: number[] = []
  /** Requests without a session are one each: counted by what they met. */
  readonly #alone = new Array<number>(16).fill(0)

  /** @param session Index from 0 on, without gaps; null: a session of its own. */
  add(session: number | null, before: Action, after: Action): void {
    const flags = flagOf(before) | (flagOf(after) << AFTER)
    if (session === null) this.#alone[flags]!++
    else this.#flags[session] = (this.#flags[session] ?? 0) | flags
  }

  get counts(): Met {
    const byFlags = [...this.#alone]
    for (const flags of this.#flags) byFlags[flags]!++
    const met = (mask: number) => byFlags.reduce((sum, n, flags) => ((flags & mask) === 0 ? sum : sum + n), 0)
    const both = (mask: number): BeforeAfter => ({ before: met(mask), after: met(mask << AFTER) })
    return {
      sessions: byFlags.reduce((sum, n) => sum + n, 0),
      ...{ refused: both(REFUSED), diverted: both(DIVERTED), touched: both(REFUSED | DIVERTED) },
    }
  }
}

function flagOf(action: Action): number {
  const treatment = treatmentOf(action)
  return treatment === 'refused' ? REFUSED : treatment === 'diverted' ? DIVERTED : 0
}
