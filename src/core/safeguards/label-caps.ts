import { fractionOf } from './review-queue.ts'

/** A labelled exchange on its way into training, as far as its influence depends on it. */
export interface CapRow {
  readonly id: string
  /** The category that was reviewed, also where the label says that it is harmless. */
  readonly category: string
  /** Organisation whose traffic it is. */
  readonly org: string
  readonly reviewers: readonly string[]
}

export interface Caps {
  /** Most of a category's rows that one organisation's traffic may be. */
  readonly perOrg: number
  /** Most of a category's rows that one reviewer may have had a word on. */
  readonly perReviewer: number
  /** Rows that any of them may have in a category however small it is: else nobody could begin. */
  readonly least: number
}

export const DEFAULT_CAPS: Caps = { perOrg: 0.05, perReviewer: 0.02, least: 10 }

/** Who brought more than may be used: named, so that somebody looks. */
export interface Excess {
  readonly kind: 'org' | 'reviewer'
  readonly name: string
  readonly category: string
  readonly rows: number
  readonly kept: number
}

/**
 * The rows that may be trained on: in no category more of one organisation or reviewer than its cap, counted against
 * the rows that are there already and those that are kept. Which ones stay follows from their ids, so nobody gains by
 * being early or late.
 * @param base Rows per category that are trained on anyway.
 */
export function capRows<R extends CapRow>(
  rows: readonly R[],
  base: Readonly<Record<string, number>>,
  caps: Caps = DEFAULT_CAPS,
): { readonly kept: readonly R[]; readonly excess: readonly Excess[] } {
  const kept: R[] = []
  const excess: Excess[] = []
  for (const [category, all] of Map.groupBy(rows, (row) => row.category)) {
    const ordered = all.toSorted((a, b) => fractionOf(a.id) - fractionOf(b.id) || (a.id < b.id ? -1 : 1))
    // Leaving rows out makes the whole smaller, and with it the caps: until it no longer shrinks.
    let some: readonly R[] = ordered
    for (;;) {
      const total = (base[category] ?? 0) + some.length
      const next = fill(
        ordered,
        Math.max(caps.least, caps.perOrg * total),
        Math.max(caps.least, caps.perReviewer * total),
      )
      if (next.length >= some.length) break
      some = next
    }
    kept.push(...some)
    for (const kind of ['org', 'reviewer'] as const) {
      const before = counts(ordered, kind)
      const after = counts(some, kind)
      for (const [name, n] of before) {
        const left = after.get(name) ?? 0
        const cap = kind === 'org' ? caps.perOrg : caps.perReviewer
        const most = Math.max(caps.least, cap * ((base[category] ?? 0) + some.length))
        if (n > most) excess.push({ kind, name, category, rows: n, kept: left })
      }
    }
  }
  return { kept, excess }
}

function fill<R extends CapRow>(ordered: readonly R[], perOrg: number, perReviewer: number): readonly R[] {
  const orgs = new Map<string, number>()
  const reviewers = new Map<string, number>()
  return ordered.filter((row) => {
    const people = [...new Set(row.reviewers)]
    const room =
      (orgs.get(row.org) ?? 0) + 1 <= perOrg && people.every((one) => (reviewers.get(one) ?? 0) + 1 <= perReviewer)
    if (!room) return false
    orgs.set(row.org, (orgs.get(row.org) ?? 0) + 1)
    for (const one of people) reviewers.set(one, (reviewers.get(one) ?? 0) + 1)
    return true
  })
}

function counts(rows: readonly CapRow[], kind: 'org' | 'reviewer'): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const row of rows)
    for (const name of kind === 'org' ? [row.org] : new Set(row.reviewers)) found.set(name, (found.get(name) ?? 0) + 1)
  return found
}
