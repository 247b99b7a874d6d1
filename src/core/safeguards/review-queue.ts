import { BLOCK_CATEGORIES, type Category } from '../base/harm.ts'
import { LABEL_CATEGORIES, LABEL_FORMS } from '../base/reasons.ts'
import type { Decision } from '../policy/decision.ts'
import type { Finding } from '../policy/finding.ts'
import { type Policy, rank, type Thresholds } from '../policy/policy.ts'

/** Why an exchange is looked at, the most pressing first. `sample`: drawn at random from what was allowed. */
export const REVIEW_SOURCES = ['appealed', 'acted', 'disagreement', 'flagged', 'sample'] as const
export type ReviewSource = (typeof REVIEW_SOURCES)[number]

/** What a place in the queue depends on. */
export interface ReviewFacts {
  readonly decision: Pick<Decision, 'would' | 'category'>
  readonly findings: readonly Finding[]
  readonly appealed: boolean
}

type Scored = Extract<Finding, { kind: 'scored' }>

/** The source an exchange comes from; null for one that nobody has to look at. */
export function sourceOf({ decision, findings, appealed }: ReviewFacts, policy: Policy): ReviewSource | null {
  if (appealed) return 'appealed'
  if (rank(decision.would) > rank('flag')) return 'acted'
  if (disagree(findings, policy)) return 'disagreement'
  return decision.would === 'flag' ? 'flagged' : null
}

/**
 * How little the detectors know, in (0, 1]: 1 on a threshold, less the further (in log odds) the nearest probability is
 * from one. An appeal and detectors that disagree are two opinions already: 1.
 */
export function uncertaintyOf(facts: ReviewFacts, policy: Policy): number {
  if (facts.appealed || disagree(facts.findings, policy)) return 1
  let nearest = Number.POSITIVE_INFINITY
  for (const finding of facts.findings) {
    if (finding.kind !== 'scored' || !finding.place.newest) continue
    for (const [label, ppm] of finding.ppm.entries()) {
      if (ppm === 0) continue
      const { clear, act } = thresholdsOf(label, finding, policy)
      for (const line of [clear, act]) nearest = Math.min(nearest, Math.abs(logOdds(ppm) - logOdds(line)))
    }
  }
  return 1 / (1 + Math.min(nearest, 99))
}

const ACTION_WEIGHT = { allow: 0.2, flag: 0.3, fall_back: 0.6, require_trust: 0.8, refuse: 1 } as const

/** What a mistake here costs, in (0, 4]: the action, twice that where the worst cannot be undone, twice that for an appeal. */
export function impactOf({ decision, appealed }: Omit<ReviewFacts, 'findings'>): number {
  return ACTION_WEIGHT[decision.would] * (isSevere(decision.category) ? 2 : 1) * (appealed ? 2 : 1)
}

/** Uncertainty × impact: the greater, the earlier. */
export function priorityOf(facts: ReviewFacts, policy: Policy): number {
  return uncertaintyOf(facts, policy) * impactOf(facts)
}

/** Cases that two people read, each without the other's word. */
export function isSevere(category: Category | null): boolean {
  return category !== null && BLOCK_CATEGORIES.has(category)
}

/** Share of items that a second person reads blind. */
const SECOND_SHARE = 0.1

/** How many people read an item: two for every severe case and for a sample of the others. */
export function reviewersNeeded(id: string, category: Category | null): number {
  return isSevere(category) || fractionOf(id) < SECOND_SHARE ? 2 : 1
}

/** Every eighth item of a reviewer is one whose decision is not shown: samples and hidden checks look the same. */
export const BLIND_EVERY = 8

export function isBlindTurn(labelledBefore: number): boolean {
  return labelledBefore % BLIND_EVERY === BLIND_EVERY - 1
}

/** How long an item stays with whoever took it, in milliseconds. */
export const ITEM_LOCK_MS = 5 * 60_000

/** A number in [0, 1) that follows from an id: our ids are random, so nobody chooses it. FNV-1a, 32 bits, mixed. */
export function fractionOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296
}

/** One detector would act on what another clears: same stage, same place, same label. */
function disagree(findings: readonly Finding[], policy: Policy): boolean {
  const scored = findings.filter((finding): finding is Scored => finding.kind === 'scored')
  return scored.some((a) =>
    scored.some(
      (b) =>
        a.detector !== b.detector &&
        a.stage === b.stage &&
        a.place.part === b.place.part &&
        a.place.turn === b.place.turn &&
        a.ppm.some((ppm, label) => {
          const other = b.ppm[label] ?? 0
          return ppm >= thresholdsOf(label, a, policy).act && other < thresholdsOf(label, b, policy).clear
        }),
    ),
  )
}

function thresholdsOf(label: number, { stage, thresholds }: Scored, policy: Policy): Thresholds {
  if (thresholds !== undefined) return thresholds
  const category = LABEL_CATEGORIES[label] ?? null
  return category !== null ? policy.harms[category][stage] : policy.attacks[LABEL_FORMS[label]!].input
}

/** Log odds of parts per million, kept finite at both ends. */
function logOdds(ppm: number): number {
  const p = Math.min(999_999, Math.max(1, ppm)) / 1e6
  return Math.log(p / (1 - p))
}
