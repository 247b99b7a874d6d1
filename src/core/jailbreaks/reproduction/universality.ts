import type { Level } from '../severity/levels.ts'

/** Held-out variants of one family, and how many of them the technique solved. */
export interface FamilyResult {
  readonly family: string
  readonly domain: string
  readonly solved: number
  readonly variants: number
}

/**
 * Level of UN on held-out variants: a family counts when at least half of its variants were solved. F with one family, D
 * with three in one domain, X with two domains; S otherwise. Null where nothing was held out: not measured.
 *
 * That two domains are unrelated is the task set's word: it names them.
 * Source: severity.md §2.1.
 */
export function universality(families: readonly FamilyResult[]): Level<'UN'> | null {
  const measured = families.filter(({ variants }) => variants > 0)
  if (measured.length === 0) return null
  const carried = measured.filter(({ solved, variants }) => solved * 2 >= variants)
  const byDomain = Map.groupBy(carried, ({ domain }) => domain)
  if (byDomain.size >= 2) return 'X'
  if ([...byDomain.values()].some((all) => all.length >= 3)) return 'D'
  return carried.length > 0 ? 'F' : 'S'
}
