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
  clear: { ordinary: 0.006, alarming: 0.045 },
  act: { ordinary: 0.00025, alarming: 0.004 },
  actPlus: { ordinary: 0.0001, alarming: 0.001 },
} as const
const ATTACK = {
  clear: { ordinary: 0.008, alarming: 0.02 },
  act: { ordinary: 0.0002, alarming: 0.002 },
  actPlus: { ordinary: 0.00002, alarming: 0.0002 },
} as const
/** An answer is judged as it stands, and there are too few to hold its lines to less. */
const ANSWERS = {
  clear: { ordinary: 0.018, alarming: 1 },
  act: { ordinary: 0.003, alarming: 1 },
  actPlus: { ordinary: 0.0002, alarming: 1 },
} as const

/** Turns logits into probabilities, and probabilities into thresholds, on rows that were not learned from. */
export function calibrate(raw: Uncalibrated, rows: readonly TrainingRow[]): Model {
  const start: Model = { ...raw, ...UNCALIBRATED }
  const samples = rows.flatMap(samplesOf)
  const voice = voices(rows)
  const calibrated = {
    ...start,
    calibration: {
      harm: plattsOf(start, samples, voice, 'harm'),
      attack: plattsOf(start, samples, voice, 'attack'),
      answer: plattsOf(start, samples, voice, 'answer'),
    },
  }
  const withExchange = { ...calibrated, exchange: fitExchange(calibrated, rows) }
  return { ...withExchange, thresholds: thresholdsOf(withExchange, rows, voice) }
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

function plattsOf(
  model: Model,
  samples: readonly Sample[],
  voice: Voice,
  answer: AnswerName,
): Record<LanguageGroup, Platt> {
  const all = samples
    .filter((sample) => concerns(sample, answer))
    .map((sample) => {
      const scorer = new Scorer(model, answer === 'answer' ? 'output' : 'input', sample.context)
      scorer.feed(sample.text)
      const point = { sample, group: scorer.group, logit: scorer.logit(answer), weight: voice(sample.row) }
      scorer.close()
      return point
    })
  const sum = (points: typeof all) => points.reduce((of, { weight }) => of + weight, 0)
  const shareOf = (points: typeof all) => sum(points.filter(({ sample }) => positive(sample, answer))) / sum(points)
  const usual = shareOf(all)
  const plattOf = (points: typeof all) => {
    // Every language as if it had as much harm as all have together: how a language was collected says nothing of who
    // speaks it.
    const own = shareOf(points)
    const [up, down] = [usual / own, (1 - usual) / (1 - own)]
    return fitPlatt(
      points.map(({ logit }) => logit),
      points.map(({ sample }) => Number(positive(sample, answer))),
      points.map(
        ({ sample, weight }) => weight * CERTAINTY[sample.row.quality] * (positive(sample, answer) ? up : down),
      ),
    )
  }
  const ofGroup = (group: LanguageGroup) => {
    const own = all.filter((point) => point.group === group)
    const sides = new Set(own.map(({ sample }) => positive(sample, answer)))
    // A group that shows one outcome only cannot calibrate by itself.
    return plattOf(sides.size === 2 && own.length >= 100 ? own : all)
  }
  return { spaced: ofGroup('spaced'), unspaced: ofGroup('unspaced') }
}

/** Logistic regression on the logits of prompt and answer and their product, by gradient descent. */
function fitExchange(model: Model, rows: readonly TrainingRow[]): Model['exchange'] {
  const classifier = createClassifier(model, '')
  const points = rows.flatMap((row) => {
    const pair = exchangeScores(row, classifier)
    if (pair === null) return []
    const [p, a] = pair.map(greatest) as [number, number]
    return [{ x: [logit(p), logit(a), p * a, 1], y: Number(row.label === 'harmful') }]
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

function thresholdsOf(model: Model, rows: readonly TrainingRow[], voice: Voice): Model['thresholds'] {
  const classifier = createClassifier(model, '')
  const harm = new Harmless(voice)
  const attack = new Harmless(voice)
  const output = new Harmless(voice)
  const exchange = new Harmless(voice)
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
