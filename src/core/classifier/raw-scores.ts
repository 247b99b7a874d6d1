import { GATES, type LanguageGroup, type Model } from './model.ts'
import { Scorer } from './scorer.ts'

/** What a text scores before calibration: per gate the whole and its highest window, where it has more than one. */
export interface RawScores {
  readonly group: LanguageGroup
  readonly gates: readonly { readonly whole: number; readonly windows: number | null }[]
}

export function rawScores(model: Model, text: string): RawScores {
  const scorer = new Scorer(model, 'input')
  scorer.feed(text)
  const gates = Array.from({ length: GATES }, (_, gate) => scorer.raw(gate))
  const { group } = scorer
  scorer.close()
  return { group, gates }
}
