import { type Assessment, type Cell, cellsOf, greatest, type Standing } from './cells.ts'
import { type Consensus, cellStanding, consensusOf, type Parties } from './consensus.ts'
import type { Level } from './levels.ts'
import {
  CONTAINMENTS,
  EVIDENCE,
  RESPONSE_TABLE,
  RESPONSES,
  type Response,
  type ResponseRow,
  type ResponseTable,
} from './response-table.ts'
import { type Band, bandOf } from './score.ts'

/** What is known of one technique. */
export interface SeverityRecord {
  readonly id: string
  /** When the report came: all deadlines run from here. */
  readonly reportedAtMs: number
  readonly assessments: readonly Assessment[]
  /** Its class is fixed by law: it is not scored and takes the mandatory route. */
  readonly statutory: boolean
  readonly openDispute: boolean
  readonly parties: Parties
  /** Laws' clocks that run, each by its name in the table and from its own moment. Unknown names stay visible. */
  readonly clocks: readonly { readonly clock: string; readonly sinceMs: number }[]
}

/** One cell as it counts. */
export interface CellState {
  readonly cell: Cell
  readonly consensus: Consensus
  readonly standing: Standing
}

/** Cells of a record and its headline, the greatest of them. A statutory record has neither number nor cells. */
export function recordState(record: SeverityRecord): { readonly cells: readonly CellState[] } & Standing {
  if (record.statutory) return { cells: [], tenths: null, upper: 0 }
  const cells = cellsOf(record.assessments).map((cell) => {
    const consensus = consensusOf(cell, record.openDispute, record.parties)
    return { cell, consensus, standing: cellStanding(cell, consensus) }
  })
  return { cells, ...greatest(cells.map(({ standing }) => standing)) }
}

export type Forbidden = 'class_wide_block'
/** What is offered in place of a block on the whole form. */
export const INSTEAD = ['trusted_access', 'monitoring', 'output_check', 'per_artefact_block'] as const

/** Why a cell gets its row. Codes and facts; the sentences are the catalogue's. */
export interface Why {
  readonly target: string
  readonly harm: string
  readonly band: Band
  readonly grade: Level<'CF'>
  readonly tenths: number | null
  readonly upper: number
  readonly because: 'statutory' | 'scored' | 'uplift_unknown' | 'disputed' | 'nothing_assessed'
  readonly action: Response
}

export interface Prescription {
  readonly action: Response
  /** Absolute; null where nothing of that kind is asked. */
  readonly deadline: {
    readonly vendorAtMs: number | null
    readonly reproduceAtMs: number | null
    readonly containAtMs: number | null
    readonly fixAtMs: number | null
  }
  readonly authorities: readonly {
    readonly clock: string
    readonly law: string | null
    readonly clause: string | null
    readonly atMs: number | null
  }[]
  readonly tellAuthorities: boolean
  /** What must not be the first response; `instead` is then offered. */
  readonly forbidden: readonly Forbidden[]
  readonly instead: readonly (typeof INSTEAD)[number][]
  /** Widening a classifier for this needs a collateral report: before, or in an emergency within so many hours. */
  readonly collateral: { readonly normal: 'before'; readonly emergencyH: number }
  /** One entry per cell, the one that decided first. */
  readonly why: readonly Why[]
}

/**
 * What the rules prescribe for a record. Pure and total; the computed number is never edited, so whoever wants another
 * action signs an override. Of several cells the strictest action counts, and of every deadline the earliest.
 */
export function prescribe(record: SeverityRecord, table: ResponseTable = RESPONSE_TABLE): Prescription {
  const { cells } = recordState(record)
  const rows = record.statutory
    ? [mandatory]
    : cells.length === 0
      ? [unassessed(table)]
      : cells.map((state) => rowOf(state, table))
  const strictest = rows.toSorted((a, b) => RESPONSES.indexOf(b.row.action) - RESPONSES.indexOf(a.row.action))
  const earliest = (hours: (row: ResponseRow) => number | null) => {
    const all = rows.flatMap(({ row }) => hours(row) ?? [])
    return all.length === 0 ? null : record.reportedAtMs + Math.min(...all) * HOUR_MS
  }
  const dominant = cells.some(({ cell }) => cell.counting.some(({ vector }) => vector.LG === 'D'))
  return {
    action: strictest[0]!.row.action,
    deadline: {
      vendorAtMs: earliest((row) => row.vendorH),
      reproduceAtMs: earliest((row) => row.reproduceH),
      containAtMs: earliest((row) => row.containH),
      fixAtMs: earliest((row) => row.fixH),
    },
    authorities: record.clocks.map(({ clock, sinceMs }) => {
      const known = Object.hasOwn(table.clocks, clock) ? table.clocks[clock]! : null
      return {
        clock,
        law: known?.law ?? null,
        clause: known?.clause ?? null,
        atMs: known === null ? null : sinceMs + known.withinH * HOUR_MS,
      }
    }),
    tellAuthorities: record.statutory || rows.some(({ row }) => row.authorities),
    forbidden: dominant ? ['class_wide_block'] : [],
    instead: dominant ? INSTEAD : [],
    collateral: { normal: 'before', emergencyH: table.collateralH },
    why: strictest.map(({ why, row }) => ({ ...why, action: row.action })),
  }
}

const HOUR_MS = 3_600_000

interface Row {
  readonly row: ResponseRow
  readonly why: Omit<Why, 'action'>
}

const nothing = { vendorH: null, reproduceH: null, containH: null, fixH: null, authorities: false } as const
const nowhere = { target: '', harm: '', band: 'Info', grade: 'D', tenths: null, upper: 0 } as const
const mandatory: Row = { row: { ...nothing, action: 'mandatory_route' }, why: { ...nowhere, because: 'statutory' } }

/** A report without a vector has no harm class yet: the first thing is to ask. */
function unassessed(table: ResponseTable): Row {
  return { row: table.rows.Info.word, why: { ...nowhere, because: 'nothing_assessed' } }
}

function rowOf({ cell, consensus, standing }: CellState, table: ResponseTable): Row {
  const { tenths, upper } = standing
  const band = bandOf(tenths ?? upper)
  const grade = consensus.vector.CF
  const because = tenths !== null ? 'scored' : consensus.disputed ? 'disputed' : 'uplift_unknown'
  const row = table.rows[band][EVIDENCE[grade]]
  const why = { target: cell.target, harm: cell.harm, band, grade, tenths, upper, because } as const
  return { row: tenths === null && band !== 'Critical' ? reproducing(row, band, table) : row, why }
}

/** Without a number and below Critical only reproduction is permitted; asking for artefacts comes before it. */
function reproducing(row: ResponseRow, band: Band, table: ResponseTable): ResponseRow {
  if (row.action === 'ask_artefacts' || row.action === 'reproduce') return row
  const reproduceH = table.rows[band].artefacts.reproduceH ?? table.reproduceUnknownH
  return { ...nothing, action: 'reproduce', reproduceH }
}

/** True when a response limits what is served. */
export function isContainment(response: Response): boolean {
  return CONTAINMENTS.has(response)
}
