import { combine, EVIDENCE, type Evidence, PLAIN_CONTEXT, type TextContext } from './combine.ts'
import { FeatureReader, type FeatureSink, SEEN_SLOTS } from './features.ts'
import { headScores, labelScores, mayMatter, type Verdict } from './heads.ts'
import { HALF_BLOCK, KeptFeatures, SUB_BLOCK } from './kept-features.ts'
import { languageGroup } from './language-group.ts'
import {
  type AnswerName,
  GATE_AMBIENT,
  GATE_ANY,
  GATE_ATTACK,
  GATE_OUTPUT,
  GATE_STRIDE,
  GATES,
  type LanguageGroup,
  type Model,
  type SecondLook,
} from './model.ts'
import { lookAgain } from './second-look.ts'
import { Sentences, type Stretches } from './sentences.ts'
import { Spares } from './spares.ts'
import type { ScoreStage, Scores, TextScorer } from './types.ts'

/** Does a word's first byte in memory hold its lowest bits? */
const LITTLE = new Uint8Array(Int32Array.of(1).buffer)[0] === 1
/** Below this logit of the first look there is no second: no line is near. On the dev split a lower one finds nothing more. */
const SECOND_FLOOR = -1
/** Above this raw score of a sentence there is one in any case. */
const ALARMING = 1
/** A request of no more features has a second look in any case: few words say little by themselves, and it costs some 20 µs. */
const SHORT = 512

const spares = new Spares<Int32Array<ArrayBuffer>>()

/**
 * Scores one text as it arrives: running sums for the whole, and for windows of two half-blocks anchored at absolute
 * feature positions, so that padding cannot thin a passage out. Sums are integers: no order of addition matters.
 */
export class Scorer implements TextScorer, FeatureSink, Stretches {
  chars = 0
  readonly #model: Model
  readonly #stage: ScoreStage
  readonly #context: TextContext
  readonly #seen = spares.take()?.fill(0) ?? new Int32Array(SEEN_SLOTS)
  #reader = new FeatureReader(this.#seen)
  readonly #gateShift: number
  /** The gate of the stage's question. */
  readonly #leading: number
  /** The gate by which a passage stands out: in a document, the one that knows orders there from what documents say. */
  readonly #standingOut: number
  readonly #sentences = new Sentences()
  /** The gates, a row at a time. */
  readonly #rows: Int32Array
  /** Sums per gate of the sub-block that is open. */
  #open0 = 0
  #open1 = 0
  #open2 = 0
  #open3 = 0
  /** Sums per gate: of all closed sub-blocks, of the last one, and of the open and the last half-block's closed ones. */
  readonly #closed = new Float64Array(GATES)
  readonly #last = new Float64Array(GATES)
  readonly #block = new Float64Array(GATES)
  readonly #blockBefore = new Float64Array(GATES)
  /** Highest raw score of a window of two sub-blocks, per gate. */
  readonly #best = new Float64Array(GATES).fill(Number.NEGATIVE_INFINITY)
  #subBlocks = 0
  /** Hashes that heads and network read. */
  readonly #kept = new KeptFeatures()

  constructor(model: Model, stage: ScoreStage, context: TextContext = PLAIN_CONTEXT) {
    this.#model = model
    this.#stage = stage
    this.#context = context
    this.#gateShift = 32 - model.gateBits
    this.#leading = stage === 'input' ? GATE_ANY : GATE_OUTPUT
    this.#standingOut = stage === 'input' && context.ambient ? GATE_AMBIENT : this.#leading
    this.#rows = new Int32Array(model.gates.buffer, model.gates.byteOffset, model.gates.length / GATE_STRIDE)
  }

