/** What a reviewer says of an exchange, in the order of the digits that say it: 1 to 4. */
export const REVIEW_LABELS = ['harmful', 'benign', 'borderline-benign', 'unsure'] as const
/** `borderline-benign`: harmless, and looks harmful; over-refusal is measured on these. `unsure` trains nothing. */
export type ReviewLabel = (typeof REVIEW_LABELS)[number]

export function isReviewLabel(value: unknown): value is ReviewLabel {
  return (REVIEW_LABELS as readonly unknown[]).includes(value)
}
