import { LABELS } from '../core/base/reasons.ts'
import type { Combiner } from '../core/classifier/combine.ts'
import { type AnswerName, type LanguageGroup, logit, type Model, type Platt } from '../core/classifier/model.ts'
import { Scorer } from '../core/classifier/scorer.ts'
import { fitPlatt } from '../core/classifier/train-step.ts'
import { languageBalance } from './language-balance.ts'
import { placeLines } from './place-lines.ts'
import { type ExchangeScores, greatest, readExchanges, type Strangers, type Voice, voices } from './strangers.ts'
import { SAYS } from './train-targets.ts'
import type { TrainingRow } from './training-ports.ts'
import { CERTAINTY, type Sample, samplesOf } from './training-rows.ts'

type Uncalibrated = Omit<Model, 'calibration' | 'exchange' | 'thresholds'>

const PLAIN: Platt = { a: 1, b: 0 }
const PLAIN_GROUPS = { spaced: PLAIN, unspaced: PLAIN }
const NO_LINES = { clear: 1e6, act: 1e6, actPlus: 1e6 }
const UNCALIBRATED = {
  calibration: { harm: PLAIN_GROUPS, attack: PLAIN_GROUPS, answer: PLAIN_GROUPS },
  exchange: { answer: 1, lesser: 0, bias: 0 },
  thresholds: { harmInput: NO_LINES, attackInput: NO_LINES, output: NO_LINES, exchange: NO_LINES },
} as const
const SILENT: Combiner = { mean: [], scale: [], bias: 0, linear: [], hidden: [], hiddenBias: [], out: [] }
/** What a model lacks that has gates alone. */
export const WITHOUT_HEADS = {
  ...UNCALIBRATED,
  ...{ heads: new Int8Array(LABELS.length), headScales: [] as number[], headBiases: [] as number[] },
  ...{ combiners: { harm: SILENT, attack: SILENT, answer: SILENT }, second: null, topics: null },
}

/**
 * Turns logits into probabilities, and probabilities into thresholds.
 *
 * @param strangers Rows that calibrate, each beside a model that is `raw` but for what those rows would have taught it.
 */
export function calibrate(raw: Uncalibrated, strangers: readonly Strangers<Uncalibrated>[]): Model {
  const voice = voices(strangers.flatMap(({ rows }) => rows))
  const readers = (change: Partial<Model>) =>
    strangers.map(({ model, rows }) => ({ model: { ...model, ...UNCALIBRATED, ...change }, rows }))
  const points = readers({}).flatMap(({ model, rows }) => rows.flatMap(samplesOf).map(reader(model)))
  const calibration = {
    harm: plattsOf(points, voice, 'harm'),
    attack: plattsOf(points, voice, 'attack'),
    answer: plattsOf(points, voice, 'answer'),
  }
  const exchanges = readExchanges(readers({ calibration }))
  const exchange = fitExchange(exchanges, voice)
  const thresholds = placeLines(readers({ calibration, exchange }), exchanges, voice)
  return { ...raw, calibration, exchange, thresholds }
}

/** A sample as its model reads it. */
interface Point {
  readonly sample: Sample
  readonly group: LanguageGroup
  readonly logits: Readonly<Record<AnswerName, number>>
}

function reader(model: Model): (sample: Sample) => Point {
  return (sample) => {
    const scorer = new Scorer(model, sample.kind === 'answer' ? 'output' : 'input', sample.context)
    scorer.feed(sample.text)
    const logits = {
      harm: scorer.logit('harm'),
      attack: scorer.logit('attack'),
      answer: scorer.logit('answer'),
    }
    const { group } = scorer
    scorer.close()
    return { sample, group, logits }
  }
}

function plattsOf(points: readonly Point[], voice: Voice, answer: AnswerName): Record<LanguageGroup, Platt> {
  const all = points
    .filter(({ sample }) => SAYS[answer](sample) >= 0)
    .map(({ sample, group, logits }) => ({
      ...{ group, logit: logits[answer], quality: sample.row.quality },
      ...{ positive: SAYS[answer](sample) === 1, weight: voice(sample.row) },
    }))
  const balance = languageBalance(all)
  const plattOf = (points: typeof all, slope?: number) =>
    fitPlatt(
      points.map(({ logit }) => logit),
      points.map(({ positive }) => Number(positive)),
      points.map(({ quality, weight, group, positive }) => weight * CERTAINTY[quality] * balance(group, positive)),
      slope,
    )
  // What a point of evidence is worth is the same for all: a slope of its own makes the top of a small group too sure.
  const together = plattOf(all)
  const ofGroup = (group: LanguageGroup) => {
    const own = all.filter((point) => point.group === group)
    // A group that shows one outcome only cannot calibrate by itself.
    return new Set(own.map(({ positive }) => positive)).size === 2 && own.length >= 100
      ? plattOf(own, together.a)
      : together
  }
  return { spaced: ofGroup('spaced'), unspaced: ofGroup('unspaced') }
}

/** Logistic regression on the answer's logit and the lesser of the prompt's and the answer's, by gradient descent. */
function fitExchange(exchanges: ReadonlyMap<TrainingRow, ExchangeScores>, voice: Voice): Model['exchange'] {
  const points = [...exchanges].map(([row, pair]) => {
    const [p, a] = pair.map((scores) => logit(greatest(scores))) as [number, number]
    const weight = voice(row) * CERTAINTY[row.quality]
    return { x: [a, Math.min(p, a), 1], y: Number(row.label === 'harmful'), weight }
  })
  const all = points.reduce((sum, { weight }) => sum + weight, 0)
  const w = [0.5, 0.5, 0]
  for (let step = 0; step < 4000 && points.length > 0; step++) {
    const gradient = [0, 0, 0]
    for (const { x, y, weight } of points) {
      const error = weight * (1 / (1 + Math.exp(-dot(w, x))) - y)
      for (let i = 0; i < x.length; i++) gradient[i]! += error * x[i]!
    }
    for (let i = 0; i < w.length; i++) w[i]! -= (0.1 * gradient[i]!) / all
  }
  return { answer: w[0]!, lesser: w[1]!, bias: w[2]! }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
