import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import { LABELS } from '../core/base/reasons.ts'
import { type Combiner, EVIDENCE, type Evidence } from '../core/classifier/combine.ts'
import { FeatureReader } from '../core/classifier/features.ts'
import {
  GATE_AMBIENT,
  GATE_ANY,
  GATE_ATTACK,
  GATE_OUTPUT,
  GATE_STRIDE,
  GATES,
  type Model,
} from '../core/classifier/model.ts'
import { Scorer } from '../core/classifier/scorer.ts'
import { COMBINER_SETTINGS, trainCombiner } from '../core/classifier/train-combiner.ts'
import { type FeatureSet, meanColumn, quantise, ratios, trainColumn } from '../core/classifier/train-step.ts'
import { calibrate, WITHOUT_HEADS } from './calibrate.ts'
import { COMPOSITES, composites } from './composites.ts'
import type { TrainingRow } from './ports.ts'
import { type Sample, samplesOf } from './training-rows.ts'

export interface TrainSettings {
  readonly seed: number
  readonly gateBits: number
  readonly headBits: number
  readonly epochs: number
  readonly rate: number
  readonly decay: number
}

export const DEFAULT_SETTINGS: TrainSettings = {
  seed: 1,
  gateBits: 20,
  headBits: 16,
  epochs: 12,
  rate: 0.3,
  decay: 2e-6,
}

/** One row in twelve calibrates and is not learned from; by the row's id, so that adding data moves no row. */
const CALIBRATION_SHARE = 0.08

export interface Trained {
  readonly model: Model
  readonly samples: number
  readonly calibrationRows: number
}

/**
 * Trains the embedded model from labelled rows. Deterministic: the same rows in the same order and the same seed give
 * the same model.
 */
export function train(
  rows: readonly TrainingRow[],
  settings: TrainSettings,
  progress: (share: number, what: string) => void,
): Trained {
  const held = rows.filter(isHeldOut)
  const learned = withPrefixes(rows.filter((row) => !isHeldOut(row)).flatMap(samplesOf))
  const set = featurise(learned)
  const steps = (FOLDS + 1) * GATE_STEPS + LABELS.length
  let done = 0
  const step = (name: string) => (share: number) => {
    progress((done + share) / steps, name)
    if (share === 1) done++
  }
  const gatesWithout = (fold: number | null) => {
    const name = fold === null ? 'gates' : `gates without part ${fold + 1} of ${FOLDS}`
    return trainGates(set, learned, fold, settings, () => step(name))
  }
  // What a column says of a text that it learned from is too sure: the combiners learn from columns that did not.
  const evidence: Evidence[] = learned.map(() => new Float64Array(EVIDENCE.length))
  const together: Sample[] = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const without = headless(gatesWithout(fold), settings)
    const own: Sample[] = []
    learned.forEach((sample, i) => {
      if (foldOf(sample) !== fold) return
      evidence[i] = evidenceOf(without, sample)
      own.push(sample)
    })
    for (const sample of composites(own, { ...COMPOSITES, seed: COMPOSITES.seed + fold })) {
      together.push(sample)
      evidence.push(evidenceOf(without, sample))
    }
  }
  // Nearly all real traffic stands under a system prompt, and next to none of the data does: that one is there must say
  // nothing of a text by itself.
  const under: Sample[] = []
  learned.forEach((sample, i) => {
    if (sample.kind === 'answer' || sample.context.system) return
    under.push({ ...sample, context: { ...sample.context, system: true }, weight: sample.weight / 2 })
    const copy = evidence[i]!.slice()
    copy[EVIDENCE.indexOf('has system')] = 1
    evidence.push(copy)
  })
  const seen = [...learned, ...together, ...under]
  const gates = gatesWithout(null)
  const heads = new Int8Array(2 ** settings.headBits * LABELS.length)
  const headScales: number[] = []
  const headBiases: number[] = []
  const weights = weightsOf(learned)
  for (let label = 0; label < LABELS.length; label++) {
    const target = { labels: headLabels(learned, label), weights }
    const { weights: trained, bias } = trainColumn(
      set,
      target,
      {
        ...settings,
        ...{ bits: settings.headBits, epochs: Math.max(2, Math.ceil(settings.epochs / 3)), emphasis: null },
        seed: settings.seed * 1000 + 100 + label,
      },
      step(LABELS[label]!),
    )
    headScales.push(quantise(trained, heads, LABELS.length, label))
    headBiases.push(bias)
  }
  const { gateBits, headBits, seed } = settings
  const combiners = {
    harm: combinerOf(seen, evidence, seed, ({ kind, harmful }) => (kind === 'answer' ? null : harmful)),
    attack: combinerOf(seen, evidence, seed, ({ kind, attack }) => (kind === 'answer' ? null : attack !== null)),
    answer: combinerOf(seen, evidence, seed, ({ kind, harmful }) => (kind === 'answer' ? harmful : null)),
  }
  const raw = { ...gates, gateBits, headBits, heads, headScales, headBiases, combiners, seed }
  progress(1, 'calibrating')
  return { model: calibrate(raw, held), samples: learned.length, calibrationRows: held.length }
}

const FOLDS = 4
/** Columns that are trained for one set of gates: the first of them twice. */
const GATE_STEPS = GATES + 1

