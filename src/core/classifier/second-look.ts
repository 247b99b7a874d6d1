import { EVIDENCE, type Evidence, SECOND_EVIDENCE, type TextContext } from './combine.ts'
import {
  emptyPool,
  MOST_READ_WHOLE,
  type Network,
  networkLogits,
  type PooledFeatures,
  pool,
  pooled,
  together,
} from './network.ts'
import type { StandOut } from './sentences.ts'
import type { ScoreStage } from './types.ts'

/** Where what the network says stands in the evidence: of the passage, of the window, of the sentence that stands out most. */
const WHOLE = EVIDENCE.length
const WINDOW = WHOLE + 2
const SENTENCE = WINDOW + 2

/** Features of a text, as its scorer has them at hand. */
export interface LookedAt {
  /** Those of the highest window of two half-blocks, or of the whole text where it is no longer. */
  passage(take: (hashes: ArrayLike<number>, count: number) => void): void
  /** Those of the highest window of two sub-blocks; null where the text is no longer. */
  readonly window: ((take: (hashes: ArrayLike<number>, from: number, to: number) => void) => void) | null
  /** Null where the text is no longer than a window. */
  readonly standOut: StandOut | null
}

/** Evidence of a second look: what the network says of the text, beside that of the first. Shape [SECOND_EVIDENCE.length]. */
export function lookAgain(
  network: Network,
  stage: ScoreStage,
  context: TextContext,
  first: Evidence,
  text: LookedAt,
): Evidence {
  const evidence = new Float64Array(SECOND_EVIDENCE.length)
  evidence.set(first)
  const read = (features: PooledFeatures) => {
    const [harm, answer, attack] = networkLogits(network, features, context)
    return { own: stage === 'input' ? harm! : answer!, attack: attack! }
  }
  const put = (features: PooledFeatures, at: number) => {
    const { own, attack } = read(features)
    evidence[at] = own
    evidence[at + 1] = attack
  }
  const { window, standOut } = text
  const sentences = standOut?.ids.map((ids) => pooled(network, ids)) ?? []
  put(pooledPassage(network, text, sentences), WHOLE)
  // A text no longer than a window is one, and a sentence.
  evidence.copyWithin(WINDOW, WHOLE, WHOLE + 2)
  evidence.copyWithin(SENTENCE, WHOLE, WHOLE + 2)
  if (window === null) return evidence
  const highest = emptyPool(network)
  window((ids, from, to) => pool(network, ids, from, to, highest))
  put(highest, WINDOW)
  if (standOut === null || standOut.count < 2) return evidence
  evidence[SENTENCE + 2] = Math.log(standOut.count)
  sentences.forEach((sentence, i) => {
    const { own, attack } = read(sentence)
    evidence[SENTENCE] = i === 0 ? own : Math.max(evidence[SENTENCE]!, own)
    evidence[SENTENCE + 1] = i === 0 ? attack : Math.max(evidence[SENTENCE + 1]!, attack)
  })
  return evidence
}

/** @param sentences Of those that stand out: where they are the whole text, nothing is pooled twice. */
function pooledPassage(
  network: Network,
  { passage, standOut }: LookedAt,
  sentences: readonly PooledFeatures[],
): PooledFeatures {
  let features = 0
  passage((_, count) => {
    features += count
  })
  const halved = features > MOST_READ_WHOLE
  if (standOut?.isAll === true && !halved) return together([...sentences, pooled(network, standOut.rest)])
  const whole = emptyPool(network)
  passage((ids, count) => pool(network, ids, 0, count, whole, halved))
  return whole
}
