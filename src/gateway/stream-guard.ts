import type { Scores, TextScorer } from '../core/classifier/types.ts'
import { decide } from '../core/policy/decide.ts'
import type { Decision, DecisionInput } from '../core/policy/decision.ts'
import type { Finding } from '../core/policy/finding.ts'
import type { GuardMode } from '../core/policy/guard-mode.ts'
import { rank } from '../core/policy/policy.ts'
import type { EventFacts } from '../core/protocols/adapter.ts'
import { readAgainFrom } from '../core/safeguards/rules.ts'
import { notConsulted } from './consult.ts'
import { answerFinding, type Inspection, LIGHT, maxScores, ruleFindings, uninspectedAnswer } from './inspect.ts'
import { blockOf } from './moderated.ts'
import { type Passage, stepInput } from './passage.ts'
import type { Ports } from './ports.ts'

/** Characters between two decisions on one running text. */
const DECIDE_EVERY_CHARS = 256
/** How far behind the scored frontier text leaves in `lag`. */
const LAG_CHARS = 320

interface Channel {
  readonly scorer: TextScorer
  chars: number
  /** Position of the last decision that found nothing to act on: text up to here may leave. */
  cleanTo: number
  closed: boolean
  /** The last decision point of this text reached `act`: a second in a row ends the answer. */
  hot: boolean
  /** So did the last look at it, which may be where a piece of it ended: that is no first of two points. */
  doubted: boolean
  /** Scores at the last decision point. */
  scores: Scores | null
  /** Text that was not scored yet: events are small, and a scorer is fed cheaper by the passage. */
  unscored: string
  /** Text since the last decision point, and before it as far as a rule may reach back; unused without rules. */
  fresh: string
  tail: string
  /** Tool calls leave whole or not at all: half a call is not a milder call. */
  readonly whole: boolean
  /** Id of the tool call, where there is one. */
  toolUse: string | null
}

/** What an event waits for: each text it carries, and how far its channel had come with it. */
export interface Waiting {
  readonly ends: readonly { readonly channel: string; readonly end: number }[]
  readonly chars: number
  /** Of these, the text that a reader of the answer sees. */
  readonly said: string
  /** It carries a part of the answer: with a source, or a member that nobody knows, none has begun. */
  readonly begins: boolean
}

/**
 * Judges an answer while it streams. Text is scored once, in the order it arrives; decisions fall at fixed character
 * positions and where a text ends, so the verdict does not depend on how the text was cut into events.
 *
 * An answer is ended by two decision points in a row at `act`, by one at `act+`, or by the last one of a text.
 */
export class StreamGuard {
  readonly mode: GuardMode
  /** Code units that came, and those of them that were scored so far. */
  charsTaken = 0
  charsScored = 0
  /** The decision that ended the answer, or null. */
  stopped: Decision | null = null
  readonly #channels = new Map<string, Channel>()
  /** Those that go on, and the most that those which ended were scored: a decision costs the same however many there were. */
  readonly #running = new Set<Channel>()
  #ended: Scores | null = null
  readonly #media = new Set<string>()
  readonly #model: string
  readonly #inspection: Inspection
  readonly #passage: Passage
  readonly #ports: Ports
  readonly #ruled = new Map<string, Finding>()
  readonly #lag: number
  /** What others made of the answer, asked or not; null until its end. */
  #opinions: readonly Finding[] | null = null
  #last: DecisionInput | null = null
  #concluded = false

  constructor(mode: GuardMode, model: string, inspection: Inspection, passage: Passage, ports: Ports) {
    this.mode = mode
    this.#model = model
    this.#inspection = inspection
    this.#passage = passage
    this.#ports = ports
    const { rules } = passage.state
    // What a rule matches is known at the next decision point at the latest: none of it has left by then.
    const ruled = rules !== null && (rules.onOutput || passage.exchange.moderation?.output === 'block')
    this.#lag = ruled ? Math.max(LAG_CHARS, rules.reach + DECIDE_EVERY_CHARS) : LAG_CHARS
  }

