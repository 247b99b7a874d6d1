import type { Action } from '../../policy/policy.ts'
import { type Met, MetSessions } from './met.ts'
import { type Movement, movementOf, type PairedCase } from './paired-case.ts'
import { bitsOf, Tally } from './tally.ts'

/** What requests are sliced by; `category` first: it is counted on all traffic, the others are traffic of their own. */
export const DIMENSIONS = ['category', 'segment', 'org', 'surface', 'language'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** A request that is decided otherwise, by name. */
export interface Moved {
  readonly id: string
  readonly movement: Exclude<Movement, 'unchanged'>
  readonly before: Action
  readonly after: Action
  readonly session: string | null
  readonly org: string
  readonly surface: string
  readonly language: string
  readonly segment: string
  readonly category: string | null
  readonly label: PairedCase['label']
}

export interface Tallied {
  readonly total: Tally
  readonly slices: Readonly<Record<Dimension, ReadonlyMap<string, Tally>>>
  /** Every request whose action differs, harmful ones included, in the order given. */
  readonly moved: readonly Moved[]
  readonly labels: { readonly harmful: number; readonly harmless: number; readonly unlabelled: number }
  readonly met: Met
  readonly users: { readonly known: number; readonly unchanged: number }
  /** Harmful requests by family, else by category. */
  readonly attacks: ReadonlyMap<string, { readonly family: boolean; readonly pairs: readonly AttackPair[] }>
}

export interface AttackPair {
  readonly before: boolean
  readonly after: boolean
}

/** Grows as needed: one number per request and column. */
class Column {
  #values = new Int32Array(1024)
  length = 0
  push(value: number): void {
    if (this.length === this.#values.length) {
      const wider = new Int32Array(this.length * 2)
      wider.set(this.#values)
      this.#values = wider
    }
    this.#values[this.length++] = value
  }
  at(i: number): number {
    return this.#values[i]!
  }
}

class Names {
  readonly list: string[] = []
  readonly #index = new Map<string, number>()
  of(name: string): number {
    const known = this.#index.get(name)
    if (known !== undefined) return known
    this.#index.set(name, this.list.length)
    return this.list.push(name) - 1
  }
}

/**
 * Counts cases of any order, once through. Memory: about 30 bytes a case, and the moved ones by name; a session's
 * requests are brought together by counting, so no map per session and slice is kept.
 */
export function tally(cases: Iterable<PairedCase>): Tallied {
  const sessions = new Names()
  const sessionOf = new Column()
  const bits = new Column()
  const names = DIMENSIONS.map(() => new Names())
  const columns = DIMENSIONS.map(() => new Column())
  const moved: Moved[] = []
  const labels = { harmful: 0, harmless: 0, unlabelled: 0 }
  const users = new Map<string, boolean>()
  const attacks = new Map<string, { family: boolean; pairs: AttackPair[] }>()
  const met = new MetSessions()
  let ownSessions = 0
  for (const one of cases) {
    const movement = movementOf(one.before, one.after)
    if (movement !== 'unchanged') moved.push(movedOf(one, movement))
    labels[one.label ?? 'unlabelled']++
    const counts = bitsOf(one, movement)
    const known = one.session === null ? null : sessions.of(one.session)
    met.add(known, one.before, one.after)
    if (one.label === 'harmful') {
      addAttack(attacks, one)
      continue
    }
    if (one.user !== null) {
      const same = movement === 'unchanged' || movement === 'marked'
      users.set(one.user, (users.get(one.user) ?? true) && same)
    }
    sessionOf.push(known ?? -1 - ownSessions++)
    bits.push(counts)
    for (const [d, dimension] of DIMENSIONS.entries()) columns[d]!.push(names[d]!.of(one[dimension] ?? 'none'))
  }
  const total = new Tally()
  const tallies = names.map(({ list }) => list.map(() => new Tally()))
  const open: Tally[] = []
  const openCategories: Tally[] = []
  let last: number | null = null
  const end = () => {
    // A category is what a decision says, not a kind of traffic: it is counted on all requests of the session.
    for (const one of openCategories) one.endSession(total.open)
    for (const one of open) one.endSession()
    open.length = openCategories.length = 0
  }
  for (const i of bySession(sessionOf, sessions.list.length)) {
    const session = sessionOf.at(i)
    if (session !== last) end()
    last = session
    const counts = bits.at(i)
    if (total.add(counts)) open.push(total)
    for (let d = 0; d < columns.length; d++) {
      const slice = tallies[d]![columns[d]!.at(i)]!
      if (slice.add(counts)) (d === 0 ? openCategories : open).push(slice)
    }
  }
  end()
  const slices = Object.fromEntries(
    DIMENSIONS.map((dimension, d) => [dimension, new Map(names[d]!.list.map((name, i) => [name, tallies[d]![i]!]))]),
  ) as unknown as Tallied['slices']
  const unchanged = [...users.values()].filter((same) => same).length
  return {
    ...{ total, slices, moved, labels, attacks, met: met.counts },
    users: { known: users.size, unchanged },
  }
}

/** Indices with those of one session together; requests without a session come first, each by itself. */
function bySession(sessionOf: Column, sessions: number): Int32Array {
  const starts = new Int32Array(sessions + 2)
  for (let i = 0; i < sessionOf.length; i++) starts[Math.max(-1, sessionOf.at(i)) + 2]!++
  for (let s = 1; s < starts.length; s++) starts[s]! += starts[s - 1]!
  const order = new Int32Array(sessionOf.length)
  for (let i = 0; i < sessionOf.length; i++) order[starts[Math.max(-1, sessionOf.at(i)) + 1]!++] = i
  return order
}

function movedOf(one: PairedCase, movement: Exclude<Movement, 'unchanged'>): Moved {
  const { id, before, after, session, org, surface, language, segment, category, label } = one
  return { id, movement, before, after, session, org, surface, language, segment, category, label }
}

function addAttack(attacks: Map<string, { family: boolean; pairs: AttackPair[] }>, one: PairedCase): void {
  const name = one.family ?? one.category ?? 'none'
  const known = attacks.get(name) ?? { family: one.family !== null, pairs: [] }
  attacks.set(name, known)
  const acted = (action: Action) => action !== 'allow' && action !== 'flag'
  known.pairs.push({ before: acted(one.before), after: acted(one.after) })
}
