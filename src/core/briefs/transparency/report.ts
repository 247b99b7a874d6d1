import { clopperPearson } from '../../base/intervals.ts'
import type { EntryKind } from '../../record/entry-kinds.ts'
import { type Cell, type Counted, cellsOf, type Grid } from './counted.ts'
import type { Month } from './month.ts'
import { FEWEST } from './suppress.ts'
import type { Listed, MonthTally, Tally } from './tally.ts'

/** Parts of the report, in the order in which it is read. */
export const SECTIONS = ['requests', 'appeals', 'labels', 'reports', 'trust', 'authority', 'duty', 'gaps'] as const
export type Section = (typeof SECTIONS)[number]

/**
 * Names of queries, each with the kinds of entries that it reads and what it does with them. `null`: the record carries
 * nothing from which it could be counted.
 */
export const QUERIES = {
  'requests.actions': [['rollup'], 'sum of d.actions by d.segment; minutes (d.from) of the month'],
  'requests.would': [['rollup'], 'sum of d.would; minutes (d.from) of the month'],
  'requests.sessions': [null, 'the record carries no sessions'],
  'requests.retained': [null, 'the record does not say which requests were legitimate'],
  'requests.model_refusals': [['model_refusal'], 'count'],
  'requests.unchecked': [['decision'], 'count where d.unavailable is not empty; decisions with an entry of their own'],
  'appeals.filed': [['appeal'], 'count where d.move = file'],
  'appeals.withdrawn': [['appeal'], 'count where d.move = withdraw'],
  'appeals.decided': [['appeal'], 'count by d.outcome where d.move = decide'],
  'appeals.hours': [
    ['appeal'],
    'hours from d.move = file to d.move = decide of the same d.appeal, decided in the month',
  ],
  'labels.decisions': [
    ['label', 'decision'],
    'last label of each d.decision in the month by whether that was more than allowed',
  ],
  'labels.false_positives': [
    ['label', 'decision'],
    'share of labelled decisions that were more than allowed and are benign or borderline-benign',
  ],
  'labels.revoked': [['label'], 'count where d.outcome = revoked'],
  'reports.received': [
    ['report', 'assessment'],
    'entries with d.kind = intake by band and evidence grade (CF) of the last d.vector',
  ],
  'reports.acknowledged': [['report'], 'reports received, by whether d.kind = acknowledge followed in the month'],
  'reports.acknowledge_hours': [['report'], 'hours from d.kind = intake to d.kind = acknowledge'],
  'reports.reproduced': [['report'], 'reports received, by whether d.kind = reproduce followed in the month'],
  'reports.reproduce_hours': [
    ['report'],
    'hours from d.kind = intake to d.kind = reproduce, the start of the reproduction',
  ],
  'trust.grants': [['grant'], 'count'],
  'trust.delegations': [['delegation'], 'count'],
  'trust.revocations': [['revocation'], 'count'],
  'authority.instruments': [['instrument'], 'count by d.type'],
  'duty.drills': [['drill'], 'count by d.result'],
  'duty.median_ms': [['drill'], 'median of d.ms'],
  'gaps.alarms': [['alarm'], 'count by d.code'],
  'gaps.kept_checkpoints': [[], 'checkpoints kept whose last entry is of this report'],
  'gaps.unwitnessed_checkpoints': [[], 'of these, without a cosignature of a witness of log.policy'],
  'gaps.late_rollups': [['rollup'], 'count where the month of d.from was settled before'],
  'gaps.erasures': [['key'], 'count where d.purpose = erasure'],
} as const satisfies Readonly<Record<string, readonly [readonly EntryKind[] | null, string]>>
export type QueryName = keyof typeof QUERIES

/** Why a number stands there or does not. `none`: no entry of these kinds. `unknown`: the record cannot tell. */
export type FigureState = 'shown' | 'small' | 'withheld' | 'none' | 'unknown'

/** One number with where it came from. Shares are in parts per million, all other numbers in `unit`. */
export interface Figure {
  readonly section: Section
  readonly query: QueryName
  /** Null: over all. */
  readonly row: string | null
  readonly column: string | null
  readonly unit:
    | 'requests'
    | 'appeals'
    | 'decisions'
    | 'labels'
    | 'reports'
    | 'entries'
    | 'checkpoints'
    | 'hours'
    | 'ms'
    | 'ppm'
    | 'sessions'
  readonly state: FigureState
  /** Null unless `shown`. */
  readonly value: number | null
  /** Share of the total that it is of; null where one of the two is hidden. */
  readonly share_ppm: number | null
  /** Exact interval at 95 %, where the number is a measured share. */
  readonly interval_ppm: readonly [number, number] | null
  /** Size of the tree that the number is proven by. */
  readonly checkpoint: number
}

