/** Exit codes, everywhere the same: done, negative result, usage, unavailable, INCONCLUSIVE. */
export const EXIT = { done: 0, negative: 1, usage: 2, unavailable: 3, inconclusive: 4 } as const

/** Where a command writes: results to `stdout`, progress and errors to `stderr`. Lines are not ended for the caller. */
export interface Terminal {
  stdout(text: string): void
  stderr(text: string): void
}

/** One command of `sluice`. @returns its exit code. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>

/**
 * A text table: columns padded to their widest cell, numbers as given. East Asian wide characters count two columns.
 * A cell stays in its place: what callers named may hold line ends, and escapes that a terminal obeys.
 */
export function table(raw: readonly (readonly string[])[]): string {
  const rows = raw.map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, columns(cell))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell + ' '.repeat(widths[i]! - columns(cell)))
      .join('  ')
      .trimEnd()
  return `${rows.map(line).join('\n')}\n`
}

function printable(cell: string): string {
  return cell.replace(UNPRINTABLE, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Controls, line and paragraph separators, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

function columns(text: string): number {
  return [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0)
}

/** Splits `--name value`, `--name=value` and `--flag` from the rest. Unknown names are the command's to refuse. */
export function parseFlags(
  args: readonly string[],
  flags: readonly string[],
): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>()
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (!arg.startsWith('--')) {
      rest.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
    if (equals >= 0) options.set(name, arg.slice(equals + 1))
    else if (flags.includes(name) || args[i + 1] === undefined) options.set(name, '')
    else options.set(name, args[++i]!)
  }
  return { options, rest }
}
