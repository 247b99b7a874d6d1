import { readFile } from 'node:fs/promises'
import type { JefFacts } from '../core/jailbreaks/severity/compare.ts'
import type { Measurements } from '../core/jailbreaks/severity/measured.ts'
import { MeasurementsError, parseMeasurements } from '../core/jailbreaks/severity/measurements-file.ts'
import { type ReportOptions, severityReport } from '../core/jailbreaks/severity/report.ts'
import { codeOf, readFault } from '../io/file-fault.ts'
import { linesOf } from '../io/lines.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal } from './command.ts'
import { raters } from './severity-raters.ts'
import { faultText, lineText, reportText } from './severity-text.ts'

export const takes: Takes = {
  command: 'severity',
  flags: ['json', 'explain', 'compare'],
  values: ['lang', 'measurements', 'jef'],
}

/**
 * `sluice severity VECTOR`: score, band and formula, with measurements the interval, with `--explain` why. Without a
 * vector it reads one per line on stdin. `sluice severity raters FILE.csv`: how far raters agree.
 */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  if (rest[0] === 'raters') return raters(rest.slice(1), options.has('json'), terminal)
  if (rest.length > 1) return usage(terminal, 'one vector, please; quote it, or give one per line on stdin')
  const lang = options.get('lang') ?? 'en'
  if (lang !== 'en' && lang !== 'ja') return usage(terminal, '--lang: wanted `en` or `ja`')
  const jef = jefFacts(options.get('jef'))
  if (jef === undefined) return usage(terminal, '--jef: wanted vendors,models,subjects,fidelity, such as `3,9,1,0.8`')
  let measured: Measurements | null = null
  const file = options.get('measurements')
  if (file !== undefined) {
    const read = await measurementsOf(file)
    if (typeof read === 'string') return usage(terminal, read)
    measured = read
  }
  const wish = { lang, measured, jef, cyber: true } as const
  const [vector] = rest
  if (vector === undefined) return manyLines(wish, options.has('json'), terminal)
  const report = severityReport(vector, wish)
  if (options.has('json')) terminal.stdout(`${JSON.stringify(report)}\n`)
  else if ('error' in report) terminal.stderr(faultText(report))
  else terminal.stdout(reportText(report, options.has('explain'), options.has('compare')))
  return 'error' in report ? EXIT.usage : EXIT.done
}

/** One vector per line; every line has its answer, in the same order. */
async function manyLines(wish: ReportOptions, json: boolean, terminal: Terminal): Promise<number> {
  if (process.stdin.isTTY) return usage(terminal, 'give a vector, such as `JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C`')
  let code: number = EXIT.done
  for await (const line of linesOf(process.stdin)) {
    const report = severityReport(line, wish)
    terminal.stdout(json ? `${JSON.stringify(report)}\n` : lineText(report))
    if ('error' in report) code = EXIT.usage
  }
  return code
}

/** Null where none are given, undefined where they cannot be read. */
function jefFacts(text: string | undefined): JefFacts | null | undefined {
  if (text === undefined) return null
  const [vendors, models, subjects, fidelity, ...more] = text
    .split(',')
    .map((one) => (one.trim() === '' ? NaN : Number(one)))
  const numbers = [vendors, models, subjects, fidelity]
  if (more.length > 0 || !numbers.every((one) => one !== undefined && Number.isFinite(one) && one >= 0))
    return undefined
  return { vendors: vendors!, models: models!, subjects: subjects!, fidelity: fidelity! }
}

/** A file's measurements, or what is wrong with it. */
async function measurementsOf(file: string): Promise<Measurements | string> {
  try {
    return parseMeasurements(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof MeasurementsError) return `${file}: ${error.message}`
    if (error instanceof SyntaxError) return `${file}: not JSON`
    return `${file}: ${readFault(codeOf(error))}`
  }
}

function usage(terminal: Terminal, message: string): number {
  terminal.stderr(`sluice severity: ${message}\n`)
  return EXIT.usage
}
