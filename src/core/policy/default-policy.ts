import { ATTACK_FORMS, type AttackForm, BLOCK_CATEGORIES, CATEGORIES, type Category } from '../base/harm.ts'
import type { Action, AttackRule, HarmRule, Policy, Thresholds } from './policy.ts'

/** Where a model's calibrated probabilities start to count; ships with the model, since it is measured on it. */
export interface DefaultThresholds {
  readonly harmInput: Thresholds
  readonly attackInput: Thresholds
  readonly output: Thresholds
  readonly exchange: Thresholds
}

/** Topics on which people differ and nothing irreversible hangs: marked for a person, answered as asked. */
const FLAG_ONLY: ReadonlySet<Category> = new Set(['privacy', 'sexual', 'hate-harassment', 'misinformation'])

/**
 * A second opinion costs a call; a mark costs a person's time, and in categories of severity `block` an honest user the
 * stronger model. So asking begins far below where marking does: `models/card.md` says what either reaches.
 */
const ASK = 300_000

/**
 * The rungs of classifier.md §1 rule 6, for all categories and attack forms.
 *
 * Irreversible categories are refused; cyber falls back, and far past the threshold needs trusted access; topics of
 * taste and opinion are flagged; the rest is refused. What the light tier may do alone is capped in `decide`, not here.
 */
export function defaultPolicy(thresholds: DefaultThresholds): Policy {
  const harms = Object.fromEntries(CATEGORIES.map((category) => [category, harmRule(category, thresholds)]))
  const attacks = Object.fromEntries(ATTACK_FORMS.map((form) => [form, attackRule(thresholds)]))
  return {
    harms: harms as Record<Category, HarmRule>,
    attacks: attacks as Record<AttackForm, AttackRule>,
    uninspected: 'flag',
  }
}

function harmRule(category: Category, thresholds: DefaultThresholds): HarmRule {
  const atAct: Action = category === 'cyber' ? 'fall_back' : FLAG_ONLY.has(category) ? 'flag' : 'refuse'
  return {
    severity: BLOCK_CATEGORIES.has(category) ? 'block' : 'standard',
    ask: Math.min(ASK, thresholds.harmInput.clear),
    input: thresholds.harmInput,
    output: thresholds.output,
    exchange: thresholds.exchange,
    atAct,
    atActPlus: category === 'cyber' ? 'require_trust' : atAct,
    trustScope: category === 'cyber' ? 'cyber.defence' : null,
  }
}

function attackRule(thresholds: DefaultThresholds): AttackRule {
  return { input: thresholds.attackInput, inUserTurn: 'refuse', inUntrusted: 'fall_back' }
}
