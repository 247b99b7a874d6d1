import { hash32 } from '../../base/hash32.ts'

/** Shingles are so many characters of the normalised text. */
const SHINGLE = 5
/** 24 bands of 4 rows: two texts of Jaccard 0.8 share a band but for one pair in 300,000. */
const BANDS = 24
const ROWS = 4
/** Texts of one band's bucket that one text is compared with: a bucket of thousands holds the same text over and over. */
const MOST_COMPARED = 64

export const NEAR = 0.8

export interface Duplicate {
  /** Index in the first list, and of the text it repeats. */
  readonly at: number
  readonly of: number
  readonly kind: 'exact' | 'near'
}

/**
 * Texts of `texts` that a text of `against` repeats: equal after normalising, or Jaccard of their shingles ≥ 0.8. At most
 * one finding per text, exact ones first. Candidates come from MinHash (Broder 1997) in bands, and are then measured.
 */
export function duplicatesAgainst(texts: readonly string[], against: readonly string[]): readonly Duplicate[] {
  return find([...texts, ...against].map(normalised), texts.length, false)
}

/** Texts that repeat an earlier one of the same list. */
export function duplicatesWithin(texts: readonly string[]): readonly Duplicate[] {
  return find(texts.map(normalised), texts.length, true)
}

/** NFKC, lower case, letters and figures only, blanks single: what spelling and punctuation leave of a text. */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}

/** Shared shingles of two normalised texts, as a share of all they have; 1 for two empty ones. */
export function jaccard(a: string, b: string): number {
  const [one, other] = [new Set(shingles(a)), new Set(shingles(b))]
  let shared = 0
  for (const hash of one) if (other.has(hash)) shared++
  const all = one.size + other.size - shared
  return all === 0 ? 1 : shared / all
}

function find(all: readonly string[], count: number, within: boolean): readonly Duplicate[] {
  const found = new Map<number, Duplicate>()
  const allowed = (at: number, of: number) => (within ? of < at : of >= count)
  const first = new Map<string, number>()
  for (let i = within ? 0 : count; i < all.length; i++) if (!first.has(all[i]!)) first.set(all[i]!, i)
  for (let at = 0; at < count; at++) {
    const of = first.get(all[at]!)
    if (of !== undefined && allowed(at, of)) found.set(at, { at, of, kind: 'exact' })
  }
  const signatures = all.map(signature)
  const keys = new Uint32Array(all.length)
  for (let band = 0; band < BANDS; band++) {
    for (let i = 0; i < all.length; i++) keys[i] = bandKey(signatures[i]!, band)
    const order = Uint32Array.from(all, (_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b)
    for (let from = 0; from < order.length; ) {
      let to = from + 1
      while (to < order.length && keys[order[to]!] === keys[order[from]!]) to++
      if (to - from > 1) compare(order.subarray(from, to))
      from = to
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at).map((one) => shifted(one))

  function compare(bucket: Uint32Array): void {
    const others = within ? bucket : bucket.filter((i) => i >= count)
    for (const at of bucket) {
      if (at >= count || found.has(at)) continue
      let compared = 0
      for (const of of others) {
        if (!allowed(at, of)) continue
        if (compared++ >= MOST_COMPARED) break
        if (jaccard(all[at]!, all[of]!) < NEAR) continue
        found.set(at, { at, of, kind: 'near' })
        break
      }
    }
  }

  function shifted(one: Duplicate): Duplicate {
    return within ? one : { ...one, of: one.of - count }
  }
}

function* shingles(text: string): Generator<number> {
  if (text.length <= SHINGLE) {
    if (text.length > 0) yield hash32(text)
    return
  }
  for (let i = 0; i + SHINGLE <= text.length; i++) {
    let hash = 0x811c9dc5
    for (let k = i; k < i + SHINGLE; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193)
    yield hash >>> 0
  }
}

/** Least value of each of 96 hash functions over the shingles. */
function signature(text: string): Int32Array {
  const least = new Int32Array(BANDS * ROWS).fill(0x7fffffff)
  for (const shingle of shingles(text))
    for (let i = 0; i < least.length; i++) {
      let hash = Math.imul(shingle ^ SEEDS[i]!, 0x85ebca6b)
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
      hash ^= hash >>> 16
      if (hash < least[i]!) least[i] = hash
    }
  return least
}

const SEEDS = Int32Array.from({ length: BANDS * ROWS }, (_, i) => hash32(`minhash ${i}`) | 0)

function bandKey(least: Int32Array, band: number): number {
  let key = 0x811c9dc5
  for (let row = 0; row < ROWS; row++) key = Math.imul(key ^ least[band * ROWS + row]!, 0x01000193) ^ (key >>> 15)
  return key >>> 0
}
