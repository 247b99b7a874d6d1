import { LABELS } from '../core/base/reasons.ts'
import { type Combiner, EVIDENCE, type Evidence, SECOND_EVIDENCE } from '../core/classifier/combine.ts'
import { FeatureReader } from '../core/classifier/features.ts'
import { learnColumn, learnNetwork } from '../core/classifier/lesson.ts'
import {
  type AnswerName,
  GATE_AMBIENT,
  GATE_ANY,
  GATE_ATTACK,
  GATE_OUTPUT,
  GATE_STRIDE,
  GATES,
  type Model,
  type SecondLook,
} from '../core/classifier/model.ts'
import { besides, type Network } from '../core/classifier/network.ts'
import { Scorer } from '../core/classifier/scorer.ts'
import { COMBINER_SETTINGS, trainCombiner } from '../core/classifier/train-combiner.ts'
import { NETWORK_SETTINGS } from '../core/classifier/train-network.ts'
import { type FeatureSet, meanColumn, quantise, type TrainedColumn } from '../core/classifier/train-step.ts'
import { TOPIC_SETTINGS, trainTopics } from '../core/classifier/train-topics.ts'
import { calibrate, WITHOUT_HEADS } from './calibrate.ts'
import { ANSWERS, composites, REQUESTS } from './composites.ts'
import { topicSamples } from './topic-rows.ts'
import { combinedWeight, gateTarget, headTarget, networkTarget, SAYS } from './train-targets.ts'
import type { Learner, OpenLearner, TrainingRow } from './training-ports.ts'
import { type Sample, samplesOf } from './training-rows.ts'

export interface TrainSettings {
  readonly seed: number
  readonly gateBits: number
  readonly headBits: number
  readonly networkBits: number
  readonly epochs: number
  readonly rate: number
  readonly decay: number
}

export const DEFAULT_SETTINGS: TrainSettings = {
  seed: 1,
  gateBits: 20,
  headBits: 16,
  networkBits: 18,
  epochs: 12,
  rate: 0.3,
  decay: 2e-6,
}

export interface Trained {
  readonly model: Model
  readonly samples: number
}

/**
 * Trains the embedded model from labelled rows. Deterministic: the same rows in the same order and the same seed give
 * the same model, however many learn at a time.
 */
export async function train(
  rows: readonly TrainingRow[],
  settings: TrainSettings,
  progress: (share: number, what: string) => void,
  open: OpenLearner = learnHere,
): Promise<Trained> {
  const learned = withPrefixes(rows.flatMap(samplesOf))
  const learner = open(featurise(learned))
  const lessons = (FOLDS + 1) * NETWORK_STEPS + (FOLDS + ORDERS) * GATE_STEPS + LABELS.length
  const shares: number[] = []
  const step = (name: string) => {
    const own = shares.push(0) - 1
    return (share: number) => {
      shares[own] = share
      progress(shares.reduce((sum, one) => sum + one, 0) / lessons, name)
    }
  }
  const without = async (fold: number | null) => {
    const name = fold === null ? 'gates' : `gates without part ${fold + 1} of ${FOLDS}`
    const [gates, network] = await Promise.all([
      trainGates(learner, learned, fold, settings, () => step(name)),
      networkWithout(learner, learned, fold, settings, () => step(name.replace('gates', 'network'))),
    ])
    return { gates, network }
  }
  // All asked for at once, so that nobody who could learn waits for what is read with the parts before.
  const parts = Array.from({ length: FOLDS }, (_, fold) => without(fold))
  const whole = without(null)
  const heading = trainHeads(learner, learned, settings, step)
  for (const one of [...parts, whole, heading]) one.catch(() => undefined)
  // What a column says of a text that it learned from is too sure: the combiners learn from columns that did not.
  const seen: Sample[] = []
  const evidence: Evidence[] = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const { gates, network } = await parts[fold]!
    const model = headless(gates, settings)
    const own = learned.filter(({ row }) => foldOf(row) === fold)
    const together = [REQUESTS, ANSWERS].flatMap((kind) => composites(own, { ...kind, seed: kind.seed + 10 * fold }))
    for (const sample of [...own, ...together, ...own.flatMap(underSystem)]) {
      seen.push(sample)
      evidence.push(evidenceOf(model, { network, combiners: model.combiners }, sample))
    }
  }
  const { gates, network } = await whole
  const { heads, headScales, headBiases } = await heading
  const { gateBits, headBits, seed } = settings
  const combinersOf = (members: number) => {
    const read = evidence.map((one) => one.subarray(0, members))
    return {
      harm: combinerOf(seen, read, seed, 'harm'),
      attack: combinerOf(seen, read, seed, 'attack'),
      answer: combinerOf(seen, read, seed, 'answer'),
    }
  }
  const combiners = combinersOf(EVIDENCE.length)
  const second = { network, combiners: combinersOf(SECOND_EVIDENCE.length) }
  const topics = trainTopics(topicSamples(rows), { ...TOPIC_SETTINGS, seed })
  const raw = { topics, ...gates, gateBits, headBits, heads, headScales, headBiases, combiners, second, seed }
  progress(1, 'calibrating')
  const strangers = await Promise.all(
    parts.map(async (part, fold) => {
      const { gates, network } = await part
      const model = { ...raw, ...gates, second: { ...second, network } }
      return { model, rows: rows.filter((row) => foldOf(row) === fold) }
    }),
  )
  return { model: calibrate(raw, strangers), samples: learned.length }
}

/** One after the other, in this thread. */
const learnHere: OpenLearner = (set) => ({
  column: async (lesson, progress) => learnColumn(set, lesson, progress),
  network: async (lesson, progress) => learnNetwork(set, lesson, progress),
})

