/**
 * A table as CSV (RFC 4180), UTF-8, for spreadsheets: a cell that one would take for a formula gets an apostrophe
 * before it. Callers and reviewers choose the text of some cells.
 */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const harmless = /^[\s\0]*[=+\-@|%\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
