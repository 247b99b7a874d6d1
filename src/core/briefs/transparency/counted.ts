import { type Flow, type Mark, suppress } from './suppress.ts'

/**
 * Counts that add up to one total: a table of two ways, and lists that split the same total otherwise. Rows, columns and
 * parts are there because something was counted; a cell of the table may be 0.
 */
export interface Counted {
  readonly grid: { readonly rows: readonly string[]; readonly columns: readonly string[]; readonly counts: Grid } | null
  readonly splits: readonly Split[]
  readonly total: number
}

/** Counts by row and column; what is not there is 0. */
export type Grid = ReadonlyMap<string, ReadonlyMap<string, number>>

export interface Split {
  readonly name: string
  readonly parts: Readonly<Record<string, number>>
  /** Its parts are often what the columns of the grid add up to, so they are hidden together. */
  readonly likeColumns?: boolean
}

export interface Cell {
  /** The split it is of; null: of the grid, or the total. */
  readonly split: string | null
  /** Null: the total over all. */
  readonly row: string | null
  readonly column: string | null
  readonly value: number
  readonly mark: Mark
}

/** Every count with its totals, and whether it is shown. */
export function cellsOf(counted: Counted): readonly Cell[] {
  const { places, ties } = laidOut(counted)
  const marks = suppress(
    places.map(({ flow }) => flow),
    ties,
  )
  return places.map(({ cell, flow }, i) => ({ ...cell, value: flow.value, mark: marks[i]! }))
}

interface Place {
  readonly cell: Pick<Cell, 'split' | 'row' | 'column'>
  readonly flow: Flow
}

/** The circulation: from the start through rows and columns to the end, then through each split back to the start. */
function laidOut({ grid, splits, total }: Counted) {
  const places: Place[] = []
  const add = (split: string | null, row: string | null, column: string | null, flow: Flow) =>
    places.push({ cell: { split, row, column }, flow })
  const ties: [number, number][] = []
  const gate = (i: number) => `gate ${i}`
  if (grid !== null) {
    const at = (row: string, column: string) => grid.counts.get(row)?.get(column) ?? 0
    const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0)
    for (const row of grid.rows) {
      for (const column of grid.columns)
        add(null, row, column, { from: `row ${row}`, to: `column ${column}`, value: at(row, column), least: 0 })
      const value = sum(grid.columns.map((column) => at(row, column)))
      add(null, row, null, { from: 'start', to: `row ${row}`, value, least: 1 })
    }
    for (const column of grid.columns) {
      const value = sum(grid.rows.map((row) => at(row, column)))
      add(null, null, column, { from: `column ${column}`, to: gate(0), value, least: 1 })
    }
  }
  const home = grid === null ? gate(0) : 'start'
  add(null, null, null, { from: gate(0), to: splits.length > 0 ? gate(1) : home, value: total, least: 1 })
  const last = (i: number) => (i === splits.length - 1 ? home : gate(i + 2))
  for (const [i, { name, parts, likeColumns }] of splits.entries())
    for (const [part, value] of Object.entries(parts)) {
      const like = places.findIndex(({ cell }) => cell.row === null && cell.split === null && cell.column === part)
      if (likeColumns === true && like >= 0) ties.push([like, places.length])
      add(name, null, part, { from: gate(i + 1), to: last(i), value, least: 1 })
    }
  return { places, ties }
}
