import { clopperPearson } from '../../base/intervals.ts'
import { type Cell, type Counted, cellsOf, type Grid } from './counted.ts'
import type { Figure, QueryName, Section } from './queries.ts'
import { FEWEST } from './suppress.ts'
import type { Tally } from './tally.ts'

/** Checkpoints that were kept and end in what the report is of. */
export interface KeptCheckpoints {
  readonly kept: number
  readonly unwitnessed: number
}

/** A number before it is tied to a checkpoint. */
type Made = Omit<Figure, 'checkpoint'>

const ACTIONS = ['allow', 'flag', 'fall_back', 'require_trust', 'refuse'] as const
const LABELS = ['harmful', 'benign', 'borderline-benign', 'unsure'] as const
const BANDS = ['Critical', 'High', 'Medium', 'Low', 'Info', 'unrated'] as const
const GRADES = ['A', 'B', 'C', 'D', 'none'] as const

/** All numbers of a report, in the order in which they are read; small ones are hidden here, and nowhere later. */
export function figuresOf(tally: Tally, kept: KeptCheckpoints): readonly Made[] {
  return [
    ...requests(tally),
    ...appeals(tally),
    ...labels(tally),
    ...reports(tally),
    ...(['grant', 'delegation', 'revocation'] as const).map((kind) =>
      single('trust', `trust.${kind}s`, 'entries', tally.kinds.get(kind) ?? 0),
    ),
    ...authority(tally),
    ...duty(tally),
    ...gaps(tally, kept),
  ]
}

function requests({ actions, would, requests: total, modelRefusals, uncheckedRequests }: Tally): readonly Made[] {
  const about = { section: 'requests', unit: 'requests' } as const
  const parts = partsOf(ACTIONS, would)
  const split = { name: 'requests.would', parts, likeColumns: true }
  return [
    ...counted(about, 'requests.actions', { grid: gridOf(actions, ACTIONS), splits: [split], total }),
    { ...EMPTY, section: 'requests', query: 'requests.sessions', unit: 'sessions', state: 'unknown' },
    { ...EMPTY, section: 'requests', query: 'requests.retained', unit: 'ppm', state: 'unknown' },
    single('requests', 'requests.unchecked', 'requests', uncheckedRequests),
    single('requests', 'requests.model_refusals', 'requests', modelRefusals),
  ]
}

function appeals({ filed, withdrawn, outcomes, decideHours }: Tally): readonly Made[] {
  const parts = partsOf(['upheld', 'overturned'], outcomes)
  const total = [...outcomes.values()].reduce((sum, n) => sum + n, 0)
  const table = { grid: null, splits: [{ name: 'appeals.decided', parts }], total }
  return [
    single('appeals', 'appeals.filed', 'appeals', filed),
    single('appeals', 'appeals.withdrawn', 'appeals', withdrawn),
    ...counted({ section: 'appeals', unit: 'appeals' }, 'appeals.decided', table),
    ...spans('appeals', 'appeals.hours', decideHours),
  ]
}

function labels({ labels: rows, revokedLabels }: Tally): readonly Made[] {
  const total = totalOf(rows)
  const grid = gridOf(rows, ['acted', 'allowed'], LABELS)
  const cells = counted({ section: 'labels', unit: 'decisions' }, 'labels.decisions', { grid, splits: [], total })
  const made = cells.find(({ row, column }) => row === null && column === 'acted')
  const harmless = ['benign', 'borderline-benign'].map((label) =>
    cells.find(({ row, column }) => row === label && column === 'acted'),
  )
  const k = harmless.reduce((sum, one) => sum + (one?.value ?? 0), 0)
  // A label that nobody gave has no row and is 0; one that is hidden hides the share as well.
  const hidden = [...harmless, made].find((one) => one !== undefined && one.state !== 'shown')
  const about = { ...EMPTY, section: 'labels', query: 'labels.false_positives', unit: 'ppm' } as const
  const n = made?.value ?? 0
  const share: Made =
    made === undefined || made.state === 'none'
      ? { ...about, state: 'none' }
      : hidden !== undefined
        ? { ...about, state: 'withheld' }
        : { ...about, state: 'shown', value: ppm(k, n), interval_ppm: interval(k, n) }
  return [...cells, share, single('labels', 'labels.revoked', 'labels', revokedLabels)]
}

function reports({ reports: rows, received, acknowledgeHours, reproduceHours }: Tally): readonly Made[] {
  const split = (name: string, done: string, n: number) => ({
    name,
    parts: partsOf([done], new Map(Object.entries({ [done]: n, 'not yet': received - n }))),
  })
  const table = {
    grid: gridOf(rows, GRADES, BANDS),
    splits: [
      split('reports.acknowledged', 'acknowledged', acknowledgeHours.length),
      split('reports.reproduced', 'begun', reproduceHours.length),
    ],
    total: received,
  }
  return [
    ...counted({ section: 'reports', unit: 'reports' }, 'reports.received', table),
    ...spans('reports', 'reports.acknowledge_hours', acknowledgeHours),
    ...spans('reports', 'reports.reproduce_hours', reproduceHours),
  ]
}

function authority({ instruments }: Tally): readonly Made[] {
  const about = { section: 'authority', query: 'authority.instruments', unit: 'entries' } as const
  if (instruments.size === 0) return [{ ...EMPTY, ...about, state: 'none' }]
  return [...instruments]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, n]) => ({ ...single('authority', 'authority.instruments', 'entries', n), row: type }))
}

