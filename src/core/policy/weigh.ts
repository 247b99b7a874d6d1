import { type AttackForm, CATEGORIES, type Category } from '../base/harm.ts'
import { LABEL_CATEGORIES, LABEL_FORMS, type ReasonCode } from '../base/reasons.ts'
import { holds } from '../trust/standing.ts'
import { type Answered, answeredBy, probeCounts } from './answered.ts'
import type { DecisionInput } from './decision.ts'
import { type DecidedAt, type Finding, type Place, type Stage, UNKNOWN_LANGUAGE } from './finding.ts'
import { type Action, type Level, levelOf, mildest, type Policy, type Thresholds } from './policy.ts'

/** What one finding asks for, after the caller's grants: a candidate for the decision. */
export interface Claim {
  readonly action: Action
  readonly reason: ReasonCode
  readonly category: Category | null
  readonly stage: DecidedAt
  readonly level: Level | null
  readonly band: 'near' | 'clear' | null
  readonly rule: string | null
  readonly place: Place | null
  readonly trustScope: string | null
  /** Breaks ties between equal actions: how far past its threshold the probability is, as a share of what was left. */
  readonly weight: number
}

type Scored = Extract<Finding, { kind: 'scored' }>

/** Every claim of every finding that reaches its first threshold. Order follows the findings. */
export function claimsOf(input: DecisionInput, policy: Policy): Claim[] {
  const claims: Claim[] = []
  const harmWith = strongestHarm(input, policy)
  const answered = answeredBy(input.findings, policy)
  for (const finding of input.findings) {
    if (finding.kind === 'scored') {
      for (let i = 0; i < finding.ppm.length; i++) {
        const ppm = finding.ppm[i]!
        // Most labels of most texts are at nothing: no threshold is that low.
        if (ppm === 0) continue
        if (finding.tier === 'probe' && !probeCounts(i, finding.stage, input.findings, policy)) continue
        const category = LABEL_CATEGORIES[i]!
        const claim =
          category !== null
            ? weighHarm(category, ppm, finding, answered, input, policy)
            : weighAttack(LABEL_FORMS[i]!, ppm, finding, harmWith, input, policy)
        if (claim !== null) claims.push(claim)
      }
    } else if (finding.kind === 'unavailable' && finding.tier === 'light') {
      claims.push(unavailable(finding.stage, input, policy))
    } else if (finding.kind === 'unavailable') {
      claims.push(...failed(finding, answered, input, policy))
    } else if (finding.kind === 'rule') claims.push(ruled(finding, input, policy))
    else if (finding.kind === 'provider_refusal') {
      if (input.fallbackModel !== null)
        claims.push({ ...plain('fall_back', `harm.${finding.category}`, 'output'), category: finding.category })
    } else if (finding.kind === 'family') claims.push(recognised(finding, harmWith, input, policy))
    else if (finding.kind === 'control') claims.push(controlled(input))
    else if (finding.kind === 'uninspected') {
      const claim = unseen(finding, answered, policy)
      if (claim !== null) claims.push(claim)
    }
  }
  return claims
}

/** Category of an attack form: that of the harm found with it, else what the form itself threatens (wire.md §4). */
export function categoryOfAttack(form: AttackForm, harmWith: Category | null): Category {
  return harmWith ?? (form === 'injection' || form === 'leak' ? 'prompt-injection' : 'other-harm')
}

/**
 * What is in doubt is worth a mark where something new is said. History was decided when it was new, and a system prompt is
 * the application's own words, which come with every request: there a doubt would mark all that follows.
 */
function isWorthAMark(level: Level, { stage, place }: Scored): boolean {
  if (stage !== 'input') return true
  return place.trust === 'system' ? level === 'act+' : place.newest || level !== 'abstain'
}

