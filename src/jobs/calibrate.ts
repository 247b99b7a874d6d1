import { LABELS } from '../core/base/reasons.ts'
import { createClassifier } from '../core/classifier/classifier.ts'
import {
  GATE_ANY,
  GATE_ATTACK,
  GATE_OUTPUT,
  GATES,
  type LanguageGroup,
  type Lines,
  logit,
  type Model,
  type Platt,
} from '../core/classifier/model.ts'
import { rawScores } from '../core/classifier/raw-scores.ts'
import { fitPlatt } from '../core/classifier/train-step.ts'
import type { TrainingRow } from './ports.ts'
import { CERTAINTY, type Sample, samplesOf } from './training-rows.ts'

type Uncalibrated = Omit<Model, 'calibration' | 'windowPenalties' | 'exchange' | 'thresholds'>

const PLAIN: Platt = { a: 1, b: 0 }
/** Shares of harmless texts that may reach each line. */
const CLEAR_SHARE = 0.02
const ACT_SHARE = 0.004
const ACT_PLUS_SHARE = 0.0005

/** Turns raw scores into probabilities, and probabilities into thresholds, on rows that were not learned from. */
export function calibrate(raw: Uncalibrated, rows: readonly TrainingRow[]): Model {
  const plain = { spaced: PLAIN, unspaced: PLAIN }
  const none = { clear: 1e6, act: 1e6, actPlus: 1e6 }
  const start: Model = {
    ...raw,
    calibration: [plain, plain, plain],
    windowPenalties: new Array(GATES).fill(0) as number[],
    exchange: { prompt: 0, answer: 1, both: 0, bias: 0 },
    thresholds: { harmInput: none, attackInput: none, output: none, exchange: none },
  }
  const samples = rows.flatMap(samplesOf)
  const windowPenalties = [GATE_ANY, GATE_ATTACK, GATE_OUTPUT].map((gate) => windowPenalty(start, samples, gate))
  const windowed = { ...start, windowPenalties }
  const calibration = [GATE_ANY, GATE_ATTACK, GATE_OUTPUT].map((gate) => ({
    spaced: plattOf(windowed, samples, gate, 'spaced'),
    unspaced: plattOf(windowed, samples, gate, 'unspaced'),
  }))
  const calibrated = { ...windowed, calibration }
  const withExchange = { ...calibrated, exchange: fitExchange(calibrated, rows) }
  return { ...withExchange, thresholds: thresholdsOf(withExchange, rows) }
}

const concerns = ({ kind }: Sample, gate: number) => (gate === GATE_OUTPUT ? kind === 'answer' : kind !== 'answer')
const positive = (sample: Sample, gate: number) => (gate === GATE_ATTACK ? sample.attack !== null : sample.harmful)

/**
 * A text with many windows has many chances to look bad: its highest window counts only as far above what harmless long
 * texts reach as whole harmless texts may be.
 */
function windowPenalty(model: Model, samples: readonly Sample[], gate: number): number {
  const wholes: number[] = []
  const highest: number[] = []
  for (const sample of samples) {
    if (!concerns(sample, gate) || positive(sample, gate)) continue
    const { whole, windows } = rawScores(model, sample.text).gates[gate]!
    wholes.push(whole)
    if (windows !== null) highest.push(windows)
  }
  const may = quantileOf(wholes, 1 - ACT_SHARE)
  const reach = quantileOf(highest, 1 - ACT_SHARE)
  return may === null || reach === null ? 0 : Math.max(0, reach - may)
}

function plattOf(model: Model, samples: readonly Sample[], gate: number, group: LanguageGroup): Platt {
  const own = samples.filter((sample) => concerns(sample, gate) && rawScores(model, sample.text).group === group)
  const labels = own.map((sample) => Number(positive(sample, gate)))
  // A group that shows one outcome only cannot calibrate by itself.
  const used =
    labels.includes(1) && labels.includes(0) && own.length >= 100
      ? own
      : samples.filter((sample) => concerns(sample, gate))
  const scores = used.map(({ text }) => {
    const { whole, windows } = rawScores(model, text).gates[gate]!
    return windows === null ? whole : Math.max(whole, windows - model.windowPenalties[gate]!)
  })
  return fitPlatt(
    scores,
    used.map((sample) => Number(positive(sample, gate))),
    used.map(({ row }) => CERTAINTY[row.quality]),
  )
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

function thresholdsOf(model: Model, rows: readonly TrainingRow[]): Model['thresholds'] {
  const classifier = createClassifier(model, '')
  const harm: number[] = []
  const attack: number[] = []
  const output: number[] = []
  const exchange: number[] = []
  for (const row of rows) {
    if (row.label === 'harmful') continue
    const pair = exchangeScores(row, classifier)
    if (pair !== null) {
      output.push(greatest(pair[1]))
      exchange.push(greatest(classifier.exchange(pair[0], pair[1])))
      continue
    }
    for (const { text } of samplesOf(row)) {
      const scores = classifier.score(text, 'input')
      harm.push(greatest(scores.filter((_, i) => LABELS[i]!.startsWith('harm.'))))
      attack.push(greatest(scores.filter((_, i) => LABELS[i]!.startsWith('attack.'))))
    }
  }
  return { harmInput: lines(harm), attackInput: lines(attack), output: lines(output), exchange: lines(exchange) }
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

function lines(harmless: readonly number[]): Lines {
  const at = (share: number) => quantileOf(harmless, 1 - share) ?? 1
  const ppm = (probability: number) => Math.round(probability * 1e6)
  const clear = ppm(Math.max(at(CLEAR_SHARE), LEAST_CLEAR))
  const act = Math.max(ppm(Math.max(at(ACT_SHARE), LEAST_ACT)), clear + 1)
  return { clear, act, actPlus: Math.max(ppm(at(ACT_PLUS_SHARE)), act + 1) }
}

function quantileOf(values: readonly number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null
}

function greatest(scores: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < scores.length; i++) most = Math.max(most, scores[i]!)
  return most
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
