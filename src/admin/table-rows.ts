type Cell = string | number | null

/** Members of members get columns of their own, `share.lo`; what is deeper stands in its cell as JSON. */
const DEEPEST = 2

/** Rows of JSON as a table: first the names of all columns, in the order in which they first appear. */
export function tableRows(rows: readonly unknown[], columns: readonly string[] = columnsOf(rows)): readonly Cell[][] {
  return rows.map((row) => {
    const cells = new Map(cellsOf(row, '', 0))
    return columns.map((column) => cells.get(column) ?? null)
  })
}

export function columnsOf(rows: readonly unknown[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => cellsOf(row, '', 0).map(([name]) => name)))]
}

function cellsOf(value: unknown, name: string, depth: number): readonly (readonly [name: string, cell: Cell])[] {
  if (typeof value === 'string' || typeof value === 'number') return [[name, value]]
  if (value === null || value === undefined) return [[name, null]]
  if (typeof value === 'boolean') return [[name, String(value)]]
  if (Array.isArray(value)) {
    const plain = value.every((one) => typeof one === 'string' || typeof one === 'number')
    return [[name, plain ? value.join('; ') : JSON.stringify(value)]]
  }
  if (depth >= DEEPEST) return [[name, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([member, one]) =>
    cellsOf(one, name === '' ? member : `${name}.${member}`, depth + 1),
  )
}
