/**
 * Seeded generator for resampling and simulation, never for secrets: the same numbers for the same seed on every
 * platform. Period 2^128 − 1; passes BigCrush except for linearity of its lowest bits, and `below` uses the high ones.
 *
 * @param seed Any whole number; its low 32 bits count. @returns integers in [0, 2^32).
 * Source: xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32.
 */
export function seeded(seed: number): () => number {
  let fill = seed | 0
  const next = () => {
    fill = (fill + 0x9e3779b9) | 0
    let z = fill
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return z ^ (z >>> 16)
  }
  // In a typed array the state stays plain integers; as captured variables it would be numbers on the heap, twice as slow.
  const state = Int32Array.of(next(), next(), next(), next())
  return () => {
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let result = Math.imul(b, 5)
    result = Math.imul((result << 7) | (result >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    state[0] = a
    state[1] = b
    state[2] = c
    state[3] = d
    return result >>> 0
  }
}

/** A whole number in [0, n) from 32 random bits. Wants 1 ≤ n ≤ 2^21: no value is then favoured by more than one in 2,000. */
export function below(n: number, bits: number): number {
  return Math.floor((bits * n) / 0x1_0000_0000)
}

/** A number in [0, 1) from 32 random bits. */
export function unit(bits: number): number {
  return bits / 0x1_0000_0000
}
