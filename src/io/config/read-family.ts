import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import { ATTACK_FORMS, CATEGORIES } from '../../core/base/harm.ts'
import type { FamilyDetector } from '../../core/classifier/family-book.ts'
import { EARLIER_FAMILY, FAMILY_WINDOW } from '../../core/classifier/family-features.ts'

/** A file of a reported technique that cannot be used; the message names it, the member and what was wanted. */
export class FamilyError extends CodedError<'family_invalid' | 'family_unreadable'> {}

const MOST_WEIGHTS = 200_000
const hash = z.int().min(-0x80000000).max(0x7fffffff)

export const familySchema = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/, 'wanted letters, digits, dot, dash or underscore, at most 64'),
  category: z.enum(CATEGORIES).nullable(),
  attack: z.enum(ATTACK_FORMS),
  bits: z.literal(32),
  window: z.literal(FAMILY_WINDOW, EARLIER_FAMILY),
  weights: z.array(z.tuple([hash, z.number()])).max(MOST_WEIGHTS),
  bias: z.number(),
  threshold: z.number(),
})

/** @throws {FamilyError} */
export function readFamily(path: string): FamilyDetector {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new FamilyError('family_unreadable', `families: cannot read ${path}`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FamilyError('family_invalid', `families: ${path} is not JSON`, { cause })
  }
  const result = familySchema.safeParse(value)
  if (result.success) return result.data
  const { path: at, message } = result.error.issues[0]!
  throw new FamilyError('family_invalid', `families: ${path}: \`${at.join('.') || 'file'}\`: ${message}`)
}
