import { FeatureReader } from '../classifier/features.ts'
import type { Finding, Place } from '../policy/finding.ts'
import type { Policy } from '../policy/policy.ts'
import type { Bundle, FamilyHead } from './bundle.ts'

/** Scores a text under many family heads in one pass over its features. */
export interface FamilyScorer {
  /** `bias + Σ weights / sqrt(n)` per head, in the order given; n features. Linear in the text. */
  score(text: string): readonly number[]
}

export function familyScorer(heads: readonly FamilyHead[]): FamilyScorer {
  const tables = heads.map(({ bits, weights }) => ({ shift: 32 - bits, rows: new Map(weights) }))
  return {
    score(text) {
      const sums = heads.map(() => 0)
      let n = 0
      const sink = {
        features(hashes: Int32Array, count: number) {
          n += count
          for (const [h, { shift, rows }] of tables.entries())
            for (let i = 0; i < count; i++) sums[h]! += rows.get(hashes[i]! >>> shift) ?? 0
        },
      }
      const reader = new FeatureReader()
      reader.feed(text, sink)
      const end = Int32Array.from(reader.peekEnd())
      sink.features(end, end.length)
      return heads.map(({ bias }, h) => bias + sums[h]! / Math.sqrt(Math.max(1, n)))
    },
  }
}

/**
 * What the bundle's families say of one text. A family is an attack form, so policy's rung for that form applies; history
 * and the operator's own prompt are left alone, as with every attack form.
 */
export function familyFindings(
  { families, policy }: Pick<Bundle, 'families' | 'policy'>,
  scorer: FamilyScorer,
  text: string,
  place: Place,
): readonly Finding[] {
  if (!place.newest || place.trust === 'system') return []
  return scorer.score(text).flatMap((score, i): readonly Finding[] => {
    const { id, threshold, attack, category } = families[i]!
    const action = rungOf(policy, attack, place)
    if (score < threshold || action === 'allow') return []
    return [{ kind: 'rule', rule: `family:${id}`, stage: 'input', action, category, place }]
  })
}

function rungOf({ attacks }: Policy, attack: FamilyHead['attack'], { trust }: Place): Policy['uninspected'] {
  return trust === 'user' ? attacks[attack].inUserTurn : attacks[attack].inUntrusted
}
