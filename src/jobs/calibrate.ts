import { LABELS } from '../core/base/reasons.ts'
import { createClassifier } from '../core/classifier/classifier.ts'
import type { Combiner } from '../core/classifier/combine.ts'
import {
  type AnswerName,
  type LanguageGroup,
  type Lines,
  logit,
  type Model,
  type Platt,
  sigmoid,
} from '../core/classifier/model.ts'
import { Scorer } from '../core/classifier/scorer.ts'
import { fitPlatt } from '../core/classifier/train-step.ts'
import { languageBalance } from './language-balance.ts'
import type { TrainingRow } from './training-ports.ts'
import { CERTAINTY, type Sample, samplesOf } from './training-rows.ts'

type Uncalibrated = Omit<Model, 'calibration' | 'exchange' | 'thresholds'>

const PLAIN: Platt = { a: 1, b: 0 }
const PLAIN_GROUPS = { spaced: PLAIN, unspaced: PLAIN }
const NO_LINES = { clear: 1e6, act: 1e6, actPlus: 1e6 }
const UNCALIBRATED = {
  calibration: { harm: PLAIN_GROUPS, attack: PLAIN_GROUPS, answer: PLAIN_GROUPS },
  exchange: { prompt: 0, answer: 1, both: 0, bias: 0 },
  thresholds: { harmInput: NO_LINES, attackInput: NO_LINES, output: NO_LINES, exchange: NO_LINES },
} as const
const SILENT: Combiner = { mean: [], scale: [], bias: 0, linear: [], hidden: [], hiddenBias: [], out: [] }
/** What a model lacks that has gates alone. */
export const WITHOUT_HEADS = {
  ...UNCALIBRATED,
  ...{ heads: new Int8Array(LABELS.length), headScales: [] as number[], headBiases: [] as number[] },
  ...{ combiners: { harm: SILENT, attack: SILENT, answer: SILENT }, second: null, topics: null },
}
/** Shares of harmless texts that may reach each line: of ordinary ones, and of those that look alarming and are not. */
interface Shares {
  readonly ordinary: number
  readonly alarming: number
}
const HARM = {
  clear: { ordinary: 0.005, alarming: 0.03 },
  act: { ordinary: 0.0004, alarming: 0.006 },
  actPlus: { ordinary: 0.0001, alarming: 0.001 },
} as const
const ATTACK = {
  clear: { ordinary: 0.008, alarming: 0.02 },
  act: { ordinary: 0.0004, alarming: 0.004 },
  actPlus: { ordinary: 0.0001, alarming: 0.001 },
} as const
/** An answer is judged as it stands, and there are too few to hold its lines to less. */
const ANSWERS = {
  clear: { ordinary: 0.018, alarming: 1 },
  act: { ordinary: 0.003, alarming: 1 },
  actPlus: { ordinary: 0.0002, alarming: 1 },
} as const

/** Rows, and a model that did not learn from them. */
export interface Strangers {
  readonly model: Uncalibrated
  readonly rows: readonly TrainingRow[]
}

type Calibrated = Strangers & { readonly model: Model }

/**
 * Turns logits into probabilities, and probabilities into thresholds.
 *
 * @param strangers Rows that calibrate, each beside a model that is `raw` but for what those rows would have taught it: what
 * a model says of a text that it learned from is too sure.
 */
export function calibrate(raw: Uncalibrated, strangers: readonly Strangers[]): Model {
  const voice = voices(strangers.flatMap(({ rows }) => rows))
  const readers = (change: Partial<Model>) =>
    strangers.map(({ model, rows }) => ({ model: { ...model, ...UNCALIBRATED, ...change }, rows }))
  const points = readers({}).flatMap(({ model, rows }) => rows.flatMap(samplesOf).map(reader(model)))
  const calibration = {
    harm: plattsOf(points, voice, 'harm'),
    attack: plattsOf(points, voice, 'attack'),
    answer: plattsOf(points, voice, 'answer'),
  }
  const exchange = fitExchange(readers({ calibration }))
  const thresholds = thresholdsOf(readers({ calibration, exchange }), voice)
  return { ...raw, calibration, exchange, thresholds }
}

/** How much a row says: what is expanded from one template shares the first digits of its id, and says together what one row says. */
type Voice = (row: TrainingRow) => number

export function voices(rows: readonly TrainingRow[]): Voice {
  const template = ({ id }: TrainingRow) => id.slice(0, 6)
  const sizes = new Map<string, number>()
  for (const row of rows) sizes.set(template(row), (sizes.get(template(row)) ?? 0) + 1)
  return (row) => 1 / sizes.get(template(row))!
}

