import { hash32 } from '../core/base/hash32.ts'
import { idOf, type PairRow } from './pairs/expand.ts'
import type { AnswerSeed } from './training-ports.ts'

/** What an answer does with what was asked. */
export const ANSWER_KINDS = ['complies', 'declines', 'helps'] as const

/** Who wrote a row of `answerRows`. @throws {TypeError} for any other. */
export function writerOf({ template }: { readonly template: string | null }): string {
  const [kind, writer] = template?.split('.') ?? []
  if (kind !== 'answers' || writer === undefined) throw new TypeError('wanted a row of an answer')
  return writer
}

/**
 * Three exchanges of each seed: the request for harm with the answer that gives in and with the one that does not, which
 * are a matched pair, and the harmless request on the same subject with the answer that helps.
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

/** The same, each answer as the third of four by its writer, of which the others help with something harmless. */
export function amongOthers(rows: readonly PairRow[]): readonly PairRow[] {
  return [...Map.groupBy(rows, writerOf).values()].flatMap((own) => {
    const helping = own.filter(({ subject }) => subject === 'answer-helps')
    return own.map((row, i) => {
      const entry = Math.floor(i / ANSWER_KINDS.length)
      const other = (nth: number) => helping[(entry + nth) % helping.length]!.turns.at(-1)!.content
      const content = [other(1), other(2), row.turns.at(-1)!.content, other(3)].join('\n\n')
      const turns = [...row.turns.slice(0, -1), { role: 'assistant', content }]
      return { ...row, id: idOf(row.template, JSON.stringify(turns)), turns }
    })
  })
}
