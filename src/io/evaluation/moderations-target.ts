import { z } from 'zod'
import { askedText, byScore, type HttpTarget } from './target.ts'

const scores = z.record(z.string(), z.number().min(0).max(1))
const answerSchema = z.object({
  results: z
    .array(
      z.object({
        flagged: z.boolean(),
        // None at all is no score of nothing.
        category_scores: scores.refine((all) => Object.keys(all).length > 0),
        sluice: z.object({ categories: scores.default({}), would: z.string() }).optional(),
      }),
    )
    .length(1),
})
const ACTS = new Set(['fall_back', 'require_trust', 'refuse'])

/**
 * OpenAI's moderation endpoint, or a Sluice's: the score is that of the greatest category. A Sluice also says what it
 * would do, and names categories that the native list has no word for; other endpoints act where they flag. A score that is
 * no probability is no verdict.
 */
export function moderationsTarget(url: string, settings: { key: string | null; model: string | null }): HttpTarget {
  return {
    url,
    request: (row) => ({
      body: JSON.stringify({ input: askedText(row), ...(settings.model === null ? {} : { model: settings.model }) }),
      headers: settings.key === null ? {} : { authorization: `Bearer ${settings.key}` },
    }),
    read(answer) {
      const read = answerSchema.safeParse(answer)
      if (!read.success) return null
      const { flagged, category_scores, sluice } = read.data.results[0]!
      const all = [...Object.values(category_scores), ...Object.values(sluice?.categories ?? {})]
      return byScore(Math.max(...all), flagged, sluice === undefined ? flagged : ACTS.has(sluice.would))
    },
  }
}
