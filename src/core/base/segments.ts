/**
 * Kinds of traffic that reports tell apart: one label of a closed list, so that figures of two days or two instances are
 * about the same. Named after what people do; a segment never causes an action. Source: classifier.md §6.
 */
export const SEGMENTS = [
  'coding',
  'debugging',
  'secure-code-fix',
  'security',
  'medical',
  'biology',
  'chemistry',
  'physics',
  'legal',
  'finance',
  'documents',
  'conversation',
  'roleplay',
  'safety-words',
  'injection-words',
  'other',
] as const

export type Segment = (typeof SEGMENTS)[number]

/** An operator's rule on what is known of a request without its text: all members given must hold. */
export interface SegmentRule {
  readonly segment: Segment
  readonly org: string | null
  readonly surface: string | null
  /** Start of the requested model's name. */
  readonly model: string | null
}

/** What a segment is told from. */
export interface SegmentFacts {
  /** The key's own setting, where it has one. */
  readonly segment?: Segment
  /** What its text is about, as the classifier tells it; left out where it cannot. */
  readonly topic?: Segment
  readonly org: string
  readonly surface: string
  readonly requestedModel: string
}

/** The key's setting; else the first rule that holds; else what the text is about; else `other`. */
export function segmentOf(facts: SegmentFacts, rules: readonly SegmentRule[]): Segment {
  if (facts.segment !== undefined) return facts.segment
  const { org, surface, requestedModel } = facts
  const rule = rules.find(
    (one) =>
      (one.org === null || one.org === org) &&
      (one.surface === null || one.surface === surface) &&
      (one.model === null || requestedModel.startsWith(one.model)),
  )
  return rule?.segment ?? facts.topic ?? 'other'
}
