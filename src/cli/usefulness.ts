import { CodedError } from '../core/base/errors.ts'
import { figures } from '../core/briefs/figures.ts'
import type { BurnDown, Estimate, QualityLoss, Usefulness } from '../core/safeguards/usefulness.ts'
import { loadConfig } from '../io/config/config.ts'
import { openStore } from '../io/store/open-store.ts'
import { USEFULNESS_BY, type UsefulnessReport, usefulnessReport } from '../jobs/usefulness-report.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'

class UsefulnessError extends CodedError<'option_invalid'> {}

const HELP = `sluice usefulness: what safeguards leave of ordinary use, over the last 30 days

  --days N            another stretch
  --by segment|org|surface   worst hit first
  --quality V,LO,HI   share of quality that a diverted request loses; else as the newest report measured it
  --target SHARE --until YYYY-MM-DD   where false positives among reviewed interventions are to be; else as configured
  --json

Exit code 4 when there was no traffic.
`

export const takes: Takes = {
  command: 'usefulness',
  flags: ['json'],
  values: ['days', 'by', 'quality', 'target', 'until'],
  page: HELP,
}

/** `sluice usefulness`: retained share, friction per 1,000 sessions, false positives against a target. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  if (rest.length > 0) {
    terminal.stderr(HELP)
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    const days = Number(options.get('days') ?? 30)
    if (!(days > 0)) throw new UsefulnessError('option_invalid', '--days: wanted a number above 0')
    const by = USEFULNESS_BY.find((one) => one === (options.get('by') ?? 'segment'))
    if (by === undefined) throw new UsefulnessError('option_invalid', '--by: wanted segment, org or surface')
    const quality = qualityFrom(options.get('quality'))
    const config = loadConfig(process.env, process.cwd())
    const target = targetFrom(options.get('target'), options.get('until')) ?? config.falsePositives
    const store = await openStore(config.databaseUrl, config.dataFolder)
    let report: UsefulnessReport
    try {
      report = await usefulnessReport({ days, by, quality, target }, store, Date.now())
    } finally {
      await store.close()
    }
    if (options.has('json')) terminal.stdout(`${JSON.stringify(report)}\n`)
    else terminal.stdout(text(report))
    return report.rows[0]!.requests === 0 ? EXIT.inconclusive : EXIT.done
  })
}

function text({ by, rows, reviewed, burnDown, quality }: UsefulnessReport): string {
  const head = [by, 'requests', 'retained share', 'weighted by quality', 'touched per 1,000 sessions']
  const source = quality === null ? '' : `quality lost per diverted request: ${quality.source}\n`
  const said = `reviewed: ${reviewed.reviewed} of ${reviewed.interventions} interventions, ${reviewed.falsePositives} legitimate\n`
  return `${table([head, ...rows.map((row) => cells(row))])}\n${source}${said}${burnDown === null ? '' : burnDownText(burnDown)}`
}

function burnDownText({ state, target, days, projected }: BurnDown): string {
  const line = projected === null ? '' : `, ${percent(projected)} by then as it goes`
  const head = `false positives: ${state}, target ${percent(target.share)} by ${target.day}${line}\n`
  const rows = days.map(({ day, n, value, lo, hi }) => [
    ...[day, String(n), `${percent(value)} (${percent(lo)} to ${percent(hi)})`],
  ])
  return rows.length === 0 ? head : `${head}${table([['day', 'reviewed', 'legitimate'], ...rows])}`
}

function cells({ segment, requests, retained, weighted, friction }: Usefulness): string[] {
  const shown = (one: Estimate | null, text: (value: number) => string, none: string) =>
    one === null ? none : `${text(one.value)} (${text(one.lo)} to ${text(one.hi)})`
  const rate = (value: number) => value.toFixed(1)
  return [
    segment,
    String(requests),
    shown(retained, percent, '–'),
    shown(weighted, percent, 'not measured'),
    shown(friction, rate, '–'),
  ]
}

function percent(share: number): string {
  return figures('en').percent(share, 2)
}

function qualityFrom(text: string | undefined): QualityLoss | null {
  if (text === undefined) return null
  const [value, lo, hi] = text.split(',').map(Number)
  if (!(lo! >= 0 && lo! <= value! && value! <= hi! && hi! <= 1))
    throw new UsefulnessError('option_invalid', '--quality: wanted value,lo,hi with 0 ≤ lo ≤ value ≤ hi ≤ 1')
  return { value: value!, lo: lo!, hi: hi! }
}

function isDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

function targetFrom(share: string | undefined, day: string | undefined): { share: number; day: string } | null {
  if (share === undefined && day === undefined) return null
  const value = Number(share)
  if (!(value > 0 && value < 1) || day === undefined || !isDay(day))
    throw new UsefulnessError(
      'option_invalid',
      '--target SHARE --until YYYY-MM-DD: wanted both, the share below 1, and a day of the calendar',
    )
  return { share: value, day }
}
