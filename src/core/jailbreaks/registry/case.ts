import type { Affected, Artefact, ModelName, Reference, Reliability, Technique, Uplift } from '../exchange/record.ts'
import type { Tlp } from '../exchange/tlp.ts'
import type { SameResult } from '../reproduction/result.ts'
import type { Response } from '../severity/response-table.ts'

/** Where a case stands. `disputed` is no stage: it is said beside one. */
export const STAGES = [
  'received',
  'acknowledged',
  'triage',
  'reproducing',
  'assessed',
  'recorded',
  'scheduled',
  'contained',
  'fixed',
  'published',
  'withdrawn',
] as const
export type Stage = (typeof STAGES)[number]

/** A text of a person in one language or both; which one is missing is visible. */
export interface SaidText {
  readonly en?: string
  readonly ja?: string
}

/** One cell of the reproduction matrix. */
export interface Solved {
  readonly solved: number
  readonly tasks: number
}

/** One member of the panel, or the target, in its three arms; an arm that was not run is null. */
export interface MatrixRow {
  readonly member: string
  /** Only a baseline is compared with; the technique on another model is transfer. */
  readonly countsAs: 'target' | 'baseline'
  readonly plain: Solved | null
  /** With techniques that were public before. */
  readonly public: Solved | null
  readonly technique: Solved | null
  /** The technique on the target against this member's best way without it; left out where they were not compared. */
  readonly same?: SameAs
}

/** Whether a member gives the same result, by the rule of the reproduction that said so. */
export interface SameAs {
  readonly verdict: SameResult
  /** Technique minus the member, of the share solved, with its 95 % interval. */
  readonly value: number
  readonly lo: number
  readonly hi: number
  /** Paired tasks that would be enough to say `same`. */
  readonly needed: number
}

/** What a reproduction measured, as far as it travels: counts, shares and intervals. */
export interface Measured {
  readonly uplift: Uplift | null
  readonly reliability: Reliability | null
  readonly firstOfItsKind: boolean
  /** Other available models with the same result, of how many asked. */
  readonly others: { readonly same: number; readonly asked: number } | null
  readonly matrix: readonly MatrixRow[]
}

/** One party's word on one target system and harm class. Never edited: a later one may take its place. */
export interface FiledAssessment {
  /** Within the case: `A1`, `A2`. */
  readonly id: string
  /** Organisation. */
  readonly by: string
  /** Who filed it here. */
  readonly person: string
  readonly atMs: number
  readonly target: string
  readonly harm: string
  readonly panel: { readonly ref: string; readonly atMs: number } | null
  /** In its one written form. */
  readonly vector: string
  readonly measured: Measured | null
}

interface Said<Kind extends string> {
  /** Within the case: `S1`, `S2`. */
  readonly id: string
  readonly kind: Kind
  /** Organisation that says it. */
  readonly by: string
  readonly person: string
  readonly atMs: number
}

/** What organisations say about a case. Replies are shown wherever the case is. */
export type CaseStatement =
  | (Said<'reply'> & { readonly text: SaidText; readonly status: string | null; readonly evidence: readonly string[] })
  | (Said<'dispute'> & {
      readonly claim: string
      readonly reason: string
      readonly evidence: readonly string[]
      readonly settledAtMs: number | null
    })
  | (Said<'correction'> & {
      readonly claim: string
      readonly wrong: string
      readonly right: string
      readonly briefs: readonly string[]
    })
  | (Said<'withdrawal_request'> & { readonly reason: string; readonly answeredAtMs: number | null })

/** Two people's signed word that another action is taken. With less than both signatures it does nothing. */
export interface SignedOverride {
  /** `INS-YYYY-NNNN` */
  readonly id: string
  /** What is signed, byte for byte; `termsOf` reads it. */
  readonly payload: string
  readonly signatures: readonly {
    /** Whose key it is. */
    readonly person: string
    readonly keyid: string
    /** Base64, over the payload as an instrument (DSSE). */
    readonly sig: string
    readonly atMs: number
  }[]
}

/** A signed act as it is kept: `envelope` is written once, when the last signature that it needs is there. */
export interface Instrument {
  readonly id: string
  readonly type: 'override'
  /** What it is about: a case. */
  readonly about: string
  readonly atMs: number
  readonly envelope: string | null
}

export interface CaseVendor {
  readonly org: string | null
  readonly notifiedAtMs: number | null
  readonly ackAtMs: number | null
  /** The slot for a reply, and the hash of what proves that it was offered. */
  readonly replyOffered: { readonly atMs: number; readonly proof: string; readonly compelledBy: string | null } | null
  readonly extension: { readonly days: number; readonly reason: string } | null
}

/** Published or shared: the object as it left. */
export interface Publication {
  readonly atMs: number
  readonly tlp: Tlp
  /** Hex, of the object's canonical JSON. */
  readonly sha256: string
}

/** One reported technique and everything that is known and said of it. Changed only by acts. */
export interface Case {
  /** `JRX-YYYY-NNNNNN` */
  readonly id: string
  readonly stage: Stage
  readonly version: number
  readonly reportedAtMs: number
  readonly acknowledged: { readonly atMs: number; readonly by: string } | null
  readonly tlp: Tlp
  readonly summary: SaidText
  /** The reporter's own words; stays here, never travels. */
  readonly note: string
  readonly reporter: { readonly org: string; readonly contact: string }
  readonly technique: Technique
  readonly harm: string
  readonly affected: readonly Affected[]
  readonly transfer: readonly ModelName[]
  readonly aliases: readonly Reference[]
  readonly related: readonly Reference[]
  readonly artefacts: readonly Artefact[]
  /** What the reporter says of legitimate traffic of the same form. */
  readonly legitimateNote: string | null
  readonly assessments: readonly FiledAssessment[]
  readonly statements: readonly CaseStatement[]
  readonly overrides: readonly SignedOverride[]
  readonly vendor: CaseVendor
  readonly authorities: readonly { readonly name: string; readonly ground: string; readonly sentAtMs: number | null }[]
  readonly clocks: readonly { readonly clock: string; readonly sinceMs: number; readonly metAtMs: number | null }[]
  /** What was done, and when: the stage that the prescribed action leads to. */
  readonly response: { readonly atMs: number; readonly action: Response; readonly override: string | null } | null
  readonly reproducedSinceMs: number | null
  readonly fixed: { readonly atMs: number; readonly release: string } | null
  readonly publications: readonly Publication[]
  readonly withdrawn: { readonly atMs: number; readonly reason: string } | null
}

/** One line of a case's history: only ever added to. */
export interface CaseEvent {
  readonly seq: number
  readonly case: string
  readonly atMs: number
  readonly by: string
  readonly kind: string
  readonly from: Stage
  readonly to: Stage
  readonly reason: string
  readonly facts: Readonly<Record<string, unknown>>
}