type Gates = Pick<Model, 'gates' | 'gateScales' | 'gateBiases'>

/**
 * The gate columns, learned from everything but one part. The first is the mean of two: one that takes every feature
 * alike, and one that listens more to those that tell the sides apart.
 */
function trainGates(
  set: FeatureSet,
  learned: readonly Sample[],
  without: number | null,
  settings: TrainSettings,
  step: () => (share: number) => void,
): Gates {
  const gates = new Int8Array(2 ** settings.gateBits * GATE_STRIDE)
  const gateScales: number[] = []
  const gateBiases: number[] = []
  for (const gate of [GATE_ANY, GATE_ATTACK, GATE_OUTPUT, GATE_AMBIENT]) {
    const weights = Float32Array.from(learned, (sample) =>
      foldOf(sample) === without ? 0 : gate === GATE_AMBIENT ? ambientWeight(sample) : sample.weight,
    )
    const target = { labels: gateLabels(learned, gate), weights }
    const common = { ...settings, bits: settings.gateBits, emphasis: null, seed: settings.seed * 1000 + gate + 1 }
    let column = trainColumn(set, target, common, step())
    if (gate === GATE_ANY) {
      const emphasis = ratios(set, target, settings.gateBits)
      column = meanColumn(column, trainColumn(set, target, { ...common, emphasis, seed: common.seed + 50 }, step()))
    }
    gateScales.push(quantise(column.weights, gates, GATE_STRIDE, gate))
    gateBiases.push(column.bias)
  }
  return { gates, gateScales, gateBiases }
}

/** Few documents hold an order, so forms of attack that were asked for directly are taken as weak examples beside them. */
function ambientWeight({ kind, attack, weight }: Sample): number {
  return kind === 'ambient' ? weight : kind === 'asked' && attack !== null ? weight * 0.1 : 0
}

function combinerOf(
  learned: readonly Sample[],
  evidence: readonly Evidence[],
  seed: number,
  label: (sample: Sample) => boolean | null,
): Combiner {
  const own = learned.flatMap((sample, i) => (label(sample) === null ? [] : [i]))
  return trainCombiner(
    own.map((i) => evidence[i]!),
    own.map((i) => Number(label(learned[i]!))),
    own.map((i) => learned[i]!.weight),
    { ...COMBINER_SETTINGS, seed },
  )
}

/** A model good for its evidence alone. */
function headless(gates: Gates, { gateBits, seed }: TrainSettings): Model {
  return { ...gates, gateBits, headBits: 0, seed, ...WITHOUT_HEADS }
}

export function evidenceOf(model: Model, { text, kind, context }: Sample): Evidence {
  const scorer = new Scorer(model, kind === 'answer' ? 'output' : 'input', context)
  scorer.feed(text)
  const evidence = scorer.evidence()
  scorer.close()
  return evidence
}

/** By other digits than those that choose what is held out. */
function foldOf({ row }: Sample): number {
  return Number.parseInt(row.id.slice(8, 12), 16) % FOLDS
}

function weightsOf(samples: readonly Sample[]): Float32Array {
  return Float32Array.from(samples, ({ weight }) => weight)
}

export function isHeldOut(row: TrainingRow): boolean {
  return Number.parseInt(row.id.slice(0, 6), 16) / 0x1000000 < CALIBRATION_SHARE
}

/** What each gate learns from: 1, 0, or -1 for a text that says nothing about it. */
function gateLabels(samples: readonly Sample[], gate: number): Int8Array {
  return Int8Array.from(samples, ({ kind, harmful, attack }) => {
    if (gate === GATE_OUTPUT) return kind === 'answer' ? Number(harmful) : -1
    if (kind === 'answer') return -1
    return gate === GATE_ATTACK ? Number(attack !== null) : Number(harmful)
  })
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

/** Answers are judged while they are written: each is learned whole and as one of its beginnings. */
function withPrefixes(samples: readonly Sample[]): readonly Sample[] {
  return samples.flatMap((sample) => {
    if (sample.kind !== 'answer' || sample.text.length < 80) return [sample]
    const share = 0.2 + 0.4 * (Number.parseInt(sample.row.id.slice(6, 10), 16) / 0x10000)
    return [
      sample,
      { ...sample, text: sample.text.slice(0, Math.ceil(sample.text.length * share)), weight: sample.weight * 0.5 },
    ]
  })
}

export function featurise(samples: readonly Sample[]): FeatureSet {
  const offsets = new Float64Array(samples.length + 1)
  let ids = new Int32Array(1 << 20)
  let used = 0
  const sink = {
    features(hashes: ArrayLike<number>, count: number) {
      if (used + count > ids.length) {
        const grown = new Int32Array(ids.length * 2)
        grown.set(ids)
        ids = grown
      }
      for (let i = 0; i < count; i++) ids[used++] = hashes[i]!
    },
  }
  samples.forEach(({ text }, i) => {
    const reader = new FeatureReader()
    reader.feed(text, sink)
    const end = reader.peekEnd()
    sink.features(end, end.length)
    offsets[i + 1] = used
  })
  return { ids: ids.subarray(0, used), offsets, count: samples.length }
}
