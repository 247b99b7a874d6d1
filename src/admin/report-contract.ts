/** JSON of the admin API about jailbreak reports and the duty desk. Times are milliseconds since 1970, UTC. */
import type { MayBrief } from '../core/jailbreaks/exchange/may-brief.ts'
import type { Case, CaseEvent, CaseStatement, FiledAssessment, Stage } from '../core/jailbreaks/registry/case.ts'
import type { Clock } from '../core/jailbreaks/registry/clocks.ts'
import type { DrillResult, OnDuty } from '../core/jailbreaks/registry/duty.ts'
import type { Adjustment } from '../core/jailbreaks/registry/intake.ts'
import type { Precedent } from '../core/jailbreaks/registry/precedents.ts'
import type { Headline } from '../core/jailbreaks/registry/standing.ts'
import type { Prescription } from '../core/jailbreaks/severity/prescribe.ts'
import type { Response } from '../core/jailbreaks/severity/response-table.ts'
import type { PublishedObject, RosterRow } from '../jobs/registry-ports.ts'

/** One line of GET /api/reports. */
export interface ReportRow {
  readonly id: string
  readonly stage: Stage
  readonly summary: Case['summary']
  readonly reporter: string
  readonly technique: string
  readonly statutory: boolean
  readonly harm: string
  readonly tlp: string
  readonly reportedAtMs: number
  readonly headline: Headline
  /** Best evidence grade of what counts; null where nothing is assessed. */
  readonly grade: string | null
  readonly disputed: boolean
  /** A panel older than 90 days. */
  readonly stale: boolean
  readonly action: Response
  /** The rules were set aside by two people, for a time. */
  readonly overridden: boolean
  /** The clock that is due first of those that run or are overdue. */
  readonly clock: Clock | null
  readonly reply: ReplyState
  readonly withdrawn: Case['withdrawn']
}

/** The vendor's right of reply, wherever a report is shown. */
export interface ReplyState {
  readonly vendor: string | null
  readonly offeredAtMs: number | null
  readonly untilMs: number | null
  /** Newest first. */
  readonly replies: readonly Extract<CaseStatement, { kind: 'reply' }>[]
}

/** GET /api/reports */
export interface ReportList {
  readonly nowMs: number
  /** Newest first. */
  readonly items: readonly ReportRow[]
}

/** One cell: target system × harm class, with every party's word. */
export interface ReportCell {
  readonly target: string
  readonly harm: string
  /** What the parties say together, as a vector. */
  readonly consensus: string
  readonly tenths: number | null
  readonly upper: number
  readonly apart: readonly ('UP' | 'HD')[]
  readonly disputed: boolean
  readonly assessments: readonly (FiledAssessment & {
    /** Id of the one that took its place; null: it counts. */
    readonly supersededBy: string | null
    readonly tenths: number | null
    /** Null where the number is asserted and nothing of it was measured. */
    readonly interval: readonly [number, number] | null
    readonly stale: boolean
  })[]
}

/** GET /api/reports/{id} */
export interface ReportDetail {
  readonly nowMs: number
  readonly row: ReportRow
  readonly case: Case
  readonly cells: readonly ReportCell[]
  readonly prescription: Prescription
  readonly clocks: readonly Clock[]
  /** Acts that move the case from where it stands. */
  readonly open: readonly string[]
  readonly mayBrief: MayBrief
  /** Oldest first. */
  readonly history: readonly CaseEvent[]
  readonly published: readonly Omit<PublishedObject, 'text'>[]
}

/** POST /api/reports */
export interface ReportTaken {
  readonly report: ReportDetail
  readonly adjustments: readonly Adjustment[]
}

/** GET /api/reports/{id}/precedents */
export interface PrecedentList {
  readonly weights: Readonly<Record<'technique' | 'vector' | 'model', number>>
  readonly items: readonly (Precedent & { readonly row: ReportRow })[]
}

/** GET /api/duty */
export interface DutyDetail {
  readonly nowMs: number
  readonly onDuty: OnDuty | null
  readonly roster: RosterRow | null
  /** Newest first. */
  readonly drills: readonly DrillResult[]
  readonly summary: {
    readonly drills: number
    readonly met: number
    readonly medianMs: number | null
    readonly nextDueMs: number | null
  }
}

/** GET /api/people: who may sign, and with which keys. */
export interface PeopleList {
  readonly nowMs: number
  readonly items: readonly {
    readonly id: string
    readonly name: string
    readonly keys: readonly { readonly id: string; readonly fromMs: number; readonly untilMs: number }[]
  }[]
}
