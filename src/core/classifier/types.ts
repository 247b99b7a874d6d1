import type { Label } from '../base/reasons.ts'
import type { Segment } from '../base/segments.ts'
import type { TextContext } from './combine.ts'
import type { ModelThresholds } from './model.ts'

/** What the scores of a text are for: a request is judged by what it asks, an answer by what it gives. */
export type ScoreStage = 'input' | 'output'

/** Probability per label in the order of `LABELS`, each in [0, 1]; they do not sum to 1. The greatest is calibrated. */
export type Scores = Float64Array

/** The embedded classifier, loaded. Immutable, no I/O, deterministic: same text, same scores on every platform. */
export interface Classifier {
  /** `sha256:` of the model file: names the model in receipts. */
  readonly modelHash: string
  readonly thresholds: ModelThresholds
  /** Scores one whole text. Equal to `open`, `feed`, `scores`. Linear in the text. Never throws. */
  score(text: string, stage: ScoreStage, context?: TextContext): Scores
  /** Scores a text that arrives in pieces; the result never depends on how it was cut. */
  open(stage: ScoreStage, context?: TextContext): TextScorer
  /**
   * Prompt and answer read together.
   * @param prompt Scores of what the user asks now (stage `input`).
   * @param answer Scores of the answer (stage `output`).
   */
  exchange(prompt: Scores, answer: Scores): Scores
  /** What kind of traffic a request is, from what it asks; `other` where none is likely. Never a reason to act. */
  topic(text: string): Segment
  /** The spans of `text` that weighed most for `label`, heaviest first. */
  explain(text: string, stage: ScoreStage, label: Label, most: number): readonly Span[]
}

export interface TextScorer {
  /** Code units taken so far. */
  readonly chars: number
  /** `piece` may be any slice, also one half of a surrogate pair. */
  feed(piece: string): void
  /** Scores of everything fed so far. Pure: feeding on afterwards equals never having asked. */
  scores(): Scores
  /** Gives its tables back for the next text. Nothing may be asked of it afterwards. */
  close(): void
}

/** A stretch of text in code points, half-open; `weight` in logits. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly weight: number
}
