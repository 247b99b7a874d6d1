import { type Kysely, sql } from 'kysely'
import type { Segment } from '../../core/base/segments.ts'
import type { Action } from '../../core/policy/policy.ts'
import type { ReviewLabel } from '../../core/safeguards/review-label.ts'
import type { LabelledStore } from '../../jobs/label-ports.ts'
import { guarded } from './guarded.ts'
import type { Tables } from './schema.ts'

/** What people said, by the decisions that it is about. SQL that both databases speak. */
export function labelQueries(db: Kysely<Tables>): LabelledStore {
  return {
    labelledDecisions: (sinceMs, untilMs) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('review_labels')
          .innerJoin('decisions', 'decisions.id', 'review_labels.decision')
          .leftJoin('review_items', 'review_items.id', 'review_labels.item')
          .select([
            'decisions.id',
            'decisions.at_ms',
            'decisions.org',
            'decisions.surface',
            'decisions.segment',
            'decisions.would',
            // What the readers came to where they did; an appeal that was decided is a last word of its own.
            sql<string>`case when review_items.state = 'done' and review_items.label is not null
              then review_items.label else review_labels.label end`.as('label'),
          ])
          .where('decisions.at_ms', '>=', sinceMs)
          .where('decisions.at_ms', '<', untilMs)
          .where('review_labels.revoked_at_ms', 'is', null)
          .where('review_labels.golden', '=', 0)
          .orderBy('review_labels.at_ms')
          .orderBy('review_labels.id')
          .execute()
        const last = new Map(rows.map((row) => [row.id, row]))
        return [...last.values()].map(({ id, at_ms, org, surface, segment, would, label }) => ({
          ...{ decision: id, atMs: Number(at_ms), org, surface, segment: segment as Segment },
          ...{ would: would as Action, label: label as ReviewLabel },
        }))
      }),
  }
}
