import { isAttackForm, isCategory } from '../core/base/harm.ts'
import type { TextContext } from '../core/classifier/combine.ts'
import type { TrainingRow } from './training-ports.ts'

/** One text to learn from, with everything a column may want to know of it. */
export interface Sample {
  readonly text: string
  readonly row: TrainingRow
  /** `asked`: what the user asks now. `ambient`: a document or tool result beside it. `answer`. */
  readonly kind: 'asked' | 'ambient' | 'answer'
  readonly context: TextContext
  readonly harmful: boolean
  readonly attack: string | null
  readonly category: string | null
  readonly weight: number
}

/** How far a label is believed, by how it came about. */
export const CERTAINTY = { gold: 1, silver: 0.8, weak: 0.5 } as const

/**
 * Sides of a matched pair. Half of the pairs' texts are harmful, of traffic next to none: with sides that weigh the same,
 * the words they share come to alarm, and legitimate work with them is refused. `quoted` is a harmless document
 * that quotes an order. Chosen among eight settings by held-out pairs, the dev split and the regression sets.
 */
export const PAIR_WEIGHTS = { harmless: 2, harmful: 0.6, quoted: 4 } as const

/** How much a row counts. Sources that would teach "this language is harmless", or one style of attack, count less. */
export function weightOf(row: TrainingRow): number {
  let weight: number = CERTAINTY[row.quality]
  if (isPair(row)) return weight * PAIR_WEIGHTS[sideOf(row)]
  if (isOwnRequest(row)) return weight * (OWN_LANGUAGES.has(row.lang) ? 1 : REQUESTS_ELSEWHERE)
  if (row.source === 'sluice-everyday') return weight * EVERYDAY
  if (row.source === 'sluice-wrapped') return weight * WRAPPED
  if (row.label === 'borderline-benign') weight *= 1.5
  // In ten languages it asks for harm fourteen times as often as for what lies near it.
  if (row.source === 'multijail' && row.label === 'borderline-benign') weight *= 2
  if (row.lang === 'ja' && row.label === 'benign') weight *= 0.6
  if (row.lang === 'ja' && row.label === 'harmful') weight *= 2
  if (row.source === 'cysecbench') weight *= 0.6
  return weight
}

/** Whether a row is a side of one of our own matched pairs. */
export function isPair({ source }: TrainingRow): boolean {
  return source === 'sluice-pairs'
}

/** Whether a row is one of our own plain requests. */
export function isOwnRequest({ source }: TrainingRow): boolean {
  return source === 'sluice-requests'
}

/** Languages that the model is made for. */
const OWN_LANGUAGES: ReadonlySet<string> = new Set(['en', 'ja'])
/** How much requests in other languages count: at full weight they take from what is known of the sources there. */
const REQUESTS_ELSEWHERE = 0.5

/** Each says what another row says without its surroundings. */
const WRAPPED = 0.5

/** They stand for most of all traffic, and there are few of them. */
const EVERYDAY = 3

function sideOf({ label, turns }: TrainingRow): keyof typeof PAIR_WEIGHTS {
  if (label === 'harmful') return 'harmful'
  return turns.some(({ role }) => role === 'tool') ? 'quoted' : 'harmless'
}

/** The texts of one row, cut as the gateway cuts them: the newest user turns together, other parts apart. */
export function samplesOf(row: TrainingRow): readonly Sample[] {
  const harmful = row.label === 'harmful'
  const system = row.turns.some(({ role, content }) => role === 'system' && content.trim() !== '')
  const context = { ambient: false, system }
  const weight = weightOf(row)
  const attack = isAttackForm(row.attack) && harmful ? row.attack : null
  const category = isCategory(row.category) ? row.category : null
  if (row.target === 'exchange') {
    const answer = row.turns.at(-1)!
    return answer.role === 'assistant' && answer.content.trim() !== ''
      ? [{ text: answer.content, row, kind: 'answer', context, harmful, attack: null, category, weight }]
      : []
  }
  const lastAnswer = row.turns.findLastIndex(({ role }) => role === 'assistant')
  const newest = row.turns.slice(lastAnswer + 1)
  const asked = textOf(newest, 'user')
  const tool = textOf(newest, 'tool')
  const samples: Sample[] = []
  // An order hidden in a document makes the document the attack, and leaves the question beside it what it was. Of a
  // harmful row of any other kind nobody said that its document is.
  const hidden = tool !== '' && attack === 'injection'
  if (asked !== '' && !hidden)
    samples.push({ text: asked, row, kind: 'asked', context, harmful, attack, category, weight })
  if (tool !== '' && (!harmful || hidden || asked === ''))
    samples.push({
      text: tool,
      row,
      kind: 'ambient',
      context: { ambient: true, system },
      harmful,
      attack,
      category,
      weight,
    })
  return samples
}

/** Every part of a row that is read. The label decides in training which parts carry it; here it is not known. */
export function partsOf(row: TrainingRow): readonly Sample[] {
  return samplesOf({ ...row, label: 'benign', attack: null })
}

function textOf(turns: TrainingRow['turns'], role: string): string {
  return turns
    .filter((turn) => turn.role === role)
    .map(({ content }) => content)
    .join('\n')
}
