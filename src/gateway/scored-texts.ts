import type { OrgId } from '../core/base/ids.ts'
import { PLAIN_CONTEXT, type TextContext } from '../core/classifier/combine.ts'
import type { Classifier, ScoreStage, Scores, TextScorer } from '../core/classifier/types.ts'

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

/** Texts that can be scored ahead of need, a slice at a time, so that nobody waits for a long one but who sent it. */
export interface ScoredAhead extends ScoredTexts {
  /**
   * After this, `score` of the same finds it done. Without room to remember anything, it does nothing.
   * @param pause Instead of the cache's own; what it throws ends the reading.
   */
  ahead(stage: ScoreStage, text: string, context?: TextContext, pause?: () => Promise<void>): Promise<void>
}

export interface ScoreCache {
  of(org: OrgId): ScoredAhead
  readonly stats: ScoreCacheStats
}

export interface ScoreCacheStats {
  /** Code units that went through the classifier: the work that was done. */
  characters: number
  hits: number
  misses: number
  bytes: number
}

/** Code units that are scored in one go: some milliseconds, whatever they hold. */
export const SLICE_CHARS = 16_384

/** Scores of a text of any length, with a pause after each slice. The same scores as in one go. */
export async function scoreInSlices(scorer: TextScorer, text: string, pause: () => Promise<void>): Promise<Scores> {
  try {
    for (let at = 0; at < text.length; at += SLICE_CHARS) {
      scorer.feed(text.slice(at, at + SLICE_CHARS))
      await pause()
    }
    return scorer.scores()
  } finally {
    scorer.close()
  }
}

/** One entry: key, scores, and what the map and its list need for them. */
const ENTRY_BYTES = 512

/**
 * Remembers scores by the hash of their text, in two generations: what is asked for again moves into the younger one, and
 * the older one goes as a whole when the younger is full. A map out of which one key is taken and put back, over and over,
 * would look through all the places it ever had.
 *
 * Keys are made with the organisation's own secret: there is no hit, and no difference in time, across organisations.
 * An entry is never evidence: receipts hold findings.
 *
 * @param digest Keyed hash of a text under an organisation's secret; the model's hash is part of it, so that a cache
 *   never outlives its model.
 * @param pause Lets others be served.
 */
export function createScoreCache(
  classifier: Classifier,
  digest: (org: OrgId, text: string) => string,
  maxBytes: number,
  pause: () => Promise<void>,
): ScoreCache {
  let young = new Map<string, Scores>()
  let old = new Map<string, Scores>()
  const stats: ScoreCacheStats = { characters: 0, hits: 0, misses: 0, bytes: 0 }
  const most = Math.floor(maxBytes / ENTRY_BYTES / 2)
  const scoreOnce = (stage: ScoreStage, text: string, context: TextContext = PLAIN_CONTEXT) => {
    stats.characters += text.length
    return classifier.score(text, stage, context)
  }
  const keyOf = (org: OrgId, stage: ScoreStage, text: string, context: TextContext) =>
    `${stage} ${Number(context.ambient)}${Number(context.system)} ${digest(org, text)}`
  const remember = (key: string, scores: Scores) => {
    if (young.size >= most) {
      old = young
      young = new Map()
    }
    young.set(key, scores)
    stats.bytes = (young.size + old.size) * ENTRY_BYTES
  }
  return {
    stats,
    of: (org) => ({
      scoreOnce,
      async ahead(stage, text, context = PLAIN_CONTEXT, between = pause) {
        const key = keyOf(org, stage, text, context)
        if (most === 0 || young.has(key)) return
        const known = old.get(key)
        if (known !== undefined) return remember(key, known)
        stats.characters += text.length
        remember(key, await scoreInSlices(classifier.open(stage, context), text, between))
      },
      score(stage, text, context = PLAIN_CONTEXT) {
        if (most === 0) return scoreOnce(stage, text, context)
        const key = keyOf(org, stage, text, context)
        const recent = young.get(key)
        const known = recent ?? old.get(key)
        if (known !== undefined) {
          stats.hits++
          if (recent === undefined) remember(key, known)
          return known
        }
        stats.misses++
        const scores = scoreOnce(stage, text, context)
        remember(key, scores)
        return scores
      },
    }),
  }
}
