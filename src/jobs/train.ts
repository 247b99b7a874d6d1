import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import { LABELS } from '../core/base/reasons.ts'
import { FeatureReader } from '../core/classifier/features.ts'
import { GATE_ANY, GATE_ATTACK, GATE_OUTPUT, GATE_STRIDE, GATES, type Model } from '../core/classifier/model.ts'
import { type FeatureSet, quantise, trainColumn } from '../core/classifier/train-step.ts'
import { calibrate } from './calibrate.ts'
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
  gateBits: 19,
  headBits: 16,
  epochs: 8,
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
  const gates = new Int8Array(2 ** settings.gateBits * GATE_STRIDE)
  const heads = new Int8Array(2 ** settings.headBits * LABELS.length)
  const gateScales: number[] = []
  const gateBiases: number[] = []
  const headScales: number[] = []
  const headBiases: number[] = []
  const columns = GATES + LABELS.length
  const weights = Float32Array.from(learned, ({ weight }) => weight)
  const column = (labels: Int8Array, bits: number, epochs: number, index: number, name: string) =>
    trainColumn(
      set,
      { labels, weights },
      { ...settings, bits, epochs, seed: settings.seed * 1000 + index + 1 },
      (share) => progress((index + share) / columns, name),
    )
  for (const gate of [GATE_ANY, GATE_ATTACK, GATE_OUTPUT]) {
    const { weights: trained, bias } = column(
      gateLabels(learned, gate),
      settings.gateBits,
      settings.epochs,
      gate,
      `gate ${gate + 1} of ${GATES}`,
    )
    gateScales.push(quantise(trained, gates, GATE_STRIDE, gate))
    gateBiases.push(bias)
  }
  for (let label = 0; label < LABELS.length; label++) {
    const labels = headLabels(learned, label)
    const epochs = Math.max(2, Math.ceil(settings.epochs / 2))
    const { weights: trained, bias } = column(labels, settings.headBits, epochs, GATES + label, LABELS[label]!)
    headScales.push(quantise(trained, heads, LABELS.length, label))
    headBiases.push(bias)
  }
  const { gateBits, headBits, seed } = settings
  const raw = { gateBits, headBits, gates, heads, gateScales, gateBiases, headScales, headBiases, seed }
  progress(1, 'calibrating')
  return { model: calibrate(raw, held), samples: learned.length, calibrationRows: held.length }
}

export function isHeldOut(row: TrainingRow): boolean {
  return Number.parseInt(row.id.slice(0, 6), 16) / 0x1000000 < CALIBRATION_SHARE
}

/** What each gate learns from: 1, 0, or -1 for a text that says nothing about it. */
function gateLabels(samples: readonly Sample[], gate: number): Int8Array {
  return Int8Array.from(samples, ({ kind, harmful, attack }) => {
    if (gate === GATE_OUTPUT) return kind === 'answer' ? Number(harmful) : -1
    if (kind === 'answer') return -1
    return gate === GATE_ANY ? Number(harmful) : Number(attack !== null)
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

function featurise(samples: readonly Sample[]): FeatureSet {
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
