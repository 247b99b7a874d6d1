import { recompute } from '../exchange/assessed.ts'
import {
  type CellState,
  type Prescription,
  prescribe,
  recordState,
  type SeverityRecord,
} from '../severity/prescribe.ts'
import type { Response, ResponseTable } from '../severity/response-table.ts'
import { type Band, bandOf } from '../severity/score.ts'
import { parseVector } from '../severity/vector.ts'
import type { Case, FiledAssessment, SignedOverride } from './case.ts'
import { isStale } from './evidence.ts'
import { holds, termsOf } from './override-terms.ts'

/** What the registry rests on that is configured, and not of a case. */
export interface RegistryRules {
  /** Name of this organisation among its partners. */
  readonly self: string
  readonly table: ResponseTable
  /** Pairs of organisations under common control. */
  readonly sameControl: readonly (readonly [string, string])[]
  /** Harm classes that take the mandatory route. */
  readonly statutoryHarms: readonly string[]
}

/** The number of a case, computed and never edited. All in tenths. */
export interface Headline {
  /** Null: uplift unknown, parties apart, nothing assessed, or statutory. */
  readonly tenths: number | null
  /** What it could at most be; the provisional upper bound where there is no number. */
  readonly upper: number
  readonly band: Band | null
  /** Null where there is no headline, or where nothing behind it was measured: it is asserted then. */
  readonly interval: readonly [low: number, high: number] | null
  /** Assessment whose vector and measurements stand behind it; null where a consensus of several does, or none. */
  readonly assessment: string | null
}

export interface CaseState {
  readonly cells: readonly CellState[]
  readonly headline: Headline
  readonly disputed: boolean
  /** A counting assessment rests on a panel older than 90 days. */
  readonly stale: boolean
  readonly prescription: Prescription
  /** What is to be done now: the prescribed action, or that of an override that holds. */
  readonly action: Response
  readonly override: SignedOverride | null
}

/** Everything that follows from a case. Pure and total. */
export function stateOf(one: Case, rules: RegistryRules, nowMs: number): CaseState {
  const record = severityRecord(one, rules)
  const { cells, tenths, upper } = recordState(record)
  const prescription = prescribe(record, rules.table)
  const override = one.overrides.findLast((each) => holds(each, nowMs)) ?? null
  const counting = new Set(cells.flatMap(({ cell }) => cell.counting.map(({ id }) => id)))
  return {
    cells,
    headline: headlineOf(one, cells, tenths, upper),
    disputed: cells.some(({ consensus }) => consensus.disputed) || record.openDispute,
    stale: one.assessments.some(({ id, panel }) => counting.has(id) && isStale(panel, nowMs)),
    prescription,
    action: override === null ? prescription.action : termsOf(override).action,
    override,
  }
}

export function severityRecord(one: Case, { sameControl }: RegistryRules): SeverityRecord {
  return {
    id: one.id,
    reportedAtMs: one.reportedAtMs,
    assessments: one.assessments.map((filed) => ({
      id: filed.id,
      party: filed.by,
      target: filed.target,
      harm: filed.harm,
      vector: parseVector(filed.vector),
      tasks: filed.measured?.uplift?.tasks ?? 0,
      panel: filed.panel === null ? null : { id: filed.panel.ref, atMs: filed.panel.atMs },
      atMs: filed.atMs,
    })),
    statutory: one.technique.statutory,
    openDispute: one.statements.some((each) => each.kind === 'dispute' && each.settledAtMs === null),
    parties: { sameControl },
    clocks: one.clocks.map(({ clock, sinceMs }) => ({ clock, sinceMs })),
  }
}

/** `[low, high]` in tenths of one assessment, as every partner recomputes it; null where nothing was measured. */
export function assessedInterval(filed: FiledAssessment): readonly [number, number] | null {
  const { by, harm, panel, vector, measured } = filed
  const derived = { score: null, interval: null, band: null, at: '' } as const
  const { uplift, reliability } = measured ?? { uplift: null, reliability: null }
  const found = recompute({ ...derived, by, harm, vector, uplift, reliability, panel: panel?.ref ?? null })
  // Both were checked when the assessment was filed.
  if (typeof found === 'string') throw new Error(`a filed assessment has a faulty ${found}`)
  return found.interval
}

function headlineOf(one: Case, cells: readonly CellState[], tenths: number | null, upper: number): Headline {
  if (one.technique.statutory || cells.length === 0)
    return { tenths: null, upper: one.technique.statutory ? 0 : 100, band: null, interval: null, assessment: null }
  if (tenths === null) return { tenths, upper, band: null, interval: [0, upper], assessment: soleOf(cells[0]) }
  // The cell that has the greatest number is what the headline is about.
  const top = cells.find(({ standing }) => standing.tenths === tenths)!
  const counting = one.assessments.filter(({ id }) => top.cell.counting.some((each) => each.id === id))
  const intervals = counting.map((filed) => assessedInterval(filed)).filter((one) => one !== null)
  return {
    ...{ tenths, upper, band: bandOf(tenths), assessment: soleOf(top) },
    // Of several parties the interval spans all of theirs: nobody's doubt is averaged away.
    interval:
      intervals.length === 0
        ? null
        : [Math.min(tenths, ...intervals.map(([low]) => low)), Math.max(tenths, ...intervals.map(([, high]) => high))],
  }
}

function soleOf(state: CellState | undefined): string | null {
  return state !== undefined && state.cell.counting.length === 1 ? state.cell.counting[0]!.id : null
}
