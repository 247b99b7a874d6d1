import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cell, type Counted, cellsOf } from './counted.ts'

/** Counts around the limit, where everything happens, and now and then a large one. */
const count = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 14 }) },
  { weight: 1, arbitrary: fc.integer({ min: 15, max: 20 }) },
)

const tables = fc
  .constantFrom({ rows: 1, columns: 2 }, { rows: 1, columns: 4 }, { rows: 2, columns: 2 }, { rows: 3, columns: 1 })
  .chain(({ rows, columns }) =>
    fc.array(fc.array(count, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
  )
  .filter((table) => table.every(some) && table[0]!.every((_, c) => table.some((row) => row[c]! > 0)))

const some = (row: readonly number[]) => row.some((n) => n > 0)

function countedOf(table: readonly (readonly number[])[]): Counted {
  const counts = new Map(table.map((row, r) => [`r${r}`, new Map(row.map((n, c) => [`c${c}`, n]))]))
  const grid = { rows: [...counts.keys()], columns: table[0]!.map((_, c) => `c${c}`), counts }
  return { grid, splits: [], total: table.flat().reduce((sum, n) => sum + n, 0) }
}

/** Readers may think of greater ones; that these few are enough is more than is promised. */
const MOST = 26
const MOST_TOTAL = 120

/** What a reader can know of a number by its mark alone. */
function known({ mark, value, row, column }: Cell): readonly [number, number] {
  if (mark === 'shown') return [value, value]
  return mark === 'withheld' ? [10, row === null || column === null ? MOST_TOTAL : MOST] : [0, 9]
}

/** Every value that the cell `row`, `column` could have: tries all tables there are, and no flow. */
function possible(cells: readonly Cell[], wanted: Cell): Set<number> {
  const at = (row: string | null, column: string | null) =>
    cells.find((one) => one.row === row && one.column === column)!
  const rows = [...new Set(cells.flatMap(({ row }) => (row === null ? [] : [row])))]
  const columns = [...new Set(cells.flatMap(({ column }) => (column === null ? [] : [column])))]
  const inner = rows.flatMap((row) => columns.map((column) => at(row, column)))
  const found = new Set<number>()
  const table = new Map<Cell, number>()
  const sum = (of: (cell: Cell) => boolean) => inner.filter(of).reduce((all, cell) => all + (table.get(cell) ?? 0), 0)
  const fits = (cell: Cell, value: number, done: boolean) => {
    const [lo, hi] = known(cell)
    return value <= hi && (!done || value >= lo)
  }
  const fill = (i: number): void => {
    if (found.size >= 5) return
    if (i === inner.length) {
      const totals = [
        ...rows.map((row) => [at(row, null), sum((cell) => cell.row === row)] as const),
        ...columns.map((column) => [at(null, column), sum((cell) => cell.column === column)] as const),
        [at(null, null), sum(() => true)] as const,
      ]
      if (!totals.every(([cell, value]) => fits(cell, value, true))) return
      // Rows and columns are only there because something was counted.
      if (!totals.every(([, value]) => value >= 1)) return
      const value = table.get(wanted) ?? totals.find(([cell]) => cell === wanted)![1]
      found.add(value)
      return
    }
    const cell = inner[i]!
    const [lo, hi] = known(cell)
    for (let value = lo; value <= hi; value++) {
      table.set(cell, value)
      const last = cell.column === columns.at(-1)
      if (
        !fits(
          at(cell.row, null),
          sum((one) => one.row === cell.row),
          last,
        )
      ) {
        if (!last || value > known(at(cell.row, null))[1]) break
        continue
      }
      if (
        !fits(
          at(null, cell.column),
          sum((one) => one.column === cell.column),
          cell.row === rows.at(-1),
        )
      )
        continue
      fill(i + 1)
      if (found.size >= 5) break
    }
    table.delete(cell)
  }
  fill(0)
  return found
}

test('RC-8: whatever is hidden in a table could have had at least five values, by trying all tables', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const cells = cellsOf(countedOf(table))
      for (const cell of cells.filter(({ mark }) => mark !== 'shown'))
        expect(possible(cells, cell).size, JSON.stringify({ table, cells })).toBeGreaterThanOrEqual(5)
    }),
    { numRuns: 100 },
  )
})