function weighHarm(
  category: Category,
  ppm: number,
  finding: Scored,
  answered: Answered,
  input: DecisionInput,
  policy: Policy,
): Claim | null {
  const rule = policy.harms[category]
  const thresholds = finding.thresholds ?? rule[finding.stage]
  const level = levelOf(ppm, thresholds)
  if (level === null || !isWorthAMark(level, finding)) return null
  const intent = finding.stage === 'input'
  let action: Action
  if (level === 'abstain') action = intent && rule.severity === 'block' ? 'fall_back' : 'flag'
  else action = level === 'act+' ? rule.atActPlus : rule.atAct
  // A text that was not asked by the user now (history, documents, tool results) has no intent of its own: people quote
  // what they work on. It is recorded, and never diverts by its topic.
  if (intent && !(finding.place.newest && finding.place.trust === 'user')) action = mildest(action, 'flag')
  const lightIntent = intent && finding.tier === 'light'
  // Who was asked for a second opinion decides on intent. The mark for a person stays: deceiving a judge gains no more.
  if (lightIntent) action = mildest(action, answered(category, 'input') ? 'flag' : 'fall_back')
  const granted = rule.trustScope !== null && holds(input.standing, rule.trustScope)
  if (granted) action = mildest(action, 'flag')
  return {
    action: usable(action, lightIntent, input),
    reason: `harm.${category}`,
    category,
    stage: finding.stage,
    level,
    band: bandOf(ppm, thresholds, level),
    rule: `${category}.${finding.stage}.${level}`,
    place: finding.place,
    trustScope: rule.trustScope,
    weight: margin(ppm, thresholds, level),
  }
}

function weighAttack(
  form: AttackForm,
  ppm: number,
  finding: Scored,
  harmWith: Category | null,
  input: DecisionInput,
  policy: Policy,
): Claim | null {
  const rule = policy.attacks[form]
  const thresholds = finding.thresholds ?? rule.input
  const level = finding.stage === 'output' ? null : levelOf(ppm, thresholds)
  if (level === null || !isWorthAMark(level, finding)) return null
  const { trust, newest } = finding.place
  const category = categoryOfAttack(form, harmWith)
  const scope = harmWith === null ? null : policy.harms[harmWith].trustScope
  let action: Action = 'flag'
  const acts = level !== 'abstain' && newest
  if (acts && trust === 'user')
    action = harmWith === 'cyber' && rule.inUserTurn === 'refuse' ? 'require_trust' : rule.inUserTurn
  if (acts && trust === 'untrusted') action = rule.inUntrusted
  if (scope !== null && holds(input.standing, scope)) action = mildest(action, 'flag')
  return {
    action: usable(action, false, input),
    reason: `attack.${form}`,
    category,
    stage: finding.stage,
    level,
    band: bandOf(ppm, thresholds, level),
    rule: `${form}.${trust}.${level}`,
    place: finding.place,
    trustScope: scope,
    weight: margin(ppm, thresholds, level),
  }
}

/** The harm that gives an attack its category: the one furthest past `clear` in what the user asks now. */
export function strongestHarm(input: DecisionInput, policy: Policy): Category | null {
  let best: Category | null = null
  let most = 0
  for (const finding of input.findings) {
    if (finding.kind !== 'scored' || finding.stage === 'output' || finding.place.trust === 'system') continue
    for (let i = 0; i < finding.ppm.length; i++) {
      const ppm = finding.ppm[i]!
      const category = LABEL_CATEGORIES[i]!
      if (ppm <= most || category === null || category === 'prompt-injection') continue
      if (ppm >= policy.harms[category].input.clear) {
        best = category
        most = ppm
      }
    }
  }
  return best
}

/**
 * What becomes of `fall_back` where it cannot be served as such: a model that already is the target answers, flagged;
 * without a target, the light tier's word on intent is not enough to withhold an answer, anything else is refused.
 */
function usable(action: Action, lightIntent: boolean, input: DecisionInput): Action {
  if (action !== 'fall_back') return action
  if (input.asksFallbackTarget) return 'flag'
  if (input.fallbackModel !== null) return 'fall_back'
  return lightIntent ? 'flag' : 'refuse'
}

/** The classifier failed on this input: the irreversible categories are in doubt, so the weaker model answers. */
function unavailable(stage: Stage, input: DecisionInput, policy: Policy): Claim {
  const anyBlock = Object.values(policy.harms).some((rule) => rule.severity === 'block')
  const action = anyBlock ? usable('fall_back', false, input) : 'flag'
  return plain(action, 'detector.unavailable', stage)
}