/** The tree of which every number is a function: what a checkpoint of this size says. */
export interface ProvenBy {
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

export interface TransparencyReport {
  readonly v: 1
  readonly type: 'transparency'
  readonly month: string
  readonly from: string
  readonly until: string
  /** False until the record goes on for a day after the month: numbers may still grow. */
  readonly complete: boolean
  /** Up to when the record told of it. */
  readonly known_until: string | null
  readonly checkpoint: ProvenBy
  /** First entry of the month, and one past the last that was read. */
  readonly entries: {
    readonly first: number | null
    readonly end: number
    readonly by_kind: Readonly<Record<string, number>>
  }
  readonly fewest: number
  readonly queries: Readonly<Record<string, Query>>
  readonly figures: readonly Figure[]
  readonly releases: readonly Listed[]
  readonly acts: readonly Listed[]
  readonly alarms: readonly Listed[]
  readonly corrections: readonly Listed[]
}

export interface Query {
  readonly kinds: readonly EntryKind[] | null
  readonly how: string
  readonly from: string
  readonly until: string
  readonly checkpoint: number
}

/** Checkpoints that were kept and end in what the report is of. */
export interface KeptCheckpoints {
  readonly kept: number
  readonly unwitnessed: number
}

/**
 * The report of a month: a function of the entries and the checkpoints kept, with no clock, so that it is the same
 * whenever it is made again.
 */
export function transparencyReport(
  month: Month,
  tally: MonthTally,
  by: ProvenBy,
  kept: KeptCheckpoints,
): TransparencyReport {
  const { first, end, newest } = tally
  const of = (...kinds: readonly Listed['kind'][]) => tally.listed.filter(({ kind }) => kinds.includes(kind))
  const range = { from: month.from, until: month.until, checkpoint: by.size }
  return {
    ...{ v: 1, type: 'transparency', month: month.name, from: month.from, until: month.until },
    complete: tally.settled,
    known_until: newest,
    checkpoint: by,
    entries: { first, end, by_kind: Object.fromEntries([...tally.kinds].sort(([a], [b]) => (a < b ? -1 : 1))) },
    fewest: FEWEST,
    queries: Object.fromEntries(
      Object.entries(QUERIES).map(([name, [kinds, how]]) => [name, { kinds, how, ...range }]),
    ),
    figures: figuresOf(tally, kept).map((figure) => ({ ...figure, checkpoint: by.size })),
    releases: of('safeguard'),
    acts: of('availability', 'authority'),
    alarms: of('alarm'),
    corrections: of('correction'),
  }
}

type Made = Omit<Figure, 'checkpoint'>

const ACTIONS = ['allow', 'flag', 'fall_back', 'require_trust', 'refuse'] as const
const LABELS = ['harmful', 'benign', 'borderline-benign', 'unsure'] as const
const BANDS = ['Critical', 'High', 'Medium', 'Low', 'Info', 'unrated'] as const
const GRADES = ['A', 'B', 'C', 'D', 'none'] as const

function figuresOf(tally: Tally, kept: KeptCheckpoints): readonly Made[] {
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
  const parts = Object.fromEntries(ordered(ACTIONS, would).map((action) => [action, would.get(action) ?? 0]))
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
  const parts = Object.fromEntries(
    ordered(['upheld', 'overturned'], outcomes).map((one) => [one, outcomes.get(one) ?? 0]),
  )
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
  const split = (name: string, done: string, n: number) => ({ name, parts: { [done]: n, 'not yet': received - n } })
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

/** Rows that have something, known ones first; columns of the closed list, and what else was found. */
function gridOf(
  counts: Grid,
  known: readonly string[],
  knownRows: readonly string[] = [],
): NonNullable<Counted['grid']> {
  const columns = ordered(known, new Map([...counts.values()].flatMap((row) => [...row])))
  const rows = ordered(knownRows, counts).filter((row) => counts.has(row))
  return { rows, columns, counts }
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
