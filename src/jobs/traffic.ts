import { categoryOf } from '../core/base/reasons.ts'
import type { Decision } from '../core/policy/decision.ts'
import { type Action, rank } from '../core/policy/policy.ts'
import type { PairedCase } from '../core/safeguards/collateral/paired-case.ts'
import type { Cost, PermanentSet } from '../core/safeguards/collateral/report.ts'
import type { TrainingRow } from './training-ports.ts'

/** One safeguard, applied to a row as the gateway would apply it to a request. */
export type Judge = (row: Pick<TrainingRow, 'turns' | 'target'>) => Decision

/** Labelled rows as traffic, decided by both safeguards. Times both, for what a change costs. */
export class RowTraffic {
  readonly #before: Judge
  readonly #after: Judge
  readonly #nowUs: () => number
  readonly #times: { before: number[]; after: number[] } = { before: [], after: [] }

  constructor(before: Judge, after: Judge, nowUs: () => number) {
    this.#before = before
    this.#after = after
    this.#nowUs = nowUs
  }

  /** @param family Attack family of these rows, held out from training; null: by category. */
  case(row: TrainingRow, family: string | null): PairedCase {
    const [before, after] = this.#both(row)
    return {
      ...{ id: row.id, session: null, user: null, org: row.source, surface: row.target, language: row.lang },
      segment: row.topic ?? (row.label === 'harmful' ? 'harmful' : 'other'),
      ...{ before: before.would, after: after.would },
      category: caseCategory(before, after) ?? (row.label === 'harmful' ? row.category : null),
      label: row.label === 'harmful' ? 'harmful' : 'harmless',
      family,
    }
  }

  /** A permanent set: what either safeguard diverts or refuses of it. */
  permanent(set: string, rows: readonly TrainingRow[]): PermanentSet {
    const acted: string[] = []
    const actedBefore: string[] = []
    for (const row of rows) {
      const [before, after] = this.#both(row)
      if (acts(before.would)) actedBefore.push(row.id)
      if (acts(after.would)) acted.push(row.id)
    }
    return { set, n: rows.length, acted, actedBefore }
  }

  /** Time of looking, over everything judged so far; null before that. The light tier spends no model tokens. */
  cost(): Cost | null {
    const { before, after } = this.#times
    if (before.length === 0) return null
    return {
      requests: before.length,
      before: { p50Us: quantile(before, 0.5), p99Us: quantile(before, 0.99) },
      after: { p50Us: quantile(after, 0.5), p99Us: quantile(after, 0.99) },
      ...{ tokensBefore: 0, tokensAfter: 0 },
    }
  }

  #both(row: TrainingRow): readonly [Decision, Decision] {
    const started = this.#nowUs()
    const before = this.#before(row)
    const middle = this.#nowUs()
    const after = this.#after(row)
    this.#times.before.push(middle - started)
    this.#times.after.push(this.#nowUs() - middle)
    return [before, after]
  }
}

export function acts(action: Action): boolean {
  return rank(action) > rank('flag')
}

/** The category that the stricter of both named. */
export function caseCategory(before: Decision, after: Decision): string | null {
  const stricter = rank(after.would) >= rank(before.would) ? after : before
  return stricter.category ?? (stricter.reason === null ? null : categoryOf(stricter.reason))
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0)
}
