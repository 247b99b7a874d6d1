import { CodedError } from '../core/base/errors.ts'
import { burnDown, type DayRollup, type Estimate, type QualityLoss, usefulness } from '../core/safeguards/usefulness.ts'
import { loadConfig } from '../io/config/config.ts'
import { openStore } from '../io/store/open-store.ts'
import type { DayCount } from '../jobs/ports.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, table } from './command.ts'

class UsefulnessError extends CodedError<'option_invalid'> {}

const HELP = `sluice usefulness: what safeguards leave of ordinary use, over the last 30 days

  --days N            another stretch
  --by org|surface    worst hit first
  --quality V,LO,HI   share of quality that a diverted request loses, measured elsewhere
  --target SHARE --until YYYY-MM-DD   where false positives among reviewed interventions are to be
  --json

Exit code 4 when there was no traffic.
`
const DAY_MS = 86_400_000

/** `sluice usefulness`: retained share, friction per 1,000 sessions, false positives against a target. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, ['json', 'help'])
  if (options.has('help') || rest.length > 0) {
    terminal[options.has('help') ? 'stdout' : 'stderr'](HELP)
    return options.has('help') ? EXIT.done : EXIT.usage
  }
  return reporting(terminal, async () => {
    const days = Number(options.get('days') ?? 30)
    if (!(days > 0)) throw new UsefulnessError('option_invalid', '--days: wanted a number above 0')
    const by = options.get('by') ?? 'org'
    if (by !== 'org' && by !== 'surface') throw new UsefulnessError('option_invalid', '--by: wanted org or surface')
    const quality = qualityFrom(options.get('quality'))
    const target = targetFrom(options.get('target'), options.get('until'))
    const config = loadConfig(process.env, process.cwd())
    const store = await openStore(config.databaseUrl, config.dataFolder)
    let counts: readonly DayCount[]
    try {
      counts = await store.dayCounts(Date.now() - days * DAY_MS, Date.now() + 1, by)
    } finally {
      await store.close()
    }
    const rollups = counts.map(rollup)
    const rows = usefulness(rollups, quality)
    const down = target === null ? null : burnDown(rollups, target)
    if (options.has('json')) terminal.stdout(`${JSON.stringify({ days, by, rows, burnDown: down })}\n`)
    else {
      const head = [by, 'requests', 'retained share', 'weighted by quality', 'touched per 1,000 sessions']
      terminal.stdout(table([head, ...rows.map((row) => cells(row))]))
      if (down !== null)
        terminal.stdout(
          `\nfalse positives: ${down.state}, target ${percent(down.target.share)} by ${down.target.day}\n`,
        )
    }
    return rollups.length === 0 ? EXIT.inconclusive : EXIT.done
  })
}

function rollup({ startMs, name, requests, diverted, refused, sessions, touchedSessions }: DayCount): DayRollup {
  const day = new Date(startMs).toISOString().slice(0, 10)
  // What people said of decisions comes with their labels: none are counted here yet.
  return { day, segment: name, requests, diverted, refused, sessions, touchedSessions, reviewed: 0, falsePositives: 0 }
}

function cells({ segment, requests, retained, weighted, friction }: ReturnType<typeof usefulness>[number]): string[] {
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
  return `${(share * 100).toFixed(2)} %`
}

function qualityFrom(text: string | undefined): QualityLoss | null {
  if (text === undefined) return null
  const [value, lo, hi] = text.split(',').map(Number)
  if (!(lo! >= 0 && lo! <= value! && value! <= hi! && hi! <= 1))
    throw new UsefulnessError('option_invalid', '--quality: wanted value,lo,hi with 0 ≤ lo ≤ value ≤ hi ≤ 1')
  return { value: value!, lo: lo!, hi: hi! }
}

function targetFrom(share: string | undefined, day: string | undefined): { share: number; day: string } | null {
  if (share === undefined && day === undefined) return null
  const value = Number(share)
  if (!(value > 0 && value < 1) || day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day))
    throw new UsefulnessError('option_invalid', '--target SHARE --until YYYY-MM-DD: wanted both, the share below 1')
  return { share: value, day }
}
