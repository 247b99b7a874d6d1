import { z } from 'zod'
import { canonicalJson } from '../base/canonical-json.ts'
import { CodedError } from '../base/errors.ts'
import { ATTACK_FORMS, CATEGORIES } from '../base/harm.ts'
import type { FamilyDetector } from '../classifier/family-book.ts'
import { EARLIER_FAMILY, FAMILY_WINDOW } from '../classifier/family-features.ts'
import { type CascadeSettings, STOPS } from '../policy/cascade.ts'
import { FAIL_ACTIONS } from '../policy/finding.ts'
import { ACTIONS, type Policy } from '../policy/policy.ts'
import { type Rule, ruleBook } from './rules.ts'

/** A bundle that cannot be used. The message lists every fault with its place. */
export class BundleError extends CodedError<'bundle_invalid' | 'bundle_too_large' | 'hash_mismatch'> {}

/** A reported technique as a detector; its weights are those of the classifier's feature hashes. */
export type FamilyHead = FamilyDetector

/**
 * A safeguard as it is released: everything that decides, for one slot. Immutable, named by the hash of its one text.
 * Stage, label and approvals are not in it.
 */
export interface Bundle {
  readonly slot: string
  /** `sha256:` of the model file; null: the base slot's. */
  readonly model: string | null
  readonly policy: Policy
  readonly rules: readonly Rule[]
  readonly families: readonly FamilyHead[]
  /** Who is asked where the light tier is in doubt; null: whoever is configured, cheapest first. */
  readonly cascade: CascadeSettings | null
  /** First day on which it no longer acts (UTC, `YYYY-MM-DD`); null: until superseded. */
  readonly sunset: string | null
}

/** Detectors that one safeguard asks, at most: each waits for those before it. */
export const MOST_ASKED = 16

/** Bytes of a bundle's one text; a larger one is refused everywhere. */
export const MOST_BUNDLE_BYTES = 16 * 1024 * 1024

const ppm = z.int().min(0).max(1_000_001)
const thresholds = z
  .strictObject({ clear: ppm, act: ppm, actPlus: ppm })
  .refine(({ clear, act, actPlus }) => clear <= act && act <= actPlus, 'wanted clear ≤ act ≤ actPlus')
const action = z.enum(ACTIONS)
const harmRule = z.strictObject({
  severity: z.enum(['block', 'standard']),
  ask: ppm.optional(),
  input: thresholds,
  output: thresholds,
  exchange: thresholds,
  atAct: action,
  atActPlus: action,
  trustScope: z
    .string()
    .regex(/^[a-z][\w.-]{0,63}$/, 'wanted a dotted name')
    .nullable(),
})
const attackRule = z.strictObject({ input: thresholds, inUserTurn: action, inUntrusted: action })
const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'wanted letters, digits, dot, dash or underscore, at most 64')
const finite = z.number().refine(Number.isFinite, 'wanted a finite number')
const family = z.strictObject({
  // Becomes a file name: no dot at its end, no two in a row.
  id: z
    .string()
    .regex(/^[A-Za-z0-9](?:[\w-]|\.(?=[\w-])){0,63}$/, 'wanted letters, digits, dash, underscore, single dots'),
  category: z.enum(CATEGORIES).nullable(),
  attack: z.enum(ATTACK_FORMS),
  bits: z.literal(32),
  window: z.literal(FAMILY_WINDOW, EARLIER_FAMILY),
  weights: z.array(z.tuple([z.int32(), finite])).max(200_000),
  bias: finite,
  threshold: finite,
})

const categories = z.array(z.enum(CATEGORIES)).max(CATEGORIES.length)
const member = z.strictObject({
  detector: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'wanted the id of a detector of the configuration'),
  stages: z.array(z.enum(['input', 'output'])).min(1),
  names: categories.min(1),
  covers: categories,
  thresholds,
  onFailure: z.partialRecord(z.union([z.enum(CATEGORIES), z.literal('default')]), z.enum(FAIL_ACTIONS)),
})
const cascade = z.strictObject({ order: z.array(member).max(MOST_ASKED), stop: z.enum(STOPS) })

