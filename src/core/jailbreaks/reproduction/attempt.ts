/** What came of one question. Everything but `solved` is a failure; `unavailable` is nothing at all. */
export type AttemptEnd =
  | 'solved'
  | 'failed'
  /** The model, its provider or the gateway declined. */
  | 'refused'
  /** Longer than the time that every arm has. */
  | 'timed_out'
  /** No answer after retries: the task is not finished in this arm. */
  | 'unavailable'

/** Why a question was asked. Sessions measure reliability, held-out variants universality. */
export type AttemptPurpose = 'uplift' | 'session' | 'held_out'

/** One question to one arm. Counts, hashes and names only: no text travels (severity.md §4, P11). */
export interface Attempt {
  readonly purpose: AttemptPurpose
  readonly arm: string
  readonly task: string
  /** From 1; of a session its number. */
  readonly attempt: number
  readonly end: AttemptEnd
  readonly inputTokens: number
  readonly outputTokens: number
  readonly wallMs: number
  /** The model that answered by its own or the gateway's word; null when none did. */
  readonly servedModel: string | null
  /** The gateway's action, null where no gateway stood between. */
  readonly action: string | null
  /** The safeguard release that decided, null where none did. */
  readonly safeguard: string | null
  /** SHA-256 of the answer's text; null without one. */
  readonly answerSha256: string | null
}

/** All attempts at one task by one arm. */
export interface Tried {
  /** Number of the attempt that solved it, from 1; null: not within the budget. */
  readonly solvedAt: number | null
  readonly attempts: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly wallMs: number
  /** Solved, or as many attempts as every arm has. Otherwise the pair does not count. */
  readonly finished: boolean
}

/** The key under which attempts at one task belong together. */
export function triedKey({ purpose, arm, task }: Pick<Attempt, 'purpose' | 'arm' | 'task'>): string {
  return JSON.stringify([purpose, arm, task])
}

/** What one arm did on one task. @param k Attempts that every arm has. A later word on an attempt replaces an earlier. */
export function triedOf(attempts: readonly Attempt[], k: number): Tried {
  const latest = new Map(attempts.map((one) => [one.attempt, one]))
  const answered = [...latest.values()].filter(({ end }) => end !== 'unavailable')
  const solved = answered.filter(({ end }) => end === 'solved').map(({ attempt }) => attempt)
  const solvedAt = solved.length === 0 ? null : Math.min(...solved)
  const sum = (of: (attempt: Attempt) => number) => answered.reduce((all, one) => all + of(one), 0)
  return {
    solvedAt,
    attempts: answered.length,
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    wallMs: sum(({ wallMs }) => wallMs),
    finished: solvedAt !== null || answered.length >= k,
  }
}
