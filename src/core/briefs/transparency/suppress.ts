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
    if (next.length === 0) return marks
    for (const at of next) marks[at] = 'withheld'
  }
}

function tie(flows: readonly Flow[], marks: Mark[], ties: readonly (readonly [number, number])[]): void {
  for (const pair of ties)
    for (const [one, other] of [pair, [pair[1], pair[0]] as const])
      if (marks[one] !== 'shown' && marks[other] === 'shown')
        marks[other] = flows[other]!.value < FEWEST ? 'small' : 'withheld'
}

/** The least that must be withheld besides, so that an open number can move: one way around, up or down. */
function toWithhold(flows: readonly Flow[], marks: readonly Mark[], open: number): readonly number[] {
  const { from, to } = flows[open]!
  const ways = [cheapest(flows, marks, open, to, from), cheapest(flows, marks, open, from, to)].flatMap((way) => {
    const more = way?.filter((at) => marks[at] === 'shown') ?? []
    return more.length === 0 ? [] : [{ more, cost: more.reduce((sum, at) => sum + flows[at]!.value, 0) }]
  })
  const [best] = ways.sort((a, b) => a.cost - b.cost)
  if (best !== undefined) return best.more
  // It moves, but not far enough: the smallest one that is left gives more room.
  const shown = flows.map(({ value }, at) => ({ value, at })).filter(({ at }) => marks[at] === 'shown')
  return shown
    .sort((a, b) => a.value - b.value || a.at - b.at)
    .slice(0, 1)
    .map(({ at }) => at)
}

/** The way from one place to another on which least would newly be withheld, or null. Source: Bellman 1958. */
function cheapest(
  flows: readonly Flow[],
  marks: readonly Mark[],
  open: number,
  from: string,
  to: string,
): readonly number[] | null {
  const best = new Map([[from, { cost: 0, way: [] as readonly number[] }]])
  for (let better = true; better; ) {
    better = false
    for (const [at, flow] of flows.entries())
      for (const forth of [true, false]) {
        const [here, there] = forth ? [flow.from, flow.to] : [flow.to, flow.from]
        const before = best.get(here)
        const mark = marks[at] === 'shown' ? 'withheld' : marks[at]!
        if (at === open || before === undefined || room(flow, mark)[forth ? 'up' : 'down'] <= 0) continue
        const cost = before.cost + (marks[at] === 'shown' ? flow.value : 0)
        if (cost >= (best.get(there)?.cost ?? Number.POSITIVE_INFINITY)) continue
        best.set(there, { cost, way: [...before.way, at] })
        better = true
      }
  }
  return best.get(to)?.way ?? null
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
