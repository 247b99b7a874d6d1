import { ATTACK_FORMS, type AttackForm, CATEGORIES, type Category, isAttackForm, isCategory } from './harm.ts'

/** Closed code of a decision's cause, the same on the wire, in the console and in the record. */
export type ReasonCode =
  | `harm.${Category}`
  | `attack.${AttackForm}`
  | 'content.uninspected'
  | 'detector.unavailable'
  | 'trust.required'
  | 'control.suspended'
  | 'budget.spent'

export type HarmReason = Extract<ReasonCode, `harm.${string}`>
export type AttackReason = Extract<ReasonCode, `attack.${string}`>

/** The category of a `harm.*` reason, or null. */
export function categoryOf(reason: ReasonCode): Category | null {
  const name = reason.startsWith('harm.') ? reason.slice(5) : null
  return isCategory(name) ? name : null
}

/** The form of an `attack.*` reason, or null. */
export function attackFormOf(reason: ReasonCode): AttackForm | null {
  const name = reason.startsWith('attack.') ? reason.slice(7) : null
  return isAttackForm(name) ? name : null
}

/** What the classifiers put a probability on, in the order of every score array: categories, then attack forms. */
export type Label = `harm.${Category}` | `attack.${AttackForm}`

export const LABELS: readonly Label[] = [
  ...CATEGORIES.map((category) => `harm.${category}` as const),
  ...ATTACK_FORMS.map((form) => `attack.${form}` as const),
]

/** Category of each label, null for attack forms; and form of each label, null for categories. Same order as `LABELS`. */
export const LABEL_CATEGORIES: readonly (Category | null)[] = [...CATEGORIES, ...ATTACK_FORMS.map(() => null)]
export const LABEL_FORMS: readonly (AttackForm | null)[] = [...CATEGORIES.map(() => null), ...ATTACK_FORMS]
