import type { ClusterSums } from '../../base/clustered.ts'
import { MOVEMENTS, type Movement, type PairedCase, treatmentOf } from './paired-case.ts'

/** What is counted per slice. `taken` from the model asked, `given` back to it; `touched`: not answered as asked. */
export const COUNTS = [
  ...MOVEMENTS,
  'taken',
  'touched_before',
  'touched_after',
  'diverted_after',
  'refused_after',
] as const
export type Count = (typeof COUNTS)[number]

const INDEX = Object.fromEntries(COUNTS.map((name, i) => [name, i])) as Record<Count, number>
const TAKEN = INDEX.taken
const FREED = INDEX.newly_freed
const BEFORE = INDEX.touched_before
const AFTER = INDEX.touched_after

/** Which counts a request adds to, as bits in the order of `COUNTS`. */
export function bitsOf({ before, after }: Pick<PairedCase, 'before' | 'after'>, movement: Movement): number {
  const from = treatmentOf(before)
  const to = treatmentOf(after)
  let bits = 1 << INDEX[movement]
  if (from === 'as_asked' && to !== 'as_asked') bits |= 1 << TAKEN
  if (from !== 'as_asked') bits |= 1 << BEFORE
  if (to !== 'as_asked') bits |= 1 << AFTER
  if (to === 'diverted') bits |= 1 << INDEX.diverted_after
  if (to === 'refused') bits |= 1 << INDEX.refused_after
  return bits
}

/** Counts of one slice, session by session: requests of a session come together, `endSession` after each. */
export class Tally {
  clusters = 0
  n = 0
  /** Sessions with a touched request after and none before, and the reverse. */
  worse = 0
  better = 0
  #mm = 0
  #product = 0
  readonly #k = new Float64Array(COUNTS.length)
  readonly #xm = new Float64Array(COUNTS.length)
  readonly #xx = new Float64Array(COUNTS.length)
  readonly #sessions = new Float64Array(COUNTS.length)
  /** Of the session that is open. */
  #m = 0
  readonly #x = new Float64Array(COUNTS.length)

  /** @returns true for the first request of a session in this slice: then it wants its `endSession`. */
  add(bits: number): boolean {
    for (let i = 0, rest = bits; rest !== 0; i++, rest >>>= 1) if ((rest & 1) !== 0) this.#x[i]!++
    return this.#m++ === 0
  }

  /** Requests of the session that is open. */
  get open(): number {
    return this.#m
  }

  /** @param m Trials of this session: its requests in this slice, or all of them where a slice is no traffic of its own. */
  endSession(m = this.#m): void {
    const x = this.#x
    this.clusters++
    this.n += m
    this.#mm += m * m
    this.#product += x[TAKEN]! * x[FREED]!
    if (x[AFTER]! > 0 && x[BEFORE] === 0) this.worse++
    if (x[AFTER] === 0 && x[BEFORE]! > 0) this.better++
    for (let i = 0; i < x.length; i++) {
      const hits = x[i]!
      if (hits === 0) continue
      this.#k[i]! += hits
      this.#xm[i]! += hits * m
      this.#xx[i]! += hits * hits
      this.#sessions[i]!++
      x[i] = 0
    }
    this.#m = 0
  }

  /** Requests that count. */
  count(name: Count): number {
    return this.#k[INDEX[name]]!
  }

  /** Sessions with at least one of them. */
  sessions(name: Count): number {
    return this.#sessions[INDEX[name]]!
  }

  /** @param base Whose requests are the trials: this slice's own, or all traffic's. */
  sums(name: Count, base: Tally = this): ClusterSums {
    const i = INDEX[name]
    const { clusters, n } = base
    return { clusters, n, mm: base.#mm, k: this.#k[i]!, xm: this.#xm[i]!, xx: this.#xx[i]! }
  }

  /** Σ over sessions of requests taken times requests given back. */
  get product(): number {
    return this.#product
  }
}
