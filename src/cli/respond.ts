import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { CodedError } from '../core/base/errors.ts'
import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import { figures, shareText } from '../core/briefs/figures.ts'
import type { Measured } from '../core/classifier/evaluation/measured.ts'
import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import { readSet } from '../io/evaluation/read-set.ts'
import { readSeeds } from '../io/model/read-seeds.ts'
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

const reportSchema = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/, 'wanted letters, digits, dot, dash or underscore, at most 64'),
  attack: z.enum(ATTACK_FORMS).default('jailbreak'),
  category: z.enum(CATEGORIES).nullable().default(null),
  prompts: z.array(z.string().min(1).max(20_000)).min(1).max(200),
})

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
    const report = readReport(file)
    const harmless = await harmlessSets(options.get('data'))
    const response = respond(report, harmless, (share, what) =>
      terminal.stderr(`\r${(share * 100).toFixed(0).padStart(3)} %  ${what.padEnd(24)}`),
    )
    const seconds = (performance.now() - startedMs) / 1000
    terminal.stderr('\r'.padEnd(32))
    terminal.stderr('\r')
    const out = resolve(options.get('out') ?? join('safeguards', 'proposed', report.id))
    const proposal = { stage: 'dry_run', report: { ...report, prompts: report.prompts.length }, ...summaryOf(response) }
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, `${report.id}.family.json`), `${JSON.stringify(response.detector)}\n`)
    writeFileSync(join(out, 'evaluation.json'), `${JSON.stringify(proposal, null, 2)}\n`)
    if (options.has('json')) terminal.stdout(`${JSON.stringify({ out, seconds, ...proposal })}\n`)
    else terminal.stdout(render(report, response, out, seconds))
    return EXIT.done
  })
}

/** @throws {ReportError} */
function readReport(file: string): FamilyReport {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ReportError('report_invalid', `cannot read ${file} as JSON`, { cause })
  }
  const result = reportSchema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `\`${path.join('.') || 'file'}\`: ${message}`)
  throw new ReportError('report_invalid', `${file}: ${faults.join('; ')}`)
}

/** The project's own harmless work, and the operator's, if named. */
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
  const rows = (await readSet(join(data, 'dev.prompt.jsonl.gz'))).filter(({ label }) => label !== 'harmful')
  return [...sets, { set: `${data}, dev`, rows }]
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

/** `97.1% (95.0 to 98.4%), 233 of 240`. */
function shown(one: Measured): string {
  return `${shareText(one, figures('en'))}, ${one.k} of ${one.n}`
}
