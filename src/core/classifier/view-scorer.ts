import { LABELS } from '../base/reasons.ts'
import { PLAIN_CONTEXT, type TextContext } from './combine.ts'
import type { Model } from './model.ts'
import { goesOn, type Layer, type Mark, type NormaliserSink } from './normalise/layer.ts'
import { Normaliser } from './normalise/normaliser.ts'
import { Paragraphs } from './paragraphs.ts'
import { Scorer } from './scorer.ts'
import type { ScoreStage, Scores, TextScorer } from './types.ts'

const ENCODING = LABELS.indexOf('attack.encoding')

/**
 * Scores a text and every other reading of it as it arrives: label by label the greatest. A reading is a text of its
 * own: what is encoded in a long text is not thinned out by it. A text that hides nothing is scored once.
 */
export class ViewScorer implements TextScorer {
  readonly #plain: Scorer
  readonly #normaliser = new Normaliser()
  readonly #readings: ReadingScores
  /** Null for answers, which are judged as they stand. */
  readonly #paragraphs: Paragraphs | null

  constructor(model: Model, stage: ScoreStage, context: TextContext = PLAIN_CONTEXT) {
    this.#plain = new Scorer(model, stage, context)
    this.#paragraphs = stage === 'input' ? new Paragraphs(model, context, this.#plain) : null
    this.#readings = new ReadingScores(model, stage, context)
  }

  get chars(): number {
    return this.#plain.chars
  }

  feed(piece: string): void {
    if (this.#paragraphs === null) this.#plain.feed(piece)
    else this.#feedLines(piece, this.#paragraphs)
    this.#normaliser.feed(piece, this.#readings)
  }

  #feedLines(piece: string, paragraphs: Paragraphs): void {
    for (let from = 0; from < piece.length; ) {
      const end = piece.indexOf('\n', from)
      const to = end < 0 ? piece.length : end + 1
      const line = piece.slice(from, to)
      this.#plain.feed(line)
      paragraphs.take(line, end >= 0)
      from = to
    }
  }

  scores(): Scores {
    const scores = this.#plain.scores()
    this.#paragraphs?.raise(scores)
    const asIfEnded = new Fork(this.#readings)
    this.#normaliser.end(asIfEnded)
    asIfEnded.readings.raise(scores)
    if (asIfEnded.readings !== this.#readings) asIfEnded.readings.close()
    return scores
  }

  close(): void {
    this.#plain.close()
    this.#readings.close()
  }
}

/** Takes what the open passage would give if it ended here; copies only once there is something to take. */
class Fork implements NormaliserSink {
  readonly #original: ReadingScores
  readings: ReadingScores

  constructor(original: ReadingScores) {
    this.#original = original
    this.readings = original
  }

  layer(layer: Layer): void {
    this.#forked().layer(layer)
  }

  mark(mark: Mark): void {
    this.#forked().mark(mark)
  }

  #forked(): ReadingScores {
    if (this.readings === this.#original) this.readings = this.#original.clone()
    return this.readings
  }
}

/** Scores of one reading. */
export function scoreLayer(layer: Layer, model: Model, stage: ScoreStage): Scores {
  const scorer = new Scorer(model, stage)
  scorer.feed(layer.text)
  const scores = scorer.scores()
  scorer.close()
  return scores
}

/** A reading that may go on in the next passage: where it ends, in code points of the raw text. */
interface OpenReading {
  readonly scorer: Scorer
  readonly end: number
}

/** Running maxima over readings. What is hidden by one trick over many passages is one text, and scored as one. */
class ReadingScores implements NormaliserSink {
  readonly #model: Model
  readonly #stage: ScoreStage
  readonly #context: TextContext
  #most: Scores | null = null
  readonly #open = new Map<string, OpenReading>()

  constructor(model: Model, stage: ScoreStage, context: TextContext) {
    this.#model = model
    this.#stage = stage
    this.#context = context
  }

  clone(): ReadingScores {
    const other = new ReadingScores(this.#model, this.#stage, this.#context)
    other.#most = this.#most?.slice() ?? null
    for (const [key, { scorer, end }] of this.#open) other.#open.set(key, { scorer: scorer.clone(), end })
    return other
  }

  layer(layer: Layer): void {
    const key = layer.tricks.join()
    let open = this.#open.get(key)
    if (open !== undefined && !goesOn(open.end, layer)) {
      this.#settle(open.scorer)
      open = undefined
    }
    const scorer = open?.scorer ?? new Scorer(this.#model, this.#stage, this.#context)
    scorer.feed(layer.text)
    this.#open.set(key, { scorer, end: layer.end })
  }

  mark({ kind }: Mark): void {
    // Requests have attack forms, answers have none.
    if (this.#stage !== 'input') return
    // Hidden text is an attack form, whatever it says; what could not be read is in doubt, neither a pass nor a refusal.
    const { clear, actPlus } = this.#model.thresholds.attackInput
    const line = (kind === 'tags' || kind === 'hidden' ? actPlus : clear) / 1_000_000
    const most = this.#maxima()
    most[ENCODING] = Math.max(most[ENCODING]!, line)
  }

  /** Raises each label to the greatest of all readings so far. */
  raise(scores: Scores): void {
    if (this.#most !== null) raise(scores, this.#most)
    for (const { scorer } of this.#open.values()) raise(scores, scorer.scores())
  }

  close(): void {
    for (const { scorer } of this.#open.values()) scorer.close()
  }

  #settle(scorer: Scorer): void {
    raise(this.#maxima(), scorer.scores())
    scorer.close()
  }

  #maxima(): Scores {
    return (this.#most ??= new Float64Array(LABELS.length))
  }
}

function raise(scores: Scores, by: Scores): void {
  for (let label = 0; label < scores.length; label++) if (by[label]! > scores[label]!) scores[label] = by[label]!
}
