import { CodedError } from '../../core/base/errors.ts'
import type { EvalRow, Unavailable, Verdict } from '../../core/classifier/evaluation/row.ts'

export class TargetError extends CodedError<'target_unknown' | 'template_invalid' | 'credential_missing'> {}

/** A target over HTTP: what is asked about a row, and what the answer says. */
export interface HttpTarget {
  readonly url: string
  request(row: EvalRow): {
    readonly body: string
    readonly headers: Readonly<Record<string, string>>
    /** What reading the answer needs to know of this very request. */
    readonly key?: string
  }
  /** @returns null for an answer that says nothing about the row. */
  read(answer: unknown, key: string | undefined): Extract<Verdict, { kind: 'scored' }> | null
}

export function unavailable(why: Unavailable, code?: string): Verdict {
  return code === undefined ? { kind: 'unavailable', why } : { kind: 'unavailable', why, code }
}

/** A verdict of yes or no, as a score. */
export function yesOrNo(harmful: boolean): Extract<Verdict, { kind: 'scored' }> {
  return { kind: 'scored', score: Number(harmful), flagged: harmful, acted: harmful }
}

/** A probability that counts as harmful from one half on. */
export function byScore(score: number, flagged = score >= 0.5, acted = flagged): Extract<Verdict, { kind: 'scored' }> {
  return { kind: 'scored', score: Math.max(0, Math.min(1, score)), flagged, acted }
}

/** The text that a target without roles is asked about: an answer by itself, else everything that stands in the row. */
export function askedText(row: EvalRow): string {
  return row.target === 'exchange' ? row.turns.at(-1)!.content : row.turns.map(({ content }) => content).join('\n')
}
