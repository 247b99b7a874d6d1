/**
 * Near-duplicates without comparing texts: the share of equal places of two signatures estimates how many of their
 * pieces two texts share. Source: Broder 1997; bands after Leskovec, Rajaraman and Ullman, chapter 3.
 */
export const PLACES = 64
const BANDS = 16
const PIECE = 5

/** Texts that share this much are one cluster. */
export const ALIKE = 0.6

/**
 * Signature of a text: 64 unsigned 32-bit numbers. Case, width and spacing do not count.
 * @param seed A secret of the instance: without it nobody can tell from a signature whether it is that of a text.
 */
export function signatureOf(text: string, seed: number): readonly number[] {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  const least = new Array<number>(PLACES).fill(0xffffffff)
  for (let i = 0; i === 0 || i + PIECE <= plain.length; i++) {
    let hash = seed
    for (let j = i; j < Math.min(i + PIECE, plain.length); j++) hash = Math.imul(hash ^ plain.charCodeAt(j), 0x01000193)
    for (let place = 0; place < PLACES; place++) {
      const value = mixed(hash ^ Math.imul(place + 1, 0x9e3779b9))
      if (value < least[place]!) least[place] = value
    }
  }
  return least
}

/** Estimated share of pieces that two texts have in common, in [0, 1]; what follows a signature is not looked at. */
export function likeness(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let equal = 0
  for (let place = 0; place < PLACES; place++) if (a[place] === b[place]) equal++
  return equal / PLACES
}

/** Keys of which two texts that are alike very likely share one: what to look neighbours up by. */
export function bandsOf(signature: readonly number[]): readonly string[] {
  const rows = PLACES / BANDS
  return Array.from({ length: BANDS }, (_, band) => {
    const some = signature.slice(band * rows, (band + 1) * rows)
    return `${band}:${some.map((one) => one.toString(36)).join('.')}`
  })
}

function mixed(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
