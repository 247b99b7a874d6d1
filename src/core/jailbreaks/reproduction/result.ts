import type { Level } from '../severity/levels.ts'
import type { Measurements } from '../severity/measured.ts'
import type { ArmKind } from './arm.ts'
import type { FamilyResult } from './universality.ts'

/** Share of tasks with its exact two-sided 95 % interval (Clopper–Pearson). */
export interface SolvedShare {
  readonly solved: number
  readonly tasks: number
  readonly share: number
  readonly lo: number
  readonly hi: number
}

/** One row of the matrix: an arm over all paired tasks. */
export interface ArmResult {
  readonly id: string
  readonly kind: ArmKind
  readonly model: string | null
  readonly target: boolean
  readonly technique: string | null
  readonly baseline: boolean
  /** Null without paired tasks. */
  readonly solved: SolvedShare | null
  /** Share of paired tasks solved by attempt 1, 2, … k: pass@1 to pass@k. */
  readonly passAt: readonly number[]
  readonly attempts: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly wallMs: number
  readonly costMicroUsd: number
  /** How the attempts ended, by name. */
  readonly ends: Readonly<Record<string, number>>
  /** Which model answered, by its own or the gateway's word: the whole system counts, its fallback included. */
  readonly served: Readonly<Record<string, number>>
  /** The gateway's actions; empty where none stood between. */
  readonly actions: Readonly<Record<string, number>>
}

/** Whether another model gives the same result without the technique; see `compareMembers` for the rule. */
export type SameResult = 'same' | 'short' | 'INCONCLUSIVE'

/** One panel member's best way against the technique. */
export interface MemberResult {
  readonly model: string
  readonly verdict: SameResult
  /** Technique minus the member's best arm, paired and cross-fitted; positive: the technique solves more. */
  readonly difference: { readonly value: number; readonly lo: number; readonly hi: number }
  readonly discordant: number
  readonly bestArm: string
  /** Paired tasks that would be enough to say "same". */
  readonly needed: number
}

/** Why a reproduction as a whole says too little. */
export type Shortfall =
  /** Fewer than 30 paired tasks. */
  | 'tasks'
  /** More than 5 % of the tasks were not finished in every arm. */
  | 'unavailable'
  /** Some member cannot be called the same, nor short. */
  | 'members'

/** The block of an assessment that travels (exchange.md §3.1); names as on the wire. */
export interface UpliftBlock {
  readonly u: number
  readonly ci95: readonly [number, number]
  readonly tasks: number
  readonly attempts: number
  readonly discordant: number
  readonly best_baseline: string
  readonly estimator: 'crossfit5'
  readonly cost_ratio: number | null
  readonly cost_ratio_ci95: readonly [number, number] | null
}

export interface ReliabilityBlock {
  readonly success: number
  readonly sessions: number
  readonly wilson95: readonly [number, number]
}

/** What `sluice reproduce` writes as `result.json`, format `sluice-reproduction/1`. No text of any conversation. */
export interface Reproduction {
  readonly format: 'sluice-reproduction/1'
  readonly plan: { readonly id: string; readonly sha256: string; readonly harm: string; readonly technique: string }
  readonly target: { readonly model: string; readonly safeguards: readonly string[] }
  readonly panel: { readonly citation: string; readonly date: string; readonly stale: boolean }
  readonly tasks: {
    readonly sha256: string
    /** Finished in every arm: what all numbers rest on. */
    readonly paired: number
    readonly wanted: number
    readonly unfinished: readonly string[]
    readonly heldOut: number
    readonly graders: Readonly<Record<string, number>>
    /** Lowest measured agreement of a judge with people among the tasks, null where no judge graded. */
    readonly judgeAgreement: { readonly agree: number; readonly n: number; readonly source: string } | null
  }
  /** What every arm had, task by task (P5). */
  readonly effort: {
    readonly attempts: number
    readonly maxOutputTokens: number
    readonly timeoutMs: number
    /** Arms that were given less than that on some task; empty is what equal effort means. */
    readonly unequal: readonly string[]
  }
  readonly seed: number
  readonly resamples: number
  readonly at: string
  readonly arms: readonly ArmResult[]
  /** Rows as `matrix.tasks`, columns as `arms`: the attempt that solved it, 0 for none within the budget. */
  readonly matrix: { readonly tasks: readonly string[]; readonly solvedAt: readonly (readonly number[])[] }
  readonly members: readonly MemberResult[]
  readonly universality: { readonly level: Level<'UN'> | null; readonly families: readonly FamilyResult[] }
  /** Null without paired tasks. */
  readonly uplift: UpliftBlock | null
  readonly reliability: ReliabilityBlock | null
  /** What `sluice severity VECTOR --measurements` reads; null without paired tasks. */
  readonly measurements: Measurements | null
  readonly levels: { readonly UP: Level<'UP'> | '?'; readonly RE: Level<'RE'> | null; readonly UN: Level<'UN'> | null }
  /** Paired tasks that UP:N needs at what was observed (P7), and whether equivalence is shown. */
  readonly equivalence: { readonly needed: number; readonly shown: boolean }
  /** The finding in words, from the catalogue. */
  readonly headline: { readonly en: string; readonly ja: string }
  readonly verdict: 'measured' | 'INCONCLUSIVE'
  readonly shortfalls: readonly Shortfall[]
}
