import { GATES, type Model } from './model.ts'
import { Scorer } from './scorer.ts'

/** Raw gate scores of a text, before calibration: of the whole, and of its highest window where it has more than one. */
export function rawScores(
  model: Model,
  text: string,
): readonly { readonly whole: number; readonly windows: number | null }[] {
  const scorer = new Scorer(model, 'input')
  scorer.feed(text)
  const scores = Array.from({ length: GATES }, (_, gate) => scorer.raw(gate))
  scorer.close()
  return scores
}