  /** Scores what an event carries. @returns what must be cleared before it may leave; `stopped` is set when it may not. */
  take(facts: EventFacts): Waiting {
    const ends: { channel: string; end: number }[] = []
    let chars = 0
    let said = ''
    let begins = false
    try {
      for (const { channel: name, text, place, toolUse } of facts.texts) {
        const channel = this.#channel(name, place)
        // Whatever still comes after a text has ended is read like the rest of it.
        channel.closed = false
        this.#running.add(channel)
        if (toolUse !== undefined) this.#passage.toolUses.set((channel.toolUse = toolUse), 'skipped')
        for (let at = 0; at < text.length && this.stopped === null; ) {
          const room = DECIDE_EVERY_CHARS - (channel.chars % DECIDE_EVERY_CHARS)
          const piece = text.length - at <= room && at === 0 ? text : text.slice(at, at + room)
          channel.unscored += piece
          if (this.#passage.state.rules !== null) channel.fresh += piece
          channel.chars += piece.length
          this.charsTaken += piece.length
          at += piece.length
          if (channel.chars % DECIDE_EVERY_CHARS !== 0) continue
          // Half a tool call is never judged: stopping inside one would close it as if it were whole (wire.md §5.5).
          if (channel.whole) this.#score(channel)
          else this.#point(channel, false)
        }
        chars += text.length
        if (place === 'text') said += text
        begins ||= place !== 'beside' && text !== ''
        ends.push({ channel: name, end: channel.chars })
      }
      for (const media of facts.uninspected) this.#media.add(media)
      for (const name of facts.pauses ?? []) this.#pause(name)
      for (const name of facts.closes) this.#close(name)
      if (facts.terminal) for (const name of this.#channels.keys()) this.#close(name)
    } catch {
      // A scorer that throws is a finding like any other; policy says what follows.
      this.#decide([{ kind: 'unavailable', detector: LIGHT, tier: 'light', stage: 'output' }], true)
      for (const { toolUse, closed } of this.#channels.values())
        if (toolUse !== null && !closed) this.#passage.toolUses.set(toolUse, 'unavailable')
    }
    return { ends, chars, said, begins }
  }

  /** May an event leave that waits for this? */
  clears(waiting: Waiting): boolean {
    if (this.mode === 'annotate') return true
    return waiting.ends.every(({ channel: name, end }) => {
      const channel = this.#channels.get(name)!
      if (channel.closed) return end <= channel.cleanTo
      if (this.mode === 'hold' || channel.whole) return false
      return end <= Math.min(channel.cleanTo, channel.chars - this.#lag)
    })
  }

  /** What the answer has been judged by so far. */
  get findings(): readonly Finding[] {
    return this.#last?.findings ?? []
  }

  /** Everything arrived, and others were asked about it: the last word before its last event. */
  opined(findings: readonly Finding[]): void {
    this.#opinions = findings.slice(this.findings.length)
    this.#decide(findings, true)
  }

  /** Adds the last decision on this answer to the passage; call once, when the answer has ended. */
  conclude(): void {
    if (this.#concluded) return
    this.#concluded = true
    if (this.#last === null) this.#decide([], false)
    for (const { scorer } of this.#channels.values()) scorer.close()
    const input = this.#withSkipped(this.#last!)
    this.#passage.steps.push({ input, decision: decide(input, this.#passage.state.safeguard.policy) })
  }

  #withSkipped(input: DecisionInput): DecisionInput {
    if (this.#opinions !== null || this.#ports.secondOpinions(this.#passage.state.safeguard.cascade).length === 0)
      return input
    return { ...input, findings: [...input.findings, ...notConsulted('output', 'stream', this.#passage, this.#ports)] }
  }

  #channel(name: string, place: string): Channel {
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      const whole = place === 'tool_name' || place === 'tool_input'
      const scorer = this.#ports.classifier.open('output')
      channel = {
        scorer,
        chars: 0,
        cleanTo: 0,
        closed: false,
        hot: false,
        doubted: false,
        scores: null,
        unscored: '',
        fresh: '',
        tail: '',
        whole,
        toolUse: null,
      }
      this.#channels.set(name, channel)
    }
    return channel
  }

  #close(name: string): void {
    const channel = this.#channels.get(name)
    if (channel === undefined || !this.#running.has(channel) || this.stopped !== null) return
    if (!channel.closed) {
      channel.closed = true
      this.#point(channel, true)
    }
    this.#running.delete(channel)
    if (channel.scores !== null) this.#ended = maxScores(this.#ended, channel.scores)
  }

  /** What is clean so far may leave; what is in doubt waits for what follows, and is no first of two points in a row. */
  #pause(name: string): void {
    const channel = this.#channels.get(name)
    if (channel === undefined || channel.closed || this.stopped !== null) return
    const { hot } = channel
    this.#point(channel, false)
    channel.closed = !channel.doubted
    if (channel.doubted) channel.hot = hot
  }

  #score(channel: Channel): void {
    const text = channel.unscored
    // Before it is fed: a scorer that throws does not get the same again.
    channel.unscored = ''
    channel.scorer.feed(text)
    this.charsScored += text.length
  }

  #point(channel: Channel, last: boolean): void {
    this.#score(channel)
    channel.scores = channel.scorer.scores()
    const ruled = this.#matchRules(channel)
    // A call is judged once, when it is whole: then this is all of its text.
    if (channel.toolUse !== null)
      this.#passage.toolUses.set(channel.toolUse, [...ruled, answerFinding('output', channel.scores)])
    // What another text is in doubt for is confirmed by the next point of either, not by whatever ends meanwhile.
    const acts =
      last && this.#isDoubtedBeside(channel) ? reachesAct(this.#judge(this.#findings(channel)).decision) : null
    const decision = this.#decide(this.#findings(), acts !== false && (last || channel.hot))
    channel.doubted = acts ?? reachesAct(decision)
    channel.hot = channel.doubted
    if (!channel.doubted) channel.cleanTo = channel.chars
  }

  #isDoubtedBeside(channel: Channel): boolean {
    for (const other of this.#running) if (other !== channel && other.doubted) return true
    return false
  }

  #matchRules(channel: Channel): readonly Finding[] {
    const { rules } = this.#passage.state
    if (rules === null) return []
    const text = channel.tail + channel.fresh
    const found = ruleFindings(rules, 'output', text, null)
    for (const finding of found) if (finding.kind === 'rule') this.#ruled.set(finding.rule, finding)
    channel.tail = text.slice(readAgainFrom(text, rules.reach))
    channel.fresh = ''
    return found
  }

  /** @param apart A text that is judged without those others that are in doubt; all of them where none is named. */
  #findings(apart: Channel | null = null): Finding[] {
    let scores = this.#ended
    for (const channel of this.#running) {
      if (channel.scores === null || (apart !== null && channel !== apart && channel.doubted)) continue
      scores = maxScores(scores, channel.scores)
    }
    const findings: Finding[] = [...this.#ruled.values()]
    if (scores !== null) {
      findings.push(answerFinding('output', scores))
      const { asked } = this.#inspection
      if (asked !== null) findings.push(answerFinding('exchange', this.#ports.classifier.exchange(asked, scores)))
    }
    for (const media of this.#media) findings.push(uninspectedAnswer(media))
    return findings
  }

  #decide(findings: readonly Finding[], confirms: boolean): Decision {
    const { input, decision, isSure } = this.#judge(findings)
    this.#last = input
    if (this.stopped === null && reachesAct(decision) && (confirms || isSure)) this.stopped = decision
    return decision
  }

  #judge(findings: readonly Finding[]): Judged {
    const { policy } = this.#passage.state.safeguard
    let input = stepInput(this.#passage, 'output', findings, this.#model)
    const found = decide(input, policy)
    // What a caller wants refused is found with the same certainty as what is refused anyway.
    const block = blockOf(found, 'output', this.#passage.exchange)
    if (block !== null) input = stepInput(this.#passage, 'output', [...findings, block], this.#model)
    const decision = block === null ? found : decide(input, policy)
    // A decision without a level is no question of probability: it needs no second look.
    return { input, decision, isSure: found.level === 'act+' || (found.level === null && reachesAct(found)) }
  }
}

interface Judged {
  readonly input: DecisionInput
  readonly decision: Decision
  /** One such decision is enough. */
  readonly isSure: boolean
}

function reachesAct({ action }: Decision): boolean {
  return rank(action) > rank('flag')
}
