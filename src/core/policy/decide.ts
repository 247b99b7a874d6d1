import type { ReasonCode } from '../base/reasons.ts'
import type { Decision, DecisionInput } from './decision.ts'
import type { Place } from './finding.ts'
import { type Action, type Policy, rank } from './policy.ts'
import { type Claim, claimsOf } from './weigh.ts'

/**
 * The action for one stage of one request: every finding is weighed by itself, the caller's grants are applied to each,
 * and the strictest result counts. Pure and total; the same input gives the same decision for ever.
 *
 * One more finding never loosens the action, with one exception that policy asks for: a cyber finding beside an attack
 * form turns its refusal into "trusted access required", since that is the way on for a defender.
 */
export function decide(input: DecisionInput, policy: Policy): Decision {
  const claims = claimsOf(input, policy)
  let strongest: Claim | null = null
  for (const claim of claims) if (strongest === null || outweighs(claim, strongest)) strongest = claim
  const degraded = input.findings.flatMap((finding) => (finding.kind === 'unavailable' ? [finding.detector] : []))
  if (strongest === null || strongest.action === 'allow') return nothing(degraded)

  const would = strongest.action
  // Observing concerns safeguards alone: a control holds as it does in enforce.
  const observed = input.mode === 'observe' && strongest.stage !== 'control'
  const action: Action = observed && rank(would) > rank('flag') ? 'flag' : would
  return {
    action,
    would,
    reason: strongest.reason,
    category: strongest.category,
    stage: strongest.stage,
    level: strongest.level,
    band: strongest.band,
    rule: strongest.rule,
    where: placesOf(strongest.reason, claims),
    degraded,
    fallbackModel: would === 'fall_back' ? input.fallbackModel : null,
    trustScope: would === 'require_trust' ? strongest.trustScope : null,
  }
}

/** The effective decision of a request: the strictest of its stages, the later one where they are equal. */
export function strictest(decisions: readonly Decision[]): Decision {
  return decisions.reduce((a, b) => (rank(b.would) >= rank(a.would) && b.would !== 'allow' ? b : a))
}

/** True for the decision that says nothing: `allow`, no reason, every detector answered. */
export function isNothing(decision: Decision): boolean {
  return decision.would === 'allow' && decision.degraded.length === 0
}

function nothing(degraded: readonly string[]): Decision {
  return {
    action: 'allow',
    would: 'allow',
    reason: null,
    category: null,
    stage: null,
    level: null,
    band: null,
    rule: null,
    where: [],
    degraded,
    fallbackModel: null,
    trustScope: null,
  }
}

function outweighs(a: Claim, b: Claim): boolean {
  const steps = rank(a.action) - rank(b.action)
  return steps !== 0 ? steps > 0 : a.weight > b.weight
}

function placesOf(reason: ReasonCode, claims: readonly Claim[]): readonly Place[] {
  return claims.filter((claim) => claim.reason === reason && claim.place !== null).map((claim) => claim.place!)
}
