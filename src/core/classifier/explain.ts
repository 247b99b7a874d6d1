import { LABELS, type Label } from '../base/reasons.ts'
import { FeatureReader } from './features.ts'
import { GATE_ANY, GATE_ATTACK, GATE_OUTPUT, GATE_STRIDE, type Model } from './model.ts'
import type { Layer } from './normalise/layer.ts'
import { normalise } from './normalise/normaliser.ts'
import { rawSpan } from './normalise/spanned.ts'
import { Scorer } from './scorer.ts'
import type { ScoreStage, Span } from './types.ts'
import { scoreLayer } from './view-scorer.ts'

const BOUNDARY = /[\s\p{P}]/u

/**
 * The words of a text that weighed most, in the view of it that scores highest for the label; a word of another reading
 * is shown where it stands in the raw text, all of its disguise with it. A paragraph is no view: of a long text the words
 * are those that weigh most in all of it.
 *
 * @returns At most `most` spans with positive weight, heaviest first; code points of `text`, half-open.
 */
export function explain(model: Model, text: string, stage: ScoreStage, label: Label, most: number): readonly Span[] {
  const column = LABELS.indexOf(label)
  const plain = new Scorer(model, stage)
  plain.feed(text)
  let highest = plain.scores()[column]!
  plain.close()
  let best: Layer | null = null
  for (const layer of normalise(text).layers) {
    const score = scoreLayer(layer, model, stage)[column]!
    if (score <= highest) continue
    highest = score
    best = layer
  }
  if (best === null) return explainPlain(model, text, stage, label, most)
  const layer = best
  return explainPlain(model, layer.text, stage, label, most).map(({ start, end, weight }) => ({
    ...rawSpan(layer, start, end),
    weight,
  }))
}

/**
 * The words of a text that weighed most, by the summed weights of the features that end in them. A linear model's
 * explanation is exact: these are the very numbers that were added up.
 *
 * @returns At most `most` spans with positive weight, heaviest first; code points, half-open; adjacent words joined.
 */
function explainPlain(model: Model, text: string, stage: ScoreStage, label: Label, most: number): readonly Span[] {
  const points = [...text]
  const weights = new Float64Array(points.length)
  const gate = stage === 'output' ? GATE_OUTPUT : label.startsWith('attack.') ? GATE_ATTACK : GATE_ANY
  const column = LABELS.indexOf(label)
  const gateShift = 32 - model.gateBits
  const headShift = 32 - model.headBits
  const gateScale = model.gateScales[gate]!
  const headScale = model.headScales[column]!
  let at = 0
  let features = 0
  const sink = {
    features(hashes: Int32Array, count: number) {
      for (let i = 0; i < count; i++) add(hashes[i]!)
    },
  }
  const add = (hash: number) => {
    features++
    const own = model.gates[(hash >>> gateShift) * GATE_STRIDE + gate]! * gateScale
    // The heads decide between labels, not whether there is one: they break ties between words.
    const named = model.heads[(hash >>> headShift) * LABELS.length + column]! * headScale
    weights[at]! += own + 0.25 * named
  }
  const reader = new FeatureReader()
  for (let i = 0; i < points.length; i++) {
    // Features of a finished word come with the character after it: they belong to the word.
    if (!BOUNDARY.test(points[i]!)) at = i
    reader.feed(points[i]!, sink)
  }
  for (const hash of reader.peekEnd()) add(hash)
  const norm = Math.sqrt(Math.max(1, features))
  return heaviest(points, weights, norm, most)
}

function heaviest(points: readonly string[], weights: Float64Array, norm: number, most: number): readonly Span[] {
  const words: Span[] = []
  for (let start = 0; start < points.length; ) {
    if (BOUNDARY.test(points[start]!)) {
      start++
      continue
    }
    let end = start
    let sum = 0
    // Unspaced scripts have no words to stop at: a stretch ends where it stops adding.
    while (
      end < points.length &&
      !BOUNDARY.test(points[end]!) &&
      !(isUnspaced(points[end]!) && weights[end]! <= 0 && end > start)
    )
      sum += weights[end++]!
    words.push({ start, end, weight: sum / norm })
    start = end
  }
  const heavy = words.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
  return heavy.slice(0, most)
}

function isUnspaced(character: string): boolean {
  return character.codePointAt(0)! >= 0x0e00
}
