import { hash32 } from '../src/core/base/hash32.ts'
import type { PairRow } from '../src/jobs/pairs/expand.ts'

export type Vocabulary = 'function words' | 'all words'
type Twins = readonly [harmless: PairRow, harmful: PairRow]

const FOLDS = 5
const EPOCHS = 4
const FUNCTION_WORDS = new Set(
  `a an the i you he she it we they me him her us them my your his its our their mine yours this that these those is are
  was were be been am do does did have has had can could will would shall should may might must not no and or but if so
  because as than then to of in on at by for from with without into onto about after before until while out up off over
  under again once only just very too also please thanks hi hey hello how what which who whom whose when where why there
  here one two it's i'm don't doesn't didn't can't won't isn't let both each any some all every more most less least other
  another such own same`.split(/\s+/),
)

/**
 * How far a bag of words gets on templates it has not seen: share of pairs whose harmful side it puts first, over five
 * folds of templates, logistic regression on the words that only one side has. Half is chance.
 */
export function wordPairAccuracy(twins: readonly Twins[], vocabulary: Vocabulary): number {
  const pairs = twins.map(([harmless, harmful]) => {
    const [a, b] = [bagOf(harmless, vocabulary), bagOf(harmful, vocabulary)]
    return {
      fold: hash32(harmless.template) % FOLDS,
      signs: [
        ...[...a].filter((word) => !b.has(word)).map((word) => [word, -1] as const),
        ...[...b].filter((word) => !a.has(word)).map((word) => [word, 1] as const),
      ],
    }
  })
  let right = 0
  for (let fold = 0; fold < FOLDS; fold++) {
    const weights = learn(pairs.filter((pair) => pair.fold !== fold))
    for (const { signs } of pairs.filter((pair) => pair.fold === fold)) {
      const sum = signs.reduce((total, [word, sign]) => total + (weights.get(word) ?? 0) * sign, 0)
      right += sum > 0 ? 1 : sum === 0 ? 0.5 : 0
    }
  }
  return right / pairs.length
}

function learn(pairs: readonly { readonly signs: readonly (readonly [string, number])[] }[]): Map<string, number> {
  const weights = new Map<string, number>()
  const squares = new Map<string, number>()
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (const { signs } of pairs) {
      const sum = signs.reduce((total, [word, sign]) => total + (weights.get(word) ?? 0) * sign, 0)
      const error = 1 / (1 + Math.exp(-sum)) - 1
      for (const [word, sign] of signs) {
        const gradient = error * sign
        const square = (squares.get(word) ?? 1e-3) + gradient * gradient
        squares.set(word, square)
        weights.set(word, (weights.get(word) ?? 0) - (0.1 * gradient) / Math.sqrt(square))
      }
    }
  return weights
}

/** Words in English; in Japanese pairs of characters, or for function words the kana and marks one by one. */
function bagOf({ lang, turns }: PairRow, vocabulary: Vocabulary): Set<string> {
  const text = turns.map(({ content }) => content).join('\n')
  if (lang === 'ja') {
    const characters = [...text]
    return vocabulary === 'all words'
      ? new Set(characters.map((character, i) => character + (characters[i + 1] ?? '')))
      : new Set(characters.filter((character) => /[\u3040-\u309f、。？！]/.test(character)))
  }
  const found: readonly string[] = text.toLowerCase().match(/[a-z']+|[.,;:?!"]/g) ?? []
  return new Set(found.filter((word) => vocabulary === 'all words' || FUNCTION_WORDS.has(word) || !/[a-z]/.test(word)))
}