test('RC-8: no count under 10 is shown, and small is only said of what is small', () => {
  fc.assert(
    fc.property(fc.array(fc.array(count, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 16 }), (table) => {
      const nonEmpty = table.filter((row) => row.some((n) => n > 0))
      fc.pre(nonEmpty.length > 0)
      for (const { mark, value } of cellsOf(countedOf(nonEmpty))) expect(mark === 'small').toBe(value < 10)
    }),
    { numRuns: 20 },
  )
})

test('RC-8: in lists that split one total, a hidden part could have had at least five values', () => {
  const list = fc.array(
    count.filter((n) => n > 0),
    { minLength: 1, maxLength: 4 },
  )
  fc.assert(
    fc.property(list, (values) => {
      const parts = Object.fromEntries(values.map((n, i) => [`p${i}`, n]))
      const total = values.reduce((sum, n) => sum + n, 0)
      const cells = cellsOf({ grid: null, splits: [{ name: 's', parts }], total })
      const [all, ...rest] = cells
      // As a table of one row, whose parts are there because they are not 0.
      const bounds = (cell: Cell) => (cell.mark === 'small' ? ([1, 9] as const) : known(cell))
      for (const hidden of cells.filter(({ mark }) => mark !== 'shown'))
        expect(valuesOf(all!, rest, hidden, bounds), JSON.stringify(cells)).toBeGreaterThanOrEqual(5)
    }),
    { numRuns: 200 },
  )
})

/** How many values a part, or the total, could have: sums of all choices within bounds. */
function valuesOf(all: Cell, parts: readonly Cell[], hidden: Cell, bounds: (cell: Cell) => readonly [number, number]) {
  const others = parts.filter((one) => one !== hidden)
  let sums = new Set([0])
  for (const one of others) {
    const [lo, hi] = bounds(one)
    sums = new Set([...sums].flatMap((sum) => Array.from({ length: hi - lo + 1 }, (_, i) => sum + lo + i)))
  }
  const [least, greatest] = bounds(all)
  if (hidden === all) return [...sums].filter((sum) => sum >= least && sum <= greatest).length
  const [lo, hi] = bounds(hidden)
  const possible = Array.from({ length: hi - lo + 1 }, (_, i) => lo + i)
  return possible.filter((n) => [...sums].some((sum) => sum + n >= least && sum + n <= greatest)).length
}

const marks = (counted: Counted) => cellsOf(counted).map(({ mark, value }) => (mark === 'shown' ? value : mark))

test('suppress: nothing is hidden where nothing is small', () => {
  expect(
    marks(
      countedOf([
        [10, 20],
        [30, 40],
      ]),
    ),
  ).toEqual([10, 20, 30, 30, 40, 70, 40, 60, 100])
})

test('suppress: one small count in a list takes another one with it', () => {
  const splits = [{ name: 's', parts: { a: 3, b: 20, c: 50 } }]
  expect(marks({ grid: null, splits, total: 73 })).toEqual([73, 'small', 'withheld', 50])
})

test('suppress: one small count in a table takes three more with it', () => {
  const hidden = marks(
    countedOf([
      [3, 20, 30],
      [40, 50, 60],
      [70, 80, 90],
    ]),
  ).filter((one) => typeof one === 'string')
  expect(hidden).toEqual(['small', 'withheld', 'withheld', 'withheld'])
})

test('suppress: what would have been done is hidden wherever what was done is', () => {
  const counts = new Map([['other', new Map(Object.entries({ allow: 500, refuse: 4 }))]])
  const grid = { rows: ['other'], columns: ['allow', 'refuse'], counts }
  const cells = cellsOf({
    grid,
    splits: [{ name: 'would', parts: { allow: 400, refuse: 104 }, likeColumns: true }],
    total: 504,
  })
  const of = (split: string | null, column: string) =>
    cells.find((one) => one.split === split && one.column === column && one.row === null)!
  expect(of(null, 'refuse').mark).toBe('small')
  expect(of('would', 'refuse').mark).toBe('withheld')
})