  /** Another scorer in the same state: what one is fed, the other does not see. Close it too. */
  clone(): Scorer {
    const other = new Scorer(this.#model, this.#stage, this.#context)
    other.chars = this.chars
    other.#reader = this.#reader.clone(other.#seen)
    other.#open0 = this.#open0
    other.#open1 = this.#open1
    other.#open2 = this.#open2
    other.#open3 = this.#open3
    other.#closed.set(this.#closed)
    other.#last.set(this.#last)
    other.#block.set(this.#block)
    other.#blockBefore.set(this.#blockBefore)
    other.#best.set(this.#best)
    other.#subBlocks = this.#subBlocks
    other.#kept.become(this.#kept)
    other.#sentences.become(this.#sentences)
    return other
  }

  feed(piece: string): void {
    this.chars += piece.length
    this.#reader.feed(piece, this)
  }

  features(hashes: Int32Array, count: number, ends: Int32Array, sentences: number): void {
    let from = 0
    for (let nth = 0; nth < sentences; nth++) {
      this.#add(hashes, from, ends[nth]!)
      from = ends[nth]!
      this.#sentences.end(this)
    }
    this.#add(hashes, from, count)
  }

  #add(hashes: Int32Array, begin: number, count: number): void {
    const rows = this.#rows
    const shift = this.#gateShift
    const kept = this.#kept
    for (let from = begin; from < count; ) {
      const ids = kept.open
      const to = Math.min(count, from + SUB_BLOCK - (kept.count % SUB_BLOCK))
      // One load for four gates: as bytes without sign, two sums share a word, and 128 of them do not reach over.
      let even = 0
      let odd = 0
      const at = kept.count - from
      for (let i = from; i < to; i++) {
        const hash = hashes[i]!
        ids[at + i] = hash
        const row = rows[hash >>> shift]! ^ 0x80808080
        even = (even + (row & 0xff00ff)) | 0
        odd = (odd + ((row >>> 8) & 0xff00ff)) | 0
      }
      const signs = 128 * (to - from)
      this.#open0 += ((LITTLE ? even : odd >>> 16) & 0xffff) - signs
      this.#open1 += ((LITTLE ? odd : even >>> 16) & 0xffff) - signs
      this.#open2 += ((LITTLE ? even >>> 16 : odd) & 0xffff) - signs
      this.#open3 += ((LITTLE ? odd >>> 16 : even) & 0xffff) - signs
      kept.count += to - from
      if (kept.count % SUB_BLOCK === 0) this.#endSubBlock()
      if (kept.count === HALF_BLOCK) this.#endBlock()
      from = to
    }
  }

  scores(): Scores {
    return labelScores(this.verdict())
  }