/** A second opinion was asked for and did not come: the operator's word for that, and a mark where another one came. */
function failed(
  finding: Extract<Finding, { kind: 'unavailable' }>,
  answered: Answered,
  input: DecisionInput,
  policy: Policy,
): Claim[] {
  return (finding.onFailure ?? []).map(({ category, action: declared }): Claim => {
    const scope = policy.harms[category].trustScope ?? category
    let action: Action = declared === 'error' ? 'refuse' : declared
    if (answered(category, finding.stage) || holds(input.standing, scope)) action = mildest(action, 'flag')
    const reason = action === 'require_trust' ? (`harm.${category}` as const) : 'detector.unavailable'
    const claim = plain(usable(action, false, input), reason, finding.stage)
    return { ...claim, category, rule: `on_failure.${declared}`, trustScope: scope }
  })
}

/** A reported technique: any rung stands, as for every attack form that was reached. */
function recognised(
  { family, form, category, place, stage }: Extract<Finding, { kind: 'family' }>,
  harmWith: Category | null,
  input: DecisionInput,
  policy: Policy,
): Claim {
  const rule = policy.attacks[form]
  const named = harmWith ?? category
  const scope = named === null ? null : policy.harms[named].trustScope
  let action: Action = 'flag'
  if (place.newest && place.trust === 'user')
    action = named === 'cyber' && rule.inUserTurn === 'refuse' ? 'require_trust' : rule.inUserTurn
  if (place.newest && place.trust === 'untrusted') action = rule.inUntrusted
  if (scope !== null && holds(input.standing, scope)) action = mildest(action, 'flag')
  return {
    ...plain(usable(action, false, input), `attack.${form}`, stage),
    category: categoryOfAttack(form, named),
    level: 'act',
    band: 'clear',
    rule: `family:${family}`,
    place,
    trustScope: scope,
    weight: 1,
  }
}

/** An operator's own words: no grant softens them, and no place is too old for them. */
function ruled(finding: Extract<Finding, { kind: 'rule' }>, input: DecisionInput, policy: Policy): Claim {
  const { action, category, stage, place, rule } = finding
  return {
    ...plain(usable(action, false, input), `harm.${category}`, stage),
    category,
    place,
    rule: `rule:${rule}`,
    // A category without a scope of its own is opened by one of its name.
    trustScope: policy.harms[category].trustScope ?? category,
  }
}

/**
 * What nobody has looked at. A language is no suspicion: it is marked for a person at most, and not where a second opinion
 * has read it.
 */
function unseen(
  { media, stage, place }: Extract<Finding, { kind: 'uninspected' }>,
  answered: Answered,
  policy: Policy,
): Claim | null {
  const isText = media === UNKNOWN_LANGUAGE
  if (isText && CATEGORIES.every((category) => answered(category, stage))) return null
  const action = isText ? mildest(policy.uninspected, 'flag') : policy.uninspected
  return { ...plain(action, 'content.uninspected', stage), place }
}

/** A model that may not answer is answered for, where the operator named who does; else nobody answers. */
function controlled(input: DecisionInput): Claim {
  // Heavier than any reading of the text: the model could not answer whatever the text says.
  const action = input.fallbackModel === null ? 'refuse' : 'fall_back'
  return { ...plain(action, 'control.suspended', 'control'), weight: 2 }
}

function plain(action: Action, reason: ReasonCode, stage: DecidedAt): Claim {
  const nothing = { category: null, level: null, band: null, rule: null, place: null, trustScope: null }
  return { ...nothing, action, reason, stage, weight: 0 }
}

function bandOf(ppm: number, thresholds: Thresholds, level: Level): 'near' | 'clear' {
  return margin(ppm, thresholds, level) < 0.5 ? 'near' : 'clear'
}

/** Share of the way from the threshold that was reached to the next one, or to certainty. */
function margin(ppm: number, thresholds: Thresholds, level: Level): number {
  const from = level === 'abstain' ? thresholds.clear : thresholds.act
  const to = level === 'abstain' ? thresholds.act : 1e6
  return to <= from ? 1 : (ppm - from) / (to - from)
}