const FOLDS = 4
/** Networks that are trained for the one that is read: each more makes the file larger, and a third finds nothing more. */
const NETWORK_STEPS = 2
/** Columns that are trained for one set of gates: the first of them twice. */
const GATE_STEPS = GATES + 1
/**
 * Orders of the texts that the gates which ship learn from: one order alone decides about texts near a line, and a column
 * more in the mean costs nothing to read. Gates that read strangers learn from one.
 */
const ORDERS = 3
const ordersOf = (without: number | null) => (without === null ? ORDERS : 1)

type Gates = Pick<Model, 'gates' | 'gateScales' | 'gateBiases'>

/** The gate columns, learned from everything but one part, as one table. */
async function trainGates(
  learner: Learner,
  learned: readonly Sample[],
  without: number | null,
  settings: TrainSettings,
  step: () => (share: number) => void,
): Promise<Gates> {
  const order = [GATE_ANY, GATE_ATTACK, GATE_OUTPUT, GATE_AMBIENT]
  const columns = await Promise.all(order.map((gate) => gateColumn(learner, learned, without, settings, gate, step)))
  const gates = new Int8Array(2 ** settings.gateBits * GATE_STRIDE)
  const gateScales = columns.map(({ weights }, i) => quantise(weights, gates, GATE_STRIDE, order[i]!))
  return { gates, gateScales, gateBiases: columns.map(({ bias }) => bias) }
}

/**
 * The first gate is the mean of two kinds: one that takes every feature alike, and one that listens more to those that tell
 * the sides apart. The one that takes them alike learns a second time where its line is.
 */
async function gateColumn(
  learner: Learner,
  learned: readonly Sample[],
  without: number | null,
  { gateBits: bits, epochs, rate, decay, seed }: TrainSettings,
  gate: number,
  step: () => (share: number) => void,
): Promise<TrainedColumn> {
  const target = gateTarget(learned, gate, ({ row }) => foldOf(row) !== without)
  const column = (emphasised: boolean, order: number) => {
    const own = { bits, epochs, rate, decay, seed: seed * 1000 + gate + order }
    const hardened = gate === GATE_ANY && !emphasised
    return learner.column({ kind: 'column', target, settings: own, emphasised, hardened }, step())
  }
  const columns: Promise<TrainedColumn>[] = []
  for (let nth = 0; nth < ordersOf(without); nth++) {
    columns.push(column(false, 1 + 10 * nth))
    if (gate === GATE_ANY) columns.push(column(true, 51 + 10 * nth))
  }
  return meanColumn(await Promise.all(columns))
}

/** A column per label, over texts that are harmful. */
async function trainHeads(
  learner: Learner,
  learned: readonly Sample[],
  { headBits: bits, epochs, rate, decay, seed }: TrainSettings,
  step: (name: string) => (share: number) => void,
): Promise<Pick<Model, 'heads' | 'headScales' | 'headBiases'>> {
  const columns = await Promise.all(
    LABELS.map((name, label) => {
      const own = { bits, rate, decay, epochs: Math.max(2, Math.ceil(epochs / 3)), seed: seed * 1000 + 100 + label }
      const target = headTarget(learned, label)
      return learner.column({ kind: 'column', target, settings: own, emphasised: false, hardened: false }, step(name))
    }),
  )
  const heads = new Int8Array(2 ** bits * LABELS.length)
  const headScales = columns.map((column, label) => quantise(column.weights, heads, LABELS.length, label))
  return { heads, headScales, headBiases: columns.map(({ bias }) => bias) }
}

/** The network, learned from everything but one part: several from different starts, read as one. */
async function networkWithout(
  learner: Learner,
  learned: readonly Sample[],
  without: number | null,
  settings: TrainSettings,
  step: () => (share: number) => void,
): Promise<Network> {
  const target = networkTarget(learned, ({ row }) => foldOf(row) !== without)
  const from = (start: number) => {
    const own = { ...NETWORK_SETTINGS, bits: settings.networkBits, seed: settings.seed * 100 + start }
    return learner.network({ kind: 'network', target, settings: own }, step())
  }
  return besides(await Promise.all(Array.from({ length: NETWORK_STEPS }, (_, nth) => from(nth + 1))))
}

function combinerOf(
  learned: readonly Sample[],
  evidence: readonly Evidence[],
  seed: number,
  answer: AnswerName,
): Combiner {
  const own = learned.flatMap((sample, i) => (SAYS[answer](sample) < 0 ? [] : [i]))
  return trainCombiner(
    own.map((i) => evidence[i]!),
    own.map((i) => SAYS[answer](learned[i]!)),
    own.map((i) => combinedWeight(learned[i]!)),
    { ...COMBINER_SETTINGS, seed },
  )
}

/** A model good for its evidence alone. */
function headless(gates: Gates, { gateBits, seed }: TrainSettings): Model {
  return { ...gates, gateBits, headBits: 0, seed, ...WITHOUT_HEADS }
}

function evidenceOf(model: Model, second: SecondLook, { text, kind, context }: Sample): Evidence {
  const scorer = new Scorer(model, kind === 'answer' ? 'output' : 'input', context)
  scorer.feed(text)
  const evidence = scorer.secondEvidence(second)
  scorer.close()
  return evidence
}

/**
 * Nearly all real traffic stands under a system prompt, and next to none of the data does: that one is there must say
 * nothing of a text by itself.
 */
function underSystem(sample: Sample): readonly Sample[] {
  if (sample.kind === 'answer' || sample.context.system) return []
  return [{ ...sample, context: { ...sample.context, system: true }, weight: sample.weight / 2 }]
}

/** By the row's id, so that adding data moves no row; siblings of one template share these digits, and stay together. */
function foldOf({ id }: TrainingRow): number {
  return Number.parseInt(id.slice(0, 6), 16) % FOLDS
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
