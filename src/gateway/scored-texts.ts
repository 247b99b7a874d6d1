import type { OrgId } from '../core/base/ids.ts'
import { PLAIN_CONTEXT, type TextContext } from '../core/classifier/combine.ts'
import type { Classifier, ScoreStage, Scores } from '../core/classifier/types.ts'

/**
 * Scores of texts for one organisation: what was scored before is not scored again. A chat interface resends the whole
 * history with every turn; with this a turn costs classification for its new text alone.
 */
export interface ScoredTexts {
  /** Scores of a text that is likely to come again. Equal to a cold run, always: scores depend on these arguments alone. */
  score(stage: ScoreStage, text: string, context?: TextContext): Scores
  /** Scores of a text that is not. */
  scoreOnce(stage: ScoreStage, text: string, context?: TextContext): Scores
}

export interface ScoreCache {
  of(org: OrgId): ScoredTexts
  readonly stats: ScoreCacheStats
}

export interface ScoreCacheStats {
  /** Code units that went through the classifier: the work that was done. */
  characters: number
  hits: number
  misses: number
  bytes: number
}

/** One entry: key, scores, and what the map and its list need for them. */
const ENTRY_BYTES = 512

/**
 * Remembers scores by the hash of their text, least recently used out first.
 *
 * Keys are made with the organisation's own secret: there is no hit, and no difference in time, across organisations.
 * An entry is never evidence: receipts hold findings.
 *
 * @param digest Keyed hash of a text under an organisation's secret; the model's hash is part of it, so that a cache
 *   never outlives its model.
 */
export function createScoreCache(
  classifier: Classifier,
  digest: (org: OrgId, text: string) => string,
  maxBytes: number,
): ScoreCache {
  const entries = new Map<string, Scores>()
  const stats: ScoreCacheStats = { characters: 0, hits: 0, misses: 0, bytes: 0 }
  const most = Math.floor(maxBytes / ENTRY_BYTES)
  const scoreOnce = (stage: ScoreStage, text: string, context: TextContext = PLAIN_CONTEXT) => {
    stats.characters += text.length
    return classifier.score(text, stage, context)
  }
  return {
    stats,
    of: (org) => ({
      scoreOnce,
      score(stage, text, context = PLAIN_CONTEXT) {
        if (most === 0) return scoreOnce(stage, text, context)
        const key = `${stage} ${Number(context.ambient)}${Number(context.system)} ${digest(org, text)}`
        const known = entries.get(key)
        if (known !== undefined) {
          stats.hits++
          entries.delete(key)
          entries.set(key, known)
          return known
        }
        stats.misses++
        const scores = scoreOnce(stage, text, context)
        entries.set(key, scores)
        if (entries.size > most) entries.delete(entries.keys().next().value!)
        stats.bytes = entries.size * ENTRY_BYTES
        return scores
      },
    }),
  }
}
