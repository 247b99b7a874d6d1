import { collateralPage } from '../core/briefs/collateral/html.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { assertWritable, writeOut } from '../io/out-file.ts'
import type { ReplayProgress } from '../jobs/replay-ports.ts'
import { reporting } from './admin-client.ts'
import { dataReport } from './collateral-data.ts'
import { parquetReport } from './collateral-parquet.ts'
import { SettingError, settingsFrom } from './collateral-settings.ts'
import { storeReport } from './collateral-store.ts'
import { collateralText } from './collateral-text.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { beside, loadApplied } from './judge.ts'

const HELP = `sluice collateral: what a safeguard would do to honest work, before it ships

  sluice collateral --after BUNDLE --data DIR     over labelled rows, as if they were traffic
  sluice collateral --after BUNDLE --store        over the decisions of this instance; --days 30
  sluice collateral --after BUNDLE --parquet FILES   over receipts in Parquet files; a pattern may name many
  --before BUNDLE   what to compare with; \`enforcing\` unless told otherwise
  --json            the whole report with every request that is decided otherwise
  --html FILE       one page that needs nothing else; --lang ja|en
  --job ID          go on with a replay that was stopped, or help with one (DATABASE_URL)
  --attacks FILE --family NAME --claim 0.99       held-out attacks of a family, and what is claimed of it
  --against NAME    the legitimate task or permanent set that reads like the family
  --budget 0.985 --slice-limit 0.01 --loss-limit 0.01   limits, as shares
  --quality CHANGE,LO,HI,N   quality lost per diverted request, measured elsewhere
  --temporary --made-for AUTHORITY

Exit code: 0 pass, 1 fail, 4 INCONCLUSIVE.
`

export const takes: Takes = {
  command: 'collateral',
  flags: ['json', 'temporary', 'store'],
  values: [
    'after',
    'before',
    'data',
    'parquet',
    'days',
    'job',
    'html',
    'lang',
    'attacks',
    'family',
    'claim',
    'against',
    'budget',
    'slice-limit',
    'loss-limit',
    'quality',
    'made-for',
  ],
  page: HELP,
}

/** `sluice collateral`: the report, and the outcome as exit code. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [data, parquet, after] = [options.get('data'), options.get('parquet'), options.get('after')]
  const sources = [data !== undefined, parquet !== undefined, options.has('store')].filter((given) => given).length
  if (rest.length > 0 || after === undefined || sources !== 1) {
    terminal.stderr(HELP)
    return EXIT.usage
  }
  const lang = options.get('lang') ?? 'en'
  if (lang !== 'ja' && lang !== 'en') {
    terminal.stderr('sluice collateral: --lang wants one of en, ja\n')
    return EXIT.usage
  }
  const left = (seconds: number | null) => (seconds === null ? '?' : String(Math.ceil(seconds)))
  const html = options.get('html')
  return reporting(terminal, async () => {
    if (html !== undefined) assertWritable(html)
    const settings = settingsFrom(options)
    const sides = { before: await loadApplied(options.get('before') ?? 'enforcing'), after: await loadApplied(after) }
    // Over a store it is what enforces there that a domain's safeguard decides beside.
    const alone = { ...sides, after: beside(sides.before, sides.after) }
    const report =
      data === undefined
        ? await recorded()
        : await dataReport({
            ...{ ...alone, settings, folder: data, attacks: options.get('attacks') ?? null },
            ...{ family: options.get('family') ?? null, against: options.get('against') ?? null },
            progress: (share, seconds) => terminal.stderr(`\r${Math.round(100 * share)} %, ${left(seconds)} s left   `),
          })
    terminal.stderr('\r')
    if (html !== undefined) writeOut(html, collateralPage(report, lang))
    terminal.stdout(options.has('json') ? `${JSON.stringify(report)}\n` : collateralText(report, lang))
    return exitOf(report)

    async function recorded(): Promise<CollateralReport> {
      const progress = (job: string, { requestsDone, requests }: ReplayProgress, seconds: number | null) =>
        terminal.stderr(`\r${job}: ${requestsDone} of ${requests}, ${left(seconds)} s left   `)
      if (parquet !== undefined) return parquetReport(parquet, { ...alone, settings, progress })
      const days = Number(options.get('days') ?? 30)
      if (!(days > 0)) throw new SettingError('option_invalid', '--days: wanted a number above 0')
      const { id, report } = await storeReport({
        ...{ ...sides, settings, days, job: options.get('job') ?? null, progress },
        unreadable: (label, _, fault) => terminal.stderr(`sluice collateral: ${label} is left out: ${fault}\n`),
      })
      terminal.stderr(`\r${id} is kept; the console shows it under Collateral\n`)
      return report
    }
  })
}

/** An outcome as exit code: INCONCLUSIVE is no pass. */
export function exitOf({ outcome }: Pick<CollateralReport, 'outcome'>): number {
  return outcome === 'pass' ? EXIT.done : outcome === 'fail' ? EXIT.negative : EXIT.inconclusive
}
