import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { CodedError } from '../core/base/errors.ts'
import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import { digitsOf, figures } from '../core/briefs/figures.ts'
import type { Measured } from '../core/classifier/evaluation/measured.ts'
import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import { jsonOf, readSet, readSetPart } from '../io/evaluation/read-set.ts'
import { readSeeds } from '../io/model/read-seeds.ts'
import { makeFolder, writeOut } from '../io/out-file.ts'
import { textOfFile } from '../io/text-file.ts'
import { expandPairs, HEAD_EXPANSION, REGRESSION_EXPANSION } from '../jobs/pairs/expand.ts'
import { type FamilyReport, type Response, respond } from '../jobs/respond.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { PACKAGE_ROOT } from './embedded.ts'

export const takes: Takes = {
  command: 'respond',
  flags: ['json'],
  values: ['report', 'data', 'out'],
}

/** The file of a report cannot be used. */
class ReportError extends CodedError<'report_invalid'> {}

const LEAST_LETTERS = 20
/** One word over and over is no sentence. */
const LEAST_DISTINCT = 6
/** Letters that say about twice as much. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u

const reportSchema = z.strictObject({
  // It names a file and a folder: a dot at its beginning would hide them, or lead elsewhere.
  id: z
    .string()
    .regex(/^\w[\w.-]{0,63}$/, 'wanted letters, digits, dot, dash or underscore, no dot or dash first, at most 64'),
  attack: z.enum(ATTACK_FORMS).default('jailbreak'),
  category: z.enum(CATEGORIES).nullable().default(null),
  prompts: z
    .array(
      z
        .string()
        .max(20_000)
        .refine(
          saysEnough,
          `says too little to learn from: wanted at least a sentence (${LEAST_LETTERS} letters, or ${LEAST_LETTERS / 2} of Japanese or Chinese) as it was sent`,
        ),
    )
    .min(1, 'wanted at least one text that worked')
    .max(200),
})

/**
 * A head learns what stands together in a text. Of a word or two it learns what harmless texts say as well, and finds its own
 * rewordings every time, which shows nothing.
 */
function saysEnough(text: string): boolean {
  const letters =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]/gu) ?? []
  const weight = letters.reduce((sum, letter) => sum + (UNSPACED.test(letter) ? 2 : 1), 0)
  return weight >= LEAST_LETTERS && new Set(letters).size >= LEAST_DISTINCT
}

/**
 * `sluice respond --report FILE [--data DIR] [--out FOLDER]`: a detector for a reported technique in seconds, measured
 * before anyone is asked to ship it. Proposes; enforces nothing.
 */
export const run: Command = async (args, terminal) => {
  const { options } = parseFlags(args, takes)
  const file = options.get('report')
  if (file === undefined) {
    terminal.stderr('sluice respond: wanted --report FILE, JSON with `id`, `attack`, `category` and `prompts`\n')
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    const startedMs = performance.now()
    const report = await readReport(file)
    const out = resolve(options.get('out') ?? join('safeguards', 'proposed', report.id))
    const harmless = await harmlessSets(options.get('data'))
    makeFolder(out)
    const response = respond(report, harmless, (share, what) =>
      terminal.stderr(`\r${(share * 100).toFixed(0).padStart(3)} %  ${what.padEnd(24)}`),
    )
    const seconds = (performance.now() - startedMs) / 1000
    terminal.stderr('\r'.padEnd(32))
    terminal.stderr('\r')
    const proposal = { stage: 'dry_run', report: { ...report, prompts: report.prompts.length }, ...summaryOf(response) }
    writeOut(join(out, `${report.id}.family.json`), `${JSON.stringify(response.detector)}\n`)
    writeOut(join(out, 'evaluation.json'), `${JSON.stringify(proposal, null, 2)}\n`)
    if (options.has('json')) terminal.stdout(`${JSON.stringify({ out, seconds, ...proposal })}\n`)
    else terminal.stdout(render(report, response, out, seconds))
    return EXIT.done
  })
}

/** @throws {ReportError} {TextFileError} */
async function readReport(file: string): Promise<FamilyReport> {
  let text = ''
  for await (const piece of textOfFile(file)) text += piece
  const value = jsonOf(text)
  if (value === null)
    throw new ReportError('report_invalid', `${file} is no JSON object; wanted one with \`id\` and \`prompts\``)
  const result = reportSchema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `\`${path.join('.') || 'file'}\`: ${message}`)
  throw new ReportError('report_invalid', `${file}: ${faults.join('; ')}`)
}

/**
 * The project's own harmless work, and the operator's, if named: a folder with a dev split, or a file.
 * @throws {ReportError} nothing harmless in it.
 */
async function harmlessSets(data: string | undefined): Promise<readonly { set: string; rows: readonly EvalRow[] }[]> {
  const folder = join(PACKAGE_ROOT, 'data')
  const slots = join(folder, 'pairs', 'slots.yaml')
  const pairs = expandPairs(await readSeeds(join(folder, 'pairs')), HEAD_EXPANSION)
  const regression = expandPairs(await readSeeds(join(folder, 'regression'), slots), REGRESSION_EXPANSION)
  const own = (rows: readonly (typeof pairs)[number][]) =>
    rows.filter(({ label }) => label !== 'harmful').map((row): EvalRow => ({ ...row, family: null }))
  const sets = [
    { set: 'harmless sides of pairs', rows: own(pairs) },
    ...[...Map.groupBy(own(regression), ({ subject }) => subject ?? 'regression')].map(([set, rows]) => ({
      set,
      rows,
    })),
  ]
  if (data === undefined) return sets
  const isFile = /\.jsonl(\.gz)?$/.test(data)
  const all = isFile ? await readSet(data) : await readSetPart(data, 'dev', 'prompt')
  const rows = all.filter(({ label, target }) => label !== 'harmful' && target === 'prompt')
  if (rows.length === 0)
    throw new ReportError('report_invalid', `${data} holds no harmless prompts; --data names work that must not be hit`)
  return [...sets, { set: isFile ? basename(data) : `${basename(resolve(data))}, dev`, rows }]
}

function summaryOf({ variants, caught, caughtByKind, hit, detector }: Response) {
  return { variants, features: detector.weights.length, caught, caughtByKind, hit }
}

function render(report: FamilyReport, response: Response, out: string, seconds: number): string {
  const { caught, caughtByKind, hit, variants, detector } = response
  const kinds = caughtByKind.map(({ kind, caught: one }) => `  ${kind.padEnd(26)} ${shown(one)}\n`).join('')
  const sets = hit
    .map(
      ({ set, hit: one, ids }) =>
        `  ${set.padEnd(34)} ${shown(one)}${ids.length > 0 ? `  ${ids.slice(0, 5).join(' ')}` : ''}\n`,
    )
    .join('')
  return (
    `${report.id}: ${report.prompts.length} reported, ${variants} variants, ${detector.weights.length} features, ${seconds.toFixed(1)} s\n\n` +
    `rewordings of a kind that it did not learn from, caught\n  ${'all'.padEnd(26)} ${shown(caught)}\n${kinds}\n` +
    `harmless work that would newly be hit\n${sets}\n` +
    `proposed, not enforced: ${out}\n` +
    `to act on it, name ${report.id}.family.json under \`families\` in sluice.yaml; to see it act on nobody, keep mode observe\n`
  )
}

const { percent, range } = figures('en')

/** `97.1% (95.0 to 98.4%, 233 of 240)`. */
function shown(one: Measured): string {
  const { share, lo, hi, k, n } = one
  const digits = digitsOf(one)
  return `${percent(share, digits)} (${range(lo, hi, digits)}, ${k} of ${n})`
}
