import type { Category } from '../base/harm.ts'
import { LABEL_CATEGORIES } from '../base/reasons.ts'
import { type Exchange, NOTHING_WANTED, type Part } from '../conversation/exchange.ts'
import { invalid, type JsonDocument } from './json.ts'
import { text, USER, uninspected, unknown } from './parts.ts'
import { isRecord, type Json, records, requiredModel, stringOr } from './values.ts'

/** OpenAI's moderation endpoint (wire.md §11), answered by our own classifiers. */

export const NATIVE_CATEGORIES = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const
export type NativeCategory = (typeof NATIVE_CATEGORIES)[number]

/** Native categories of each of ours (wire.md §4). What our evidence does not tell apart is named with both words. */
const NATIVE: Readonly<Record<Category, readonly NativeCategory[]>> = {
  cyber: ['illicit'],
  bio: ['illicit', 'illicit/violent'],
  chem: ['illicit', 'illicit/violent'],
  'nuclear-radiological': ['illicit', 'illicit/violent'],
  weapons: ['illicit', 'illicit/violent'],
  'child-safety': ['sexual/minors', 'sexual'],
  'self-harm': ['self-harm'],
  'violence-extremism': ['violence'],
  'hate-harassment': ['hate', 'harassment'],
  'fraud-deception': ['illicit'],
  privacy: [],
  sexual: ['sexual'],
  'illegal-drugs': ['illicit'],
  misinformation: [],
  'prompt-injection': [],
  'other-harm': [],
}

/** OpenAI's categories that stand for one of ours. */
export function nativeOf(category: Category): readonly NativeCategory[] {
  return NATIVE[category]
}

const MOST_INPUTS = 1000

/** One exchange per input: a list of strings is several, parts together are one. @throws {ProtocolError} */
export function decodeModerations({ value }: JsonDocument): readonly Exchange[] {
  const { input } = value
  const model = typeof value.model === 'string' && value.model !== '' ? requiredModel(value.model) : 'sluice'
  if (typeof input === 'string') return [exchangeOf(text(input, USER), model)]
  if (!Array.isArray(input) || input.length === 0 || input.length > MOST_INPUTS)
    throw invalid('input', `wanted a string, or a list of 1 to ${MOST_INPUTS} strings or parts`)
  const items: readonly unknown[] = input
  if (items.every((item) => typeof item === 'string')) return items.map((item) => exchangeOf(text(item, USER), model))
  if (!items.every(isRecord)) throw invalid('input', 'wanted strings, or parts, and not both')
  return [exchangeOf(records(items).flatMap(partOf), model)]
}

function partOf(part: Json): readonly Part[] {
  if (part.type === 'text') return text(stringOr(part.text, ''), USER)
  if (part.type === 'image_url') return [uninspected('image', { place: 'image', trust: 'user' })]
  return unknown(part, USER)
}

function exchangeOf(parts: readonly Part[], model: string): Exchange {
  return {
    surface: 'moderations',
    model,
    stream: false,
    turns: [{ role: 'user', parts }],
    newestFrom: 0,
    ...NOTHING_WANTED,
    session: null,
  }
}

/** What one input came to. */
export interface Moderated {
  readonly flagged: boolean
  /** What it is flagged for; null where that is no harm. */
  readonly category: Category | null
  /** Greatest probability per label, parts per million, in the order of `LABELS`. */
  readonly ppm: readonly number[]
  /** Categories that something was found of: also by a rule, which knows no probability. */
  readonly found: ReadonlySet<Category>
  /** Round scores to one decimal: an exact number is a tool for searching the threshold. */
  readonly coarse: boolean
  readonly images: 'none' | 'uninspected'
}

/** What was found on one side, or why there is nothing to say about it. */
export type ModeratedSide = Moderated | { readonly code: string; readonly message: string }

export interface ModeratedSides {
  readonly input: ModeratedSide
  readonly output: ModeratedSide
}

/** The members that OpenAI's two shapes of a moderation result share. */
export function nativeResult({ flagged, ppm, found, coarse, images }: Moderated) {
  const categories = Object.fromEntries(NATIVE_CATEGORIES.map((name) => [name, false]))
  const scores = Object.fromEntries(NATIVE_CATEGORIES.map((name) => [name, 0]))
  for (const [i, category] of LABEL_CATEGORIES.entries()) {
    if (category === null) continue
    for (const name of NATIVE[category]) {
      scores[name] = Math.max(scores[name]!, scoreOf(ppm[i] ?? 0, coarse))
      categories[name] ||= found.has(category)
    }
  }
  // An image that nobody looked at is not named as looked at.
  const types = Object.fromEntries(NATIVE_CATEGORIES.map((name) => [name, ['text']]))
  return {
    flagged,
    categories,
    category_scores: scores,
    category_applied_input_types: types,
    uninspected: images === 'uninspected' ? ['image'] : [],
  }
}

/** Our own categories and what they scored, those of no weight left out. */
export function ownCategories(ppm: readonly number[], coarse: boolean): Readonly<Record<string, number>> {
  return Object.fromEntries(
    LABEL_CATEGORIES.flatMap((category, i) => {
      const score = category === null ? 0 : scoreOf(ppm[i] ?? 0, coarse)
      return score > 0 ? [[category!, score]] : []
    }),
  )
}

/** What is flagged says for what, where OpenAI has no word for it (wire.md §4); empty else. */
export function ownCategory({ flagged, category }: Pick<Moderated, 'flagged' | 'category'>): {
  readonly category?: Category | null
} {
  const named = category !== null && nativeOf(category).length > 0
  return flagged && !named ? { category } : {}
}

function scoreOf(ppm: number, coarse: boolean): number {
  return coarse ? Math.round(ppm / 1e5) / 10 : ppm / 1e6
}

/** How a text hides letters, as far as the normaliser undoes it. */
export function obfuscation(value: string): readonly string[] {
  const found: string[] = []
  if (/[\u{e0020}-\u{e007e}]/u.test(value)) found.push('tags')
  if (/[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/u.test(value)) found.push('zero-width')
  if (/[\u202a-\u202e\u2066-\u2069]/u.test(value)) found.push('bidi')
  if (/[\uff01-\uff5e\uff66-\uff9d]/u.test(value)) found.push('width')
  return found
}
