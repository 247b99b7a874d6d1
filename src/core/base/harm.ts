/** The sixteen categories of harm, in the order every table, receipt and page uses. */
export const CATEGORIES = [
  'cyber',
  'bio',
  'chem',
  'nuclear-radiological',
  'weapons',
  'child-safety',
  'self-harm',
  'violence-extremism',
  'hate-harassment',
  'fraud-deception',
  'privacy',
  'sexual',
  'illegal-drugs',
  'misinformation',
  'prompt-injection',
  'other-harm',
] as const
export type Category = (typeof CATEGORIES)[number]

/** Forms of attack on a safeguard or an application: what a text does, not what it asks for. */
export const ATTACK_FORMS = ['injection', 'jailbreak', 'encoding', 'suffix', 'leak', 'multi-turn'] as const
export type AttackForm = (typeof ATTACK_FORMS)[number]

/**
 * Categories whose worst case cannot be undone: while they are in doubt the request is diverted, and a detector that
 * fails on them is answered with the weaker model, not with a pass.
 */
export const BLOCK_CATEGORIES: ReadonlySet<Category> = new Set(['bio', 'chem', 'nuclear-radiological', 'child-safety'])

export function isCategory(value: unknown): value is Category {
  return (CATEGORIES as readonly unknown[]).includes(value)
}

export function isAttackForm(value: unknown): value is AttackForm {
  return (ATTACK_FORMS as readonly unknown[]).includes(value)
}