const concerns = ({ kind }: Sample, answer: AnswerName) => (answer === 'answer') === (kind === 'answer')
const positive = (sample: Sample, answer: AnswerName) => (answer === 'attack' ? sample.attack !== null : sample.harmful)

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
    .filter(({ sample }) => concerns(sample, answer))
    .map(({ sample, group, logits }) => ({
      ...{ group, logit: logits[answer], quality: sample.row.quality },
      ...{ positive: positive(sample, answer), weight: voice(sample.row) },
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

/** Logistic regression on the logits of prompt and answer and their product, by gradient descent. */
function fitExchange(strangers: readonly Calibrated[]): Model['exchange'] {
  const points = strangers.flatMap(({ model, rows }) => {
    const classifier = createClassifier(model, '')
    return rows.flatMap((row) => {
      const pair = exchangeScores(row, classifier)
      if (pair === null) return []
      const [p, a] = pair.map(greatest) as [number, number]
      return [{ x: [logit(p), logit(a), p * a, 1], y: Number(row.label === 'harmful') }]
    })
  })
  const w = [0.2, 0.8, 0, 0]
  for (let step = 0; step < 4000 && points.length > 0; step++) {
    const gradient = [0, 0, 0, 0]
    for (const { x, y } of points) {
      const error = 1 / (1 + Math.exp(-dot(w, x))) - y
      for (let i = 0; i < 4; i++) gradient[i]! += error * x[i]!
    }
    for (let i = 0; i < 4; i++) w[i]! -= (0.1 * gradient[i]!) / points.length
  }
  return { prompt: w[0]!, answer: w[1]!, both: w[2]!, bias: w[3]! }
}

function thresholdsOf(strangers: readonly Calibrated[], voice: Voice): Model['thresholds'] {
  const harm = new Harmless(voice)
  const attack = new Harmless(voice)
  const output = new Harmless(voice)
  const exchange = new Harmless(voice)
  for (const { model, rows } of strangers) {
    const classifier = createClassifier(model, '')
    for (const row of rows) {
      if (row.label === 'harmful') continue
      const pair = exchangeScores(row, classifier)
      if (pair !== null) {
        output.add(row, greatest(pair[1]))
        exchange.add(row, greatest(classifier.exchange(pair[0], pair[1])))
        continue
      }
      for (const { text, context } of samplesOf(row)) {
        const scores = classifier.score(text, 'input', context)
        harm.add(row, greatest(scores.filter((_, i) => LABELS[i]!.startsWith('harm.'))))
        attack.add(row, greatest(scores.filter((_, i) => LABELS[i]!.startsWith('attack.'))))
      }
    }
  }
  return {
    ...{ harmInput: lines(harm, HARM), attackInput: lines(attack, ATTACK) },
    ...{ output: lines(output, ANSWERS), exchange: lines(exchange, ANSWERS) },
  }
}

function exchangeScores(row: TrainingRow, classifier: ReturnType<typeof createClassifier>) {
  if (row.target !== 'exchange') return null
  const answer = row.turns.at(-1)!.content
  const asked = row.turns.filter(({ role }) => role === 'user').at(-1)?.content ?? ''
  return [classifier.score(asked, 'input'), classifier.score(answer, 'output')] as const
}

/** Short harmless texts carry little evidence either way: below these, a probability is no doubt worth a person's time. */
const LEAST_CLEAR = 0.3
const LEAST_ACT = 0.5

interface Weighed {
  readonly value: number
  readonly weight: number
}

/** Probabilities of harmless texts. */
class Harmless {
  readonly ordinary: Weighed[] = []
  readonly alarming: Weighed[] = []
  readonly #voice: Voice
  constructor(voice: Voice) {
    this.#voice = voice
  }
  add(row: TrainingRow, value: number): void {
    const side = row.label === 'borderline-benign' ? this.alarming : this.ordinary
    side.push({ value, weight: this.#voice(row) })
  }
}

/** Lines that neither kind of harmless text reaches more often than its share. */
function lines(harmless: Harmless, shares: Readonly<Record<keyof Lines, Shares>>): Lines {
  const at = (name: keyof Lines) =>
    Math.max(
      quantileOf(harmless.ordinary, 1 - shares[name].ordinary) ?? 0,
      quantileOf(harmless.alarming, 1 - shares[name].alarming) ?? 0,
    )
  const ppm = (probability: number) => Math.round(probability * 1e6)
  const clear = Math.min(999_998, ppm(Math.max(at('clear'), LEAST_CLEAR)))
  const act = Math.min(999_999, Math.max(ppm(Math.max(at('act'), LEAST_ACT)), clear + 1))
  return { clear, act, actPlus: Math.max(ppm(at('actPlus')), act + 1) }
}

/**
 * The probability that a share 1 − q of the weight lies above. Between two that were seen, by their log odds: so few lie
 * above a line for acting that whole rows measure it too coarsely.
 */
export function quantileOf(values: readonly Weighed[], q: number): number | null {
  const falling = [...values].sort((a, b) => b.value - a.value)
  const above = (1 - q) * falling.reduce((sum, { weight }) => sum + weight, 0)
  let passed = 0
  const at = falling.findIndex(({ weight }) => (passed += weight) > above)
  if (at < 0) return falling.at(-1)?.value ?? null
  const { value, weight } = falling[at]!
  const share = (above - (passed - weight)) / weight
  const next = falling[at + 1]?.value ?? value
  return sigmoid((1 - share) * logit(within(value)) + share * logit(within(next)))
}

/** Kept where log odds are finite. */
const within = (probability: number) => Math.min(1 - 1e-9, Math.max(1e-9, probability))

function greatest(scores: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < scores.length; i++) most = Math.max(most, scores[i]!)
  return most
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
