/**
 * One number of a table as an edge of a circulation: what enters a place leaves it. A total is an edge into the place that
 * its parts leave, so everything that can be computed by adding and subtracting is a walk along edges.
 */
export interface Flow {
  readonly from: string
  readonly to: string
  readonly value: number
  /** The least that a reader knows it to be: 1 for a row that is only there because something was counted. */
  readonly least: number
}

/** `small`: under the limit, shown as `<10`. `withheld`: not small, but a small one could be computed from it. */
export type Mark = 'shown' | 'small' | 'withheld'

/** Counts under this are not shown. */
export const FEWEST = 10
/** A hidden count could be at least this much more or less, as far as the shown ones tell. */
const SPREAD = 4

/**
 * Which numbers of a circulation are shown. Small ones are not; others are withheld until every hidden one could have had
 * at least five values under what is shown, known bounds of hidden ones included. Cost: one maximal flow for each hidden
 * number, again after each one that is withheld; tables of a few hundred numbers take milliseconds.
 * @param ties Pairs that are often the same number: both are hidden, or none.
 * Source: network models of cell suppression, Castro 2012; here exact, as what is published are one- and two-way tables.
 */
export function suppress(flows: readonly Flow[], ties: readonly (readonly [number, number])[] = []): readonly Mark[] {
  const marks: Mark[] = flows.map(({ value }) => (value < FEWEST ? 'small' : 'shown'))
  for (;;) {
    tie(flows, marks, ties)
    const open = marks.findIndex((mark, at) => mark !== 'shown' && spread(flows, marks, at) < SPREAD)
    if (open < 0) return marks
    const next = toWithhold(flows, marks, open)
    if (next < 0) return marks
    marks[next] = 'withheld'
  }
}

function tie(flows: readonly Flow[], marks: Mark[], ties: readonly (readonly [number, number])[]): void {
  for (const pair of ties)
    for (const [one, other] of [pair, [pair[1], pair[0]] as const])
      if (marks[one] !== 'shown' && marks[other] === 'shown')
        marks[other] = flows[other]!.value < FEWEST ? 'small' : 'withheld'
}

/** The smallest number that is still shown, one beside the open one before all others. */
function toWithhold(flows: readonly Flow[], marks: readonly Mark[], open: number): number {
  const { from, to } = flows[open]!
  const beside = (one: Flow) => [one.from, one.to].some((place) => place === from || place === to)
  const shown = flows.map((flow, at) => ({ flow, at })).filter(({ at }) => marks[at] === 'shown')
  const near = shown.filter(({ flow }) => beside(flow))
  const [least] = (near.length > 0 ? near : shown).sort((a, b) => a.flow.value - b.flow.value || a.at - b.at)
  return least?.at ?? -1
}

/** How many other values a hidden number could have, whole numbers between its least and its greatest. */
function spread(flows: readonly Flow[], marks: readonly Mark[], at: number): number {
  const { from, to } = flows[at]!
  const rooms = flows.map((flow, i) => room(flow, marks[i]!))
  const { up, down } = rooms[at]!
  const others = rooms.map((one, i) => (i === at ? { up: 0, down: 0 } : one))
  // More through it must come back on other ways; less through it must take other ways. Enough is enough.
  return most(flows, others, to, from, Math.min(up, SPREAD)) + most(flows, others, from, to, Math.min(down, SPREAD))
}

interface Room {
  up: number
  down: number
}

/** How far a reader may think a number up or down. */
function room({ value, least }: Flow, mark: Mark): Room {
  switch (mark) {
    case 'shown':
      return { up: 0, down: 0 }
    case 'small':
      return { up: FEWEST - 1 - value, down: value - least }
    case 'withheld':
      return { up: Number.POSITIVE_INFINITY, down: value - FEWEST }
  }
}

/** The greatest flow from one place to another through what rooms allow, up to `wanted`. Source: Edmonds and Karp 1972. */
function most(flows: readonly Flow[], given: readonly Room[], from: string, to: string, wanted: number): number {
  const rooms = given.map((one) => ({ ...one }))
  let found = 0
  while (found < wanted) {
    const came = new Map<string, { readonly at: number; readonly forth: boolean; readonly before: string }>()
    const next = [from]
    for (const place of next)
      for (const [at, flow] of flows.entries())
        for (const forth of [true, false]) {
          const [here, there] = forth ? [flow.from, flow.to] : [flow.to, flow.from]
          if (here !== place || there === from || came.has(there) || rooms[at]![forth ? 'up' : 'down'] <= 0) continue
          came.set(there, { at, forth, before: place })
          next.push(there)
        }
    if (!came.has(to)) return found
    // One at a time: what is asked for is never more than a few.
    for (let place = to; place !== from; ) {
      const { at, forth, before } = came.get(place)!
      rooms[at]![forth ? 'up' : 'down'] -= 1
      rooms[at]![forth ? 'down' : 'up'] += 1
      place = before
    }
    found++
  }
  return found
}