/** Also the shape of what the admin API takes. */
export const bundleSchema = z.strictObject({
  slot: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'wanted small letters, digits and dashes, at most 32'),
  model: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'wanted sha256: and 64 hex digits')
    .nullable(),
  policy: z.strictObject({
    harms: z.strictObject(Object.fromEntries(CATEGORIES.map((category) => [category, harmRule]))),
    attacks: z.strictObject(Object.fromEntries(ATTACK_FORMS.map((form) => [form, attackRule]))),
    uninspected: action,
  }),
  rules: z
    .array(
      z.strictObject({
        name,
        stage: z.enum(['input', 'output', 'both']),
        action: z.enum(['flag', 'fall_back', 'require_trust', 'refuse']),
        category: z.enum(CATEGORIES),
        phrases: z.array(z.string().min(1).max(256)).max(5000),
        patterns: z.array(z.string().min(1).max(1000)).max(200),
      }),
    )
    .max(500),
  families: z.array(family).max(200),
  cascade: cascade.nullable(),
  sunset: z.iso.date('wanted a date, YYYY-MM-DD').nullable(),
})

/**
 * Narrows what came from a file or the network; nothing behind it checks again.
 * @throws {BundleError} with every fault at once: shape, names used twice, rules that cannot be matched, size.
 */
export function parseBundle(value: unknown): Bundle {
  const parsed = bundleSchema.safeParse(value)
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `\`${path.join('.') || 'bundle'}\`: ${message}`)
    throw new BundleError('bundle_invalid', faults.join('; '))
  }
  // The schema gives the same members as the type; it cannot know that its keys are exactly our categories.
  const bundle = parsed.data as unknown as Bundle
  const asked = bundle.cascade?.order.map(({ detector: id }) => ({ id })) ?? []
  const faults = [
    ...[...twice('rules', bundle.rules), ...twice('families', bundle.families), ...twice('cascade', asked)],
    ...unusable(bundle.rules),
  ]
  if (bundle.slot === 'base' && bundle.model === null) faults.push('`model`: the base slot names its model')
  if (faults.length > 0) throw new BundleError('bundle_invalid', faults.join('; '))
  // Bytes are at most three times the UTF-16 units, and for what bundles hold nearly equal.
  if (bundleText(bundle).length > MOST_BUNDLE_BYTES)
    throw new BundleError('bundle_too_large', `a bundle holds at most ${MOST_BUNDLE_BYTES} characters`)
  return bundle
}

/** The one text of a bundle, which is hashed and stored. */
export function bundleText(bundle: Bundle): string {
  return canonicalJson(bundle)
}

/** Name of a bundle. @param sha256 Hex SHA-256 of a text's UTF-8 bytes. */
export function bundleHash(bundle: Bundle, sha256: (text: string) => string): `sha256:${string}` {
  return `sha256:${sha256(bundleText(bundle))}`
}

/** When a bundle stops acting, milliseconds since 1970; null: never by itself. */
export function sunsetMs(bundle: Bundle): number | null {
  if (bundle.sunset === null) return null
  const [year, month, day] = bundle.sunset.split('-').map(Number) as [number, number, number]
  return 86_400_000 * daysSince1970(year, month, day)
}

/** Days of the Gregorian calendar; a year begins in March, so that the leap day is its last. Source: Hinnant 2013. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const inEra = y - era * 400
  const inYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719_468
}

function twice(what: string, items: readonly ({ readonly name: string } | { readonly id: string })[]): string[] {
  const names = items.map((item) => ('name' in item ? item.name : item.id))
  // Names become file names: two that differ by case only are one file on some systems.
  const folded = names.map((one) => one.toLowerCase())
  return names.filter((_, i) => folded.indexOf(folded[i]!) < i).map((one) => `\`${what}\`: two are named \`${one}\``)
}

function unusable(rules: readonly Rule[]): string[] {
  try {
    ruleBook(rules)
    return []
  } catch (error) {
    if (error instanceof CodedError) return [`\`rules\`: ${error.message}`]
    throw error
  }
}
