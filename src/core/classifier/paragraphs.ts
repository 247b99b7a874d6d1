import type { TextContext } from './combine.ts'
import { labelScores, type Verdict } from './heads.ts'
import { type Model, sigmoid } from './model.ts'
import { type GateProgress, Scorer } from './scorer.ts'
import type { Scores } from './types.ts'

/** Shorter lines are read together with the next: a line of code says nothing by itself. Code units. */
const LEAST_CHARS = 24
/** Longer ones are left to the windows. Code units; with `READ`, what is kept of a text of any length. */
const MOST_CHARS = 2_048
/** With fewer features that are new, a line says nothing that another has not said. */
const LEAST_FEATURES = 16
/** So many are read: those in which the gates are highest. Twice as many find nothing more on the dev split. */
const READ = 4
/** Below this raw score of the gates a paragraph is clearly harmless. */
const FLOOR = 0
/** A paragraph that is less likely than this is near no line, and says nothing against the text around it. */
const LEAST = 0.25
/** A text of fewer features is read well as a whole: about 750 characters. */
const LEAST_WHOLE = 1536
/**
 * What a paragraph among `n` loses, log odds: a sentence out of its surroundings says less, and the worst of many harmless
 * ones looks worse than one alone. Chosen on the dev split: pages without anything hidden in them cross no line more
 * often than before.
 */
const discount = (n: number) => 0.5 + 0.4 * Math.log(n)

interface Candidate {
  readonly text: string
  readonly raw: number
  verdict: Verdict | null
}

/**
 * The paragraphs of a request that stand out from the rest, each read as a text of its own: what is hidden between pages
 * of other text is not thinned out by them. A text of one paragraph has none, and a short one needs none.
 */
export class Paragraphs {
  readonly #model: Model
  readonly #context: TextContext
  readonly #whole: Scorer
  #from: GateProgress
  #open = ''
  #isLong = false
  #count = 0
  /** Highest first, at most `READ`. */
  #standOut: readonly Candidate[] = []

  /** @param whole Scorer of the same text: what this is given, that was fed. */
  constructor(model: Model, context: TextContext, whole: Scorer) {
    this.#model = model
    this.#context = context
    this.#whole = whole
    this.#from = whole.progress()
  }

  /** @param line A stretch without a line's end, or up to and with one. */
  take(line: string, ends: boolean): void {
    this.#isLong ||= this.#open.length + line.length > MOST_CHARS
    if (!this.#isLong) this.#open += line
    if (!ends || (!this.#isLong && this.#open.length < LEAST_CHARS)) return
    const to = this.#whole.progress()
    if (to.features - this.#from.features >= LEAST_FEATURES) {
      this.#count++
      this.#standOut = this.#with(to)
    }
    this.#open = ''
    this.#isLong = false
    this.#from = to
  }

  /** Raises each label to the greatest of any paragraph. */
  raise(scores: Scores): void {
    const to = this.#whole.progress()
    const isOpen = to.features - this.#from.features >= LEAST_FEATURES
    const count = this.#count + Number(isOpen)
    if (count < 2 || to.features < LEAST_WHOLE) return
    const lowered = discount(count)
    for (const candidate of isOpen ? this.#with(to) : this.#standOut) {
      candidate.verdict ??= this.#read(candidate.text)
      if (sigmoid(candidate.verdict.any - lowered) < LEAST) continue
      const own = labelScores(candidate.verdict, lowered)
      for (let label = 0; label < scores.length; label++) if (own[label]! > scores[label]!) scores[label] = own[label]!
    }
  }

  /** Those that stand out when the open paragraph ends at `to`. */
  #with(to: GateProgress): readonly Candidate[] {
    if (this.#isLong) return this.#standOut
    const raw = this.#whole.rawBetween(this.#from, to)
    if (raw < FLOOR || (this.#standOut.length === READ && raw <= this.#standOut[READ - 1]!.raw)) return this.#standOut
    const candidate = { text: this.#open, raw, verdict: null }
    const at = this.#standOut.findIndex((one) => one.raw < raw)
    return this.#standOut.toSpliced(at < 0 ? this.#standOut.length : at, 0, candidate).slice(0, READ)
  }

  #read(text: string): Verdict {
    const scorer = new Scorer(this.#model, 'input', this.#context)
    scorer.feed(text)
    const verdict = scorer.verdict()
    scorer.close()
    return verdict
  }
}
