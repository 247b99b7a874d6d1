import type { Category } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { NATIVE_CATEGORIES, type NativeCategory, nativeOf } from './moderations.ts'
import { isRecord } from './values.ts'

/** Inbound: what a vendor's moderation endpoint says, in our categories (wire.md §4). */
const OURS: Readonly<Partial<Record<NativeCategory, Category>>> = {
  harassment: 'hate-harassment',
  'harassment/threatening': 'hate-harassment',
  hate: 'hate-harassment',
  'hate/threatening': 'hate-harassment',
  'self-harm': 'self-harm',
  'self-harm/instructions': 'self-harm',
  'self-harm/intent': 'self-harm',
  sexual: 'sexual',
  'sexual/minors': 'child-safety',
  violence: 'violence-extremism',
  'violence/graphic': 'violence-extremism',
}

/**
 * Categories that the endpoint's silence clears. `illicit` is too wide a word to clear what cannot be undone: it can
 * strengthen a doubt about bio, chem, nuclear-radiological or cyber, and not lift it.
 */
export const MODERATION_COVERS: readonly Category[] = [
  'self-harm',
  'hate-harassment',
  'sexual',
  'child-safety',
  'violence-extremism',
  'weapons',
  'illegal-drugs',
  'fraud-deception',
  'other-harm',
]
export const MODERATION_NAMES: readonly Category[] = [
  ...MODERATION_COVERS,
  'cyber',
  'bio',
  'chem',
  'nuclear-radiological',
]

/**
 * The one result of a moderation answer as parts per million per label; null where it is not of that shape. All
 * categories must be there: one that is missing was not looked at. `contradicted` where it is flagged and no score says
 * why: it cannot clear what it flags.
 * @param doubted `illicit` and `illicit/violent` go to those that they can mean: another detector named it better.
 * @param clear Parts per million from which on a score says anything.
 */
export function moderationPpm(
  answer: unknown,
  doubted: readonly Category[],
  clear: number,
): readonly number[] | 'contradicted' | null {
  const results = isRecord(answer) ? answer.results : null
  const result: unknown = Array.isArray(results) && results.length === 1 ? results[0] : null
  const scores = isRecord(result) ? result.category_scores : null
  if (!isRecord(result) || !isRecord(scores)) return null
  const found = new Map<Category, number>()
  for (const name of NATIVE_CATEGORIES) {
    const score = scores[name]
    if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return null
    const ppm = Math.floor(score * 1e6)
    for (const category of meant(name, doubted)) found.set(category, Math.max(found.get(category) ?? 0, ppm))
  }
  if (result.flagged === true && Math.max(...found.values()) < clear) return 'contradicted'
  return LABELS.map((label) => found.get(label.slice('harm.'.length) as Category) ?? 0)
}

function meant(name: NativeCategory, doubted: readonly Category[]): readonly Category[] {
  const own = OURS[name]
  if (own !== undefined) return [own]
  const better = doubted.filter((category) => nativeOf(category).includes(name))
  return better.length > 0 ? better : [name === 'illicit/violent' ? 'weapons' : 'other-harm']
}
