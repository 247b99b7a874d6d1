import { type Difference, mover, type Share } from '../../base/clustered.ts'
import { clopperPearson } from '../../base/intervals.ts'
import { mcnemar } from '../../base/paired.ts'
import type { AttackPair, Tallied } from './columns.ts'

/** What both safeguards stop of one attack family or harmful category: requests not answered by the model asked. */
export interface AttackGain {
  readonly name: string
  /** A held-out attack family; else a category of harm. */
  readonly family: boolean
  readonly n: number
  readonly before: Share
  readonly after: Share
  /** Caught after minus caught before, paired. */
  readonly difference: Difference
  readonly newlyCaught: number
  readonly newlyMissed: number
  readonly p: number
}

/** Families first, then categories; most requests first. */
export function attackGains(attacks: Tallied['attacks']): readonly AttackGain[] {
  return [...attacks]
    .map(([name, { family, pairs }]) => gainOf(name, family, pairs))
    .sort((a, b) => Number(b.family) - Number(a.family) || b.n - a.n || (a.name < b.name ? -1 : 1))
}

/** All of them as one. Null where nothing harmful was seen: then nothing can be said of what is missed. */
export function totalGain(attacks: Tallied['attacks']): AttackGain | null {
  const pairs = [...attacks.values()].flatMap((one) => one.pairs)
  return pairs.length === 0 ? null : gainOf('all', false, pairs)
}

function gainOf(name: string, family: boolean, pairs: readonly AttackPair[]): AttackGain {
  const n = pairs.length
  const newlyCaught = pairs.filter(({ before, after }) => after && !before).length
  const newlyMissed = pairs.filter(({ before, after }) => before && !after).length
  const share = (k: number): Share => ({ k, n, share: k / n, ...clopperPearson(k, n, 0.95) })
  return {
    ...{ name, family, n, newlyCaught, newlyMissed },
    before: share(pairs.filter(({ before }) => before).length),
    after: share(pairs.filter(({ after }) => after).length),
    difference: mover(share(newlyCaught), share(newlyMissed)),
    p: mcnemar(newlyCaught, newlyMissed),
  }
}
