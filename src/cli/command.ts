import { CodedError } from '../core/base/errors.ts'
import { oneOff } from '../core/base/one-off.ts'
import { codeOf, readFault, writeFault } from '../io/file-fault.ts'

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

/** What a command takes: one declaration beside the command, for its help, its options and the reference. */
export interface Takes {
  /** As it is typed: `data import`. */
  readonly command: string
  /** Options that stand alone, without their dashes. */
  readonly flags: readonly string[]
  /** Options that a value follows. */
  readonly values: readonly string[]
  /** What `--help` prints; without it the page of all commands. */
  readonly page?: string
}

/** Its options in a line, for the reference. */
export function optionsOf({ flags, values }: Takes): string {
  return [...flags.map((name) => `--${name}`), ...values.map((name) => `--${name} …`)].join(', ')
}

/** The command line cannot be read. The message names the option, and where the command's page is. */
export class UsageError extends CodedError<'usage'> {}

/** Exit codes of errors that say more than that it went wrong: what is not there may be there later, or elsewhere. */
const EXIT_OF: Readonly<Record<string, number>> = {
  usage: EXIT.usage,
  ...{ unreachable: EXIT.unavailable, store_unavailable: EXIT.unavailable },
  ...{ port_unavailable: EXIT.unavailable, data_unusable: EXIT.unavailable },
}

/**
 * Says what a command threw on purpose, or what the system said of a file that somebody named.
 * @returns its exit code. @throws anything else, as it is: that is a bug.
 */
export function failed(error: unknown, terminal: Pick<Terminal, 'stderr'>): number {
  if (isOfFile(error)) {
    const fault = WRITES.has(error.syscall) ? writeFault(codeOf(error)) : readFault(codeOf(error))
    terminal.stderr(`sluice: ${error.path} ${fault}\n`)
    return EXIT.negative
  }
  if (!(error instanceof CodedError)) throw error
  terminal.stderr(`sluice${error instanceof UsageError ? '' : ':'} ${error.message}\n`)
  return EXIT_OF[error.code] ?? EXIT.negative
}

/** Calls that make or change something; one that opens may do either, and what is missing then is mostly what is read. */
const WRITES: ReadonlySet<string> = new Set(['write', 'mkdir', 'mkdtemp', 'rename', 'unlink', 'copyfile', 'rmdir'])

function isOfFile(error: unknown): error is Error & { readonly path: string; readonly syscall: string } {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' && 'syscall' in error
}

/**
 * Splits `--name value`, `--name=value` and `--flag` from the rest. `-m` is `--reason` where a reason is taken.
 * @throws {UsageError} an option that the command does not take, a value that is missing, or one too many.
 */
export function parseFlags(
  args: readonly string[],
  { command, flags, values }: Takes,
): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>()
  const rest: string[] = []
  const fault = (what: string) => new UsageError('usage', `${command}: ${what}; see \`sluice ${command} --help\``)
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] === '-m' && values.includes('reason') ? '--reason' : args[i]!
    const equals = arg.indexOf('=')
    const written = equals < 0 ? arg : arg.slice(0, equals)
    if (!/^(--|-[a-z]$)/i.test(written)) {
      rest.push(arg)
      continue
    }
    const name = written.slice(2)
    const next = equals < 0 ? args[i + 1] : undefined
    if (flags.includes(name)) {
      if (equals >= 0) throw fault(`\`--${name}\` takes no value`)
      options.set(name, '')
    } else if (values.includes(name)) {
      if (equals < 0 && (next === undefined || next.startsWith('--'))) throw fault(`\`--${name}\` wants a value`)
      options.set(name, next ?? arg.slice(equals + 1))
      if (equals < 0) i++
    } else {
      const near = oneOff(name, [...flags, ...values])
      throw fault(`takes no \`${written}\`${near === null ? '' : `; \`--${near}\` is one`}`)
    }
  }
  return { options, rest }
}