/** Of the instance and not of its callers: told exactly, however few. */
function duty({ drills }: Tally): readonly Made[] {
  if (drills.length === 0) return [{ ...EMPTY, section: 'duty', query: 'duty.drills', unit: 'entries', state: 'none' }]
  const results = [...new Set(drills.map(({ result }) => result))].sort()
  const times = drills.map(({ ms }) => ms).sort((a, b) => a - b)
  return [
    ...results.map((row) => ({
      ...exact('duty', 'duty.drills', 'entries', drills.filter(({ result }) => result === row).length),
      row,
    })),
    { ...exact('duty', 'duty.median_ms', 'ms', quantile(times, 0.5)) },
  ]
}

function gaps({ listed, lateRollups, erasures }: Tally, { kept, unwitnessed }: KeptCheckpoints): readonly Made[] {
  const alarms = new Map<string, number>()
  for (const { kind, facts } of listed)
    if (kind === 'alarm') alarms.set(String(facts.code), (alarms.get(String(facts.code)) ?? 0) + 1)
  const codes = [...alarms].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    exact('gaps', 'gaps.kept_checkpoints', 'checkpoints', kept),
    exact('gaps', 'gaps.unwitnessed_checkpoints', 'checkpoints', unwitnessed),
    exact('gaps', 'gaps.late_rollups', 'entries', lateRollups),
    ...(codes.length === 0
      ? [{ ...EMPTY, section: 'gaps', query: 'gaps.alarms', unit: 'entries', state: 'none' } as const]
      : codes.map(([row, n]) => ({ ...exact('gaps', 'gaps.alarms', 'entries', n), row }))),
    single('gaps', 'gaps.erasures', 'entries', erasures),
  ]
}

const EMPTY = { row: null, column: null, value: null, share_ppm: null, interval_ppm: null } as const

/** A count that is no part of another one. */
function single(section: Section, query: QueryName, unit: Figure['unit'], value: number): Made {
  const about = { ...EMPTY, section, query, unit }
  if (value === 0) return { ...about, state: 'none' }
  return value < FEWEST ? { ...about, state: 'small' } : { ...about, state: 'shown', value }
}

function exact(section: Section, query: QueryName, unit: Figure['unit'], value: number): Made {
  return { ...EMPTY, section, query, unit, state: 'shown', value }
}

/** Median and ninetieth percentile of hours, where there are enough to tell. */
function spans(section: Section, query: QueryName, hours: readonly number[]): readonly Made[] {
  const about = { ...EMPTY, section, query, unit: 'hours' } as const
  if (hours.length === 0) return [{ ...about, state: 'none' }]
  const of = (column: string, share: number): Made =>
    hours.length < FEWEST
      ? { ...about, column, state: 'withheld' }
      : { ...about, column, state: 'shown', value: Math.round(quantile(hours, share) * 10) / 10 }
  return [of('median', 0.5), of('p90', 0.9)]
}

function counted(about: { section: Section; unit: Figure['unit'] }, query: QueryName, table: Counted): readonly Made[] {
  if (table.total === 0) return [{ ...EMPTY, ...about, query, state: 'none' }]
  const cells = cellsOf(table)
  const total = cells.find(({ split, row, column }) => split === null && row === null && column === null)!
  return cells.map(({ split, row, column, value, mark }: Cell) => ({
    ...EMPTY,
    ...about,
    ...{ query: (split ?? query) as QueryName, row, column, state: mark },
    value: mark === 'shown' ? value : null,
    share_ppm: mark === 'shown' && total.mark === 'shown' ? ppm(value, total.value) : null,
  }))
}

/** Rows and columns that have something, known ones first: nothing at all is no small count, and said by leaving it out. */
function gridOf(
  counts: Grid,
  known: readonly string[],
  knownRows: readonly string[] = [],
): NonNullable<Counted['grid']> {
  const some = (values: Iterable<number>) => [...values].some((n) => n > 0)
  const all = [...counts.values()]
  const columns = ordered(known, new Map(all.flatMap((row) => [...row])))
  return {
    rows: ordered(knownRows, counts).filter((row) => some(counts.get(row)?.values() ?? [])),
    columns: columns.filter((column) => some(all.map((row) => row.get(column) ?? 0))),
    counts,
  }
}

/** What a total splits into, as far as there is something. */
function partsOf(known: readonly string[], counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const names = ordered(known, counts).filter((name) => (counts.get(name) ?? 0) > 0)
  return Object.fromEntries(names.map((name) => [name, counts.get(name)!]))
}

function ordered(known: readonly string[], found: ReadonlyMap<string, unknown>): readonly string[] {
  return [...known, ...[...found.keys()].filter((name) => !known.includes(name)).sort()]
}

function totalOf(rows: Grid): number {
  return [...rows.values()].flatMap((row) => [...row.values()]).reduce((sum, n) => sum + n, 0)
}

/** The value below which a share lies, the middle of two for the median of an even number. Wants ascending values. */
function quantile(values: readonly number[], share: number): number {
  const at = share * (values.length - 1)
  const [low, high] = [values[Math.floor(at)]!, values[Math.ceil(at)]!]
  return low + (high - low) * (at - Math.floor(at))
}

function ppm(k: number, n: number): number {
  return n === 0 ? 0 : Math.round((k / n) * 1_000_000)
}

function interval(k: number, n: number): readonly [number, number] {
  const { lo, hi } = clopperPearson(k, n, 0.95)
  return [Math.floor(lo * 1_000_000), Math.ceil(hi * 1_000_000)]
}
