/** A labelled row of any set that can be measured: the data schema, with what own sets say beside it. */
export interface EvalRow {
  readonly id: string
  readonly lang: string
  readonly turns: readonly { readonly role: string; readonly content: string }[]
  readonly label: 'harmful' | 'benign' | 'borderline-benign'
  readonly attack: string | null
  readonly category: string
  readonly target: 'prompt' | 'exchange'
  readonly source: string
  readonly quality: 'gold' | 'silver' | 'weak'
  /** What rows made from one pattern share; null where a set does not say. */
  readonly family: string | null
  /** The same for the two rows of a matched pair. */
  readonly pair: string | null
  readonly template: string | null
  readonly subject: string | null
}

/**
 * What a target says of one row. A target that failed says nothing: `unavailable` is never read as clean.
 *
 * `score` in [0, 1] orders rows; `flagged` is anything above allow; `acted` is diverted or refused; `asked`, where the target
 * has someone to ask: what a second opinion would be asked about.
 */
export type Verdict =
  | {
      readonly kind: 'scored'
      readonly score: number
      readonly flagged: boolean
      readonly acted: boolean
      readonly asked?: boolean
    }
  /** `code`: HTTP status, or what the system or the client says of the connection; never a text of the answer. */
  | { readonly kind: 'unavailable'; readonly why: Unavailable; readonly code?: string }

export const UNAVAILABLE = ['timeout', 'unreachable', 'status', 'unreadable'] as const
export type Unavailable = (typeof UNAVAILABLE)[number]

/** A row with the verdict on it. */
export interface JudgedRow {
  readonly row: EvalRow
  readonly verdict: Verdict
}

/** A row whose verdict is a score. */
export interface ScoredRow {
  readonly row: EvalRow
  readonly score: number
  readonly flagged: boolean
  readonly acted: boolean
  readonly asked?: boolean
}

/** The rows that have a score, and how many have none. */
export function scoredOf(judged: readonly JudgedRow[]): {
  readonly scored: readonly ScoredRow[]
  readonly unavailable: number
} {
  const scored = judged.flatMap(({ row, verdict }) => (verdict.kind === 'scored' ? [{ row, ...verdict }] : []))
  return { scored, unavailable: judged.length - scored.length }
}

/** The view in which a row is judged: what stands around the text that is asked about. */
export function viewOf(row: EvalRow): 'exchange' | 'document' | 'conversation' | 'system' | 'prompt' {
  if (row.target === 'exchange') return 'exchange'
  const roles = new Set(row.turns.map(({ role }) => role))
  if (roles.has('tool')) return 'document'
  if (roles.has('assistant')) return 'conversation'
  return roles.has('system') ? 'system' : 'prompt'
}

/** Everything a row says, in order: what sets are compared by. */
export function textOf(row: EvalRow): string {
  return row.turns.map(({ content }) => content).join('\n')
}
