import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import { LABELS } from '../core/base/reasons.ts'
import { type AnswerName, GATE_AMBIENT, GATE_ANY, GATE_ATTACK, GATE_OUTPUT } from '../core/classifier/model.ts'
import { NETWORK_ANSWERS } from '../core/classifier/network.ts'
import type { NetworkTarget } from '../core/classifier/train-network.ts'
import type { ColumnTarget } from '../core/classifier/train-step.ts'
import { isOwnRequest, isPair, type Sample } from './training-rows.ts'

/** What each part of a model is taught by a text: its label, 1, 0, or -1 where the text says nothing, and its weight. */

/** What a text says to each question. */
export const SAYS: Readonly<Record<AnswerName, (sample: Sample) => 1 | 0 | -1>> = {
  harm: ({ kind, harmful }) => (kind === 'answer' ? -1 : harmful ? 1 : 0),
  attack: ({ kind, attack }) => (kind === 'answer' ? -1 : attack !== null ? 1 : 0),
  answer: ({ kind, harmful }) => (kind !== 'answer' ? -1 : harmful ? 1 : 0),
}

const GATE_QUESTIONS: ReadonlyMap<number, AnswerName> = new Map([
  [GATE_ANY, 'harm'],
  [GATE_ATTACK, 'attack'],
  [GATE_OUTPUT, 'answer'],
  [GATE_AMBIENT, 'harm'],
])

/**
 * A sum of weights learns least from what differs in how words stand together: pairs are the network's to tell apart, and
 * at full weight they cost the first gate more elsewhere than they give.
 */
const GATE_WEIGHTS: ReadonlyMap<number, (sample: Sample) => number> = new Map([
  [GATE_ANY, ({ row, weight }) => (isPair(row) ? weight / 2 : weight)],
  [GATE_AMBIENT, ambientWeight],
])

/** @param isLearned Texts of which this is false weigh nothing. */
export function gateTarget(
  samples: readonly Sample[],
  gate: number,
  isLearned: (sample: Sample) => boolean,
): ColumnTarget {
  const weightOf = GATE_WEIGHTS.get(gate) ?? ownWeight
  return {
    labels: Int8Array.from(samples, SAYS[GATE_QUESTIONS.get(gate)!]),
    weights: Float32Array.from(samples, (sample) => (isLearned(sample) ? weightOf(sample) : 0)),
  }
}

export function headTarget(samples: readonly Sample[], label: number): ColumnTarget {
  return { labels: headLabels(samples, label), weights: Float32Array.from(samples, ownWeight) }
}

/** Three questions, and beside them the labels: what harm, what form. */
export function networkTarget(samples: readonly Sample[], isLearned: (sample: Sample) => boolean): NetworkTarget {
  const outputs = NETWORK_ANSWERS.length + LABELS.length
  const labels = new Int8Array(samples.length * outputs)
  const heads = LABELS.map((_, label) => headLabels(samples, label))
  samples.forEach((sample, i) => {
    NETWORK_ANSWERS.forEach((answer, n) => {
      labels[i * outputs + n] = SAYS[answer](sample)
    })
    heads.forEach((head, label) => {
      labels[i * outputs + NETWORK_ANSWERS.length + label] = head[i]!
    })
  })
  return {
    ...{ labels, side: LABELS.length, contexts: samples.map(({ context }) => context) },
    weights: Float32Array.from(samples, (sample) => (isLearned(sample) ? sample.weight : 0)),
  }
}

/**
 * Nothing behind the evidence has seen the template of a pair, which is made to be hard, or the topic of a request: what it
 * says there is rough.
 */
export function combinedWeight({ row, weight }: Sample): number {
  return isPair(row) ? weight / 4 : isOwnRequest(row) ? weight / 2 : weight
}

/** Heads tell labels apart among harmful texts; whether a text is harmful is the gate's to say. */
function headLabels(samples: readonly Sample[], label: number): Int8Array {
  const category = CATEGORIES[label]
  const form = ATTACK_FORMS[label - CATEGORIES.length]
  return Int8Array.from(samples, (sample) => {
    if (!sample.harmful) return -1
    if (category !== undefined) return sample.category === null ? -1 : Number(sample.category === category)
    return sample.attack === null ? -1 : Number(sample.attack === form)
  })
}

/** Few documents hold an order, so forms of attack that were asked for directly are taken as weak examples beside them. */
function ambientWeight({ kind, attack, weight }: Sample): number {
  return kind === 'ambient' ? weight : kind === 'asked' && attack !== null ? weight * 0.1 : 0
}

function ownWeight({ weight }: Sample): number {
  return weight
}
