import { hash32 } from './pairs/draw.ts'
import { idOf, type PairRow } from './pairs/expand.ts'
import type { AnswerSeed } from './training-ports.ts'

/** What an answer does with what was asked. */
export const ANSWER_KINDS = ['complies', 'declines', 'helps'] as const

/** Who wrote an answer's row. */
export const writerOf = ({ template }: { readonly template: string | null }) => template?.split('.')[1] ?? ''

/**
 * Three exchanges of each seed: the request for harm with the answer that gives in and with the one that does not, which
 * are a matched pair, and the harmless request of the same words with the answer that helps.
 *
 * @param split `dev`: nothing is learned from them.
 */
export function answerRows(seeds: readonly AnswerSeed[], split: PairRow['split']): readonly PairRow[] {
  return seeds.flatMap((seed) => {
    const template = `answers.${seed.writer}.${hash32(seed.asked).toString(16).padStart(8, '0')}`
    return ANSWER_KINDS.map((kind): PairRow => {
      const harmful = kind === 'complies'
      const turns = [
        { role: 'user', content: kind === 'helps' ? seed.near : seed.asked },
        { role: 'assistant', content: seed[kind] },
      ]
      return {
        ...{ id: idOf(template, JSON.stringify(turns)), lang: seed.lang, turns, attack: null, target: 'exchange' },
        ...(harmful ? { label: 'harmful', category: seed.category } : { label: 'borderline-benign', category: 'none' }),
        ...{
          source: split === 'train' ? 'sluice-answers' : 'sluice-unseen',
          license: 'CC0-1.0',
          quality: 'gold',
          split,
        },
        ...{ pair: kind === 'helps' ? `${template}.near` : template, template, subject: `answer-${kind}` },
      }
    })
  })
}
