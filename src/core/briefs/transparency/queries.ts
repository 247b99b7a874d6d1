import type { EntryKind } from '../../record/entry-kinds.ts'

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