  /** What the text is, before it is shared out over labels. */
  verdict(): Verdict {
    const tail = this.#tail()
    const { calibration } = this.#model
    const logit = this.#logits(tail)
    const calibrated = (answer: AnswerName) => {
      const { a, b } = calibration[answer][this.group]
      return a * logit(answer) + b
    }
    const any = calibrated(this.#stage === 'input' ? 'harm' : 'answer')
    if (!mayMatter(any)) return { any, attack: Number.NEGATIVE_INFINITY, heads: null }
    const attack = this.#stage === 'input' ? calibrated('attack') : Number.NEGATIVE_INFINITY
    return { any, attack, heads: headScores(this.#model, (take) => this.#kept.passage(tail, take)) }
  }

  get taken(): number {
    return this.#subBlocks * SUB_BLOCK + this.#inSubBlock
  }

  get sum(): number {
    return this.#sumOf(this.#standingOut)
  }

  raw(sum: number, features: number): number {
    return this.#raw(this.#standingOut, sum, features)
  }

  last(count: number, into: Int32Array, at: number): void {
    this.#kept.last(count, into, at)
  }

  /** Adds up what the gates said so far, without an open word: a difference of two is what they say of a stretch. */
  progress(): GateProgress {
    return { features: this.taken, leading: this.sum, attack: this.#sumOf(GATE_ATTACK) }
  }

  /** Raw score of the stretch between two of them: of the leading gate, or of the one for attack forms where it is higher. */
  rawBetween(from: GateProgress, to: GateProgress): number {
    const n = to.features - from.features
    return Math.max(
      this.#raw(this.#leading, to.leading - from.leading, n),
      this.#raw(GATE_ATTACK, to.attack - from.attack, n),
    )
  }

  close(): void {
    spares.keep(this.#seen)
    this.#kept.close()
    this.#sentences.close()
  }

  /** Which calibration the text takes: it changes as the text does. */
  get group(): LanguageGroup {
    return languageGroup(this.#reader.unspaced, this.#reader.spaced)
  }

  /** What the combiners of the first look read: shape [EVIDENCE.length]. */
  evidence(): Evidence {
    return this.#evidence(this.#tail())
  }

  /** What the combiners of the second look read: shape [SECOND_EVIDENCE.length]. */
  secondEvidence(second: SecondLook): Evidence {
    const tail = this.#tail()
    return this.#secondEvidence(second, this.#evidence(tail), tail)
  }

  /** How sure the model is of an answer, before calibration: of its last look. */
  logit(answer: AnswerName): number {
    const tail = this.#tail()
    return this.#logits(tail)(answer)
  }

  #logits(tail: readonly number[]): (answer: AnswerName) => number {
    const { combiners, second } = this.#model
    const first = this.#evidence(tail)
    let again: Evidence | null = null
    return (answer) => {
      const logit = combine(combiners[answer], first)
      if (second === null || (logit < SECOND_FLOOR && !this.#isShort && !this.#hasAlarming)) return logit
      again ??= this.#secondEvidence(second, first, tail)
      return combine(second.combiners[answer], again)
    }
  }

  #secondEvidence({ network }: SecondLook, first: Evidence, tail: readonly number[]): Evidence {
    const isOne = this.#subBlocks < 2
    return lookAgain(network, this.#stage, this.#context, first, {
      passage: (take) => this.#kept.passage(tail, take),
      window: isOne ? null : (take) => this.#kept.window(this.#isLastHighest(tail), tail, take),
      standOut: isOne ? null : this.#sentences.standOut(this, tail),
    })
  }

  #evidence(tail: readonly number[]): Evidence {
    const features = this.taken + tail.length
    const { unspaced, spaced, foreign } = this.#reader
    const evidence = new Float64Array(EVIDENCE.length)
    const gates = [this.#leading, GATE_ATTACK, GATE_AMBIENT]
    for (let i = 0; i < gates.length; i++) {
      const gate = gates[i]!
      const open = this.#openSum(gate, tail)
      const whole = this.#raw(gate, this.#closed[gate]! + open, features)
      const n = SUB_BLOCK + this.#inSubBlock + tail.length
      evidence[i] = whole
      evidence[i + gates.length] =
        this.#subBlocks === 0 ? whole : Math.max(this.#best[gate]!, this.#raw(gate, this.#last[gate]! + open, n))
    }
    evidence[6] = Math.log(1 + features)
    evidence[7] = unspaced / Math.max(1, unspaced + spaced)
    evidence[8] = Number(this.#context.ambient)
    evidence[9] = Number(this.#context.system)
    evidence[10] = foreign / Math.max(1, unspaced + spaced)
    return evidence
  }

  /** Hashes that would follow if the text ended here. */
  #tail(): readonly number[] {
    return this.#reader.peekEnd()
  }

  #openSum(gate: number, tail: readonly number[]): number {
    const { gates } = this.#model
    let sum = [this.#open0, this.#open1, this.#open2, this.#open3][gate]!
    for (const hash of tail) sum += gates[(hash >>> this.#gateShift) * GATE_STRIDE + gate]!
    return sum
  }

  /** What a gate said so far, without an open word. */
  #sumOf(gate: number): number {
    const open = gate === 0 ? this.#open0 : gate === 1 ? this.#open1 : gate === 2 ? this.#open2 : this.#open3
    return this.#closed[gate]! + open
  }

  #raw(gate: number, sum: number, n: number): number {
    return this.#model.gateBiases[gate]! + (this.#model.gateScales[gate]! * sum) / Math.sqrt(Math.max(1, n))
  }

  #endSubBlock(): void {
    const open = [this.#open0, this.#open1, this.#open2, this.#open3]
    for (let gate = 0; gate < GATES; gate++) {
      const sum = open[gate]!
      if (this.#subBlocks > 0) {
        const raw = this.#raw(gate, sum + this.#last[gate]!, 2 * SUB_BLOCK)
        if (raw > this.#best[gate]!) {
          this.#best[gate] = raw
          if (gate === this.#standingOut) this.#kept.keepWindow()
        }
      }
      this.#closed[gate] = this.#closed[gate]! + sum
      this.#block[gate] = this.#block[gate]! + sum
      this.#last[gate] = sum
    }
    this.#open0 = this.#open1 = this.#open2 = this.#open3 = 0
    this.#subBlocks++
    this.#sentences.cut(this)
  }

  #endBlock(): void {
    const leading = this.#leading
    const n = (this.#kept.blocks > 0 ? HALF_BLOCK : 0) + HALF_BLOCK
    this.#kept.endBlock(this.#raw(leading, this.#block[leading]! + this.#blockBefore[leading]!, n))
    this.#blockBefore.set(this.#block)
    this.#block.fill(0)
  }

  /** Whether of all windows of two sub-blocks the one at the end stands out most. */
  #isLastHighest(tail: readonly number[]): boolean {
    const gate = this.#standingOut
    const n = SUB_BLOCK + this.#inSubBlock + tail.length
    return this.#raw(gate, this.#last[gate]! + this.#openSum(gate, tail), n) > this.#best[gate]!
  }

  get #inSubBlock(): number {
    return this.#kept.count % SUB_BLOCK
  }

  get #isShort(): boolean {
    return this.#stage === 'input' && this.#kept.blocks === 0 && this.#kept.count <= SHORT
  }

  /** Whether one sentence by itself alarms the leading gate, whatever stands around it. */
  get #hasAlarming(): boolean {
    return this.#sentences.highest(this) > ALARMING
  }
}

/** Sums over the gates of a text, and of how many features. */
export interface GateProgress {
  readonly features: number
  readonly leading: number
  readonly attack: number
}
