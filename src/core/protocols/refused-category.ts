import type { Category } from '../base/harm.ts'
import { VENDOR_CATEGORIES, type VendorCategory } from '../conversation/exchange.ts'
import { isRecord } from './values.ts'

/** What the vendor names with a refusal of its own; null where that is nothing, or a word that nobody knows yet. */
export function refusedCategory(details: unknown): VendorCategory | null {
  const named = isRecord(details) ? details.category : null
  return VENDOR_CATEGORIES.find((category) => category === named) ?? null
}

const HARMS: Readonly<Record<VendorCategory, Category | null>> = {
  cyber: 'cyber',
  bio: 'bio',
  general_harms: 'other-harm',
  // Terms of business: nobody is harmed.
  frontier_llm: null,
  reasoning_extraction: null,
}

/** The harm that a vendor's refusal speaks of (wire.md §4): that of no word is not known, and some speak of none (null). */
export function refusedHarm(named: VendorCategory | null): Category | null {
  return named === null ? 'other-harm' : HARMS[named]
}
