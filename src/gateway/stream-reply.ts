import { NO_USAGE } from '../core/conversation/exchange.ts'
import type { EventFacts, SseEvent, StreamRewriter } from '../core/protocols/adapter.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import { type Answer, nextHop, type StreamAnswer, upstreamFailure } from './act.ts'
import { composeContext, requestIdHeader, requestIdOf, servedFacts } from './composing.ts'
import { consultOnAnswer } from './consult.ts'
import { mintCredit } from './credit.ts'
import { isLarge, takeInSlices } from './event-slices.ts'
import { type CleanFrame, cleanedFrame, textOf } from './foreign-word.ts'
import { type Guarded, leadsOn, refusalStep } from './guard.ts'
import type { Inspection } from './inspect.ts'
import { claimEvent } from './kept-objects.ts'
import { openModeration, throughModeration } from './moderated-reply.ts'
import { noticeOf } from './notice.ts'
import type { Passage } from './passage.ts'
import { type Ports, type Sink, STOPPING, UpstreamError, type WireReply } from './ports.ts'
import { countProbing } from './probing.ts'
import { passedHeaders, sluiceHeaders } from './response-headers.ts'
import { effective, type Outcome, settle } from './settle.ts'
import { type Frame, SseFrames } from './sse-frames.ts'
import type { Waiting } from './stream-guard.ts'
import { firstLeg, type Leg, type LegFacts, mayHop, nextLeg, usageSoFar } from './stream-leg.ts'

type Streamed = Extract<Guarded, { kind: 'stream' }>

/** A streamed answer on its way to the caller, through the guard. */
export function streamReply(guarded: Streamed, inspection: Inspection, passage: Passage, ports: Ports): WireReply {
  const { upstream } = guarded
  const served = servedFacts(passage, ports, { servedModel: guarded.model, guard: guarded.guard.mode })
  const hop = guarded.model !== passage.exchange.model
  const headers = {
    ...passedHeaders(upstream.headers, passage.state),
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    ...(hop ? requestIdHeader(passage) : {}),
    ...sluiceHeaders(passage, served, upstream.headers),
  }
  return {
    status: upstream.status,
    headers,
    body: (sink) => new StreamPassage(guarded, inspection, passage, ports, sink).run(),
  }
}

interface Pending {
  readonly frame: Frame
  readonly waiting: Waiting
  /** It ends the answer for a caller, though more events follow: it waits for the last word on it. */
  readonly last: boolean
}

/** An answer is kept until its receipt: one without an end is not. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024

/** One stream from its first event to its receipt. Lives as long as the answer. */
class StreamPassage {
  readonly #inspection: Inspection
  readonly #passage: Passage
  readonly #ports: Ports
  readonly #sink: Sink
  /** Text of the answer as it arrived, for the content kept; and of the part that a caller could be continued from. */
  readonly #answer: string[] = []
  #said = ''
  /** Adds our own scores for a caller who asked for them; null for nearly all. */
  readonly #moderation: StreamRewriter | null
  #leg: Leg
  /** The answer that takes the place of a provider's own refusal. */
  #instead: StreamAnswer | null = null
  #queue: Pending[] = []
  #releasedChars = 0
  /** A part of the answer has left, not only what stands beside it. */
  #begun = false
  #started = false
  #settled = false
  #receipt = ''
  #lastWriteMs: number
  #heldSinceMs: number | null = null
  #heldMs = 0
  #charsScored = 0

  constructor(guarded: Streamed, inspection: Inspection, passage: Passage, ports: Ports, sink: Sink) {
    this.#inspection = inspection
    this.#passage = passage
    this.#ports = ports
    this.#sink = sink
    this.#lastWriteMs = ports.clock.monotonicMs()
    this.#moderation = openModeration(passage)
    this.#leg = firstLeg(guarded, this.#facts(guarded), passage, ports)
  }

  /** Runs the stream to its end. Always leaves exactly one receipt. */
  async run(): Promise<void> {
    const alive = setInterval(() => this.#keepAlive(), Math.min(1000, this.#passage.state.keepAliveMs / 2))
    try {
      while (await this.#pump());
    } catch (error) {
      await this.#broken(error)
    } finally {
      clearInterval(alive)
      if (!this.#settled) await this.#settle('client_gone').catch(() => undefined)
    }
  }

  /** Reads one model's events. @returns true when another model goes on with the answer. */
  async #pump(): Promise<boolean> {
    const leg = this.#leg
    const frames = new SseFrames()
    let bytes = 0
    for await (const chunk of leg.answer.upstream.chunks) {
      bytes += chunk.length
      if (bytes > MOST_ANSWER_BYTES) throw new UpstreamError('upstream_invalid', 'the answer does not end')
      for (const frame of frames.push(chunk)) {
        if (!(await this.#take(frame))) return this.#stop()
        // The first words do not wait for the rest of what came with them to be read.
        if (this.#begun || this.#queue.at(-1)?.waiting.said === '') continue
        await this.#release(false)
        if (this.#begun) await this.#sink.sent()
      }
      if (this.#queue.length > 0) await this.#release(false)
      if (this.#sink.gone) return false
    }
    const rest = frames.end()
    if (rest !== null && !(await this.#take(rest))) return this.#stop()
    if (!this.#settled && leg.reader.complete) {
      // Everything was there but the last event, which some upstreams leave out.
      leg.guard.take(ENDED)
      if (leg.guard.stopped === null && this.#asksOthers()) await this.#consult()
      if (leg.guard.stopped !== null) return this.#stop()
      await this.#settle('complete')
      await this.#release(true)
      await this.#write(this.#moderated(leg.rewriter?.end() ?? '') + (this.#moderation?.end() ?? ''))
      return false
    }
    if (this.#settled) {
      await this.#release(true)
      return false
    }
    // The upstream closed without an ending: the caller is told, never just cut off (wire.md E3).
    throw new UpstreamError('upstream_invalid', 'the stream ended before its last event')
  }

  /** @returns false when the answer was stopped here. */
  async #take(frame: Frame): Promise<boolean> {
    const { guard, reader } = this.#leg
    const facts = frame.comment ? IDLE : reader.read(frame)
    claimEvent(frame, this.#passage, this.#ports)
    if (this.#settled) {
      // What is said after the end is no part of the answer: nobody has read it.
      const isEmpty = facts.texts.length === 0 && facts.uninspected.length === 0
      const leaves = isEmpty ? [frame] : framesOf(facts.bare ?? '')
      for (const one of leaves) this.#queue.push({ frame: one, waiting: NOTHING_WAITS, last: false })
      return true
    }
    for (const { text } of facts.texts) if (this.#passage.state.retention !== 'none') this.#answer.push(text)
    const waiting = isLarge(facts) ? await takeInSlices(facts, guard, this.#ports.clock.pause) : guard.take(facts)
    if (guard.stopped !== null) return false
    if (
      facts.terminal &&
      !this.#settled &&
      !reader.failed &&
      leadsOn(reader, this.#passage) &&
      mayHop(this.#passage, this.#started)
    ) {
      await this.#beyondRefusal()
      if (this.#instead !== null) return false
    }
    if (facts.terminal && !this.#settled && !reader.failed && this.#asksOthers()) {
      await this.#consult()
      if (guard.stopped !== null) return false
    }
    // What may leave already does not wait for the receipt of the whole.
    if (facts.terminal && !this.#settled && this.#queue.length > 0) await this.#release(false)
    this.#queue.push({ frame, waiting, last: reader.complete && !facts.terminal && this.#asksOthers() })
    if (facts.terminal && !this.#settled) {
      await this.#settle(reader.failed ? 'upstream_error' : 'complete')
    }
    return true
  }

  /** The provider refused by itself. Where nobody else answers, that passes as it came. */
  async #beyondRefusal(): Promise<void> {
    const { reader, answer } = this.#leg
    const step = refusalStep(reader, answer.model, this.#passage)
    const next = await this.#nextHop()
    // Nobody waits for either answer any more.
    if (next?.kind === 'gone') this.#passage.request.signal.throwIfAborted()
    if (next?.kind !== 'stream') return
    this.#passage.steps.push(...step)
    this.#instead = next
  }

  #nextHop(): Promise<Answer | null> {
    return nextHop(this.#inspection, this.#started ? this.#said : null, this.#passage, this.#ports)
  }

  #asksOthers(): boolean {
    return this.#ports.secondOpinions(this.#passage.state.safeguard.cascade).length > 0
  }

  /** The last event waits for what comes after the body, where a probe reports there and the matter is in doubt. */
  async #consult(): Promise<void> {
    const { guard, answer } = this.#leg
    // Whoever could be asked about the text is not: only what the model server itself reports comes into it.
    const ended = { ...answer, text: '', streams: true }
    guard.opined(await consultOnAnswer(guard.findings, ended, this.#passage, this.#ports))
  }

  async #release(all: boolean): Promise<void> {
    const { reader, rewriter } = this.#leg
    let n = 0
    while (n < this.#queue.length && (all || this.#mayLeave(this.#queue[n]!))) n++
    if (!all && this.#holdsHead() && !this.#queue.slice(0, n).some(({ waiting }) => waiting.begins)) n = 0
    if (n === 0) {
      this.#heldSinceMs ??= this.#ports.clock.monotonicMs()
      return
    }
    const leaving = n === this.#queue.length ? this.#queue : this.#queue.slice(0, n)
    this.#queue = n === this.#queue.length ? [] : this.#queue.slice(n)
    if (this.#heldSinceMs !== null) this.#heldMs += this.#ports.clock.monotonicMs() - this.#heldSinceMs
    this.#heldSinceMs = this.#queue.length > 0 ? this.#ports.clock.monotonicMs() : null
    for (const { waiting } of leaving) {
      this.#releasedChars += waiting.chars
      this.#said += waiting.said
      this.#begun ||= waiting.begins
    }
    const plain = rewriter === null && this.#moderation === null
    const cleaned = leaving.map(({ frame }) => this.#cleaned(frame))
    if (plain && cleaned.every((clean) => clean === null)) return this.#writeRaw(leaving)
    const text = this.#moderated(
      leaving
        .map(({ frame }, i) => cleaned[i] ?? textOf(frame))
        .map((frame) => rewriter?.rewrite(frame, frame.text) ?? frame.text)
        .join(''),
    )
    for (const event of eventsOf(text)) reader.released(event)
    await this.#write(text)
  }

  #mayLeave({ last, waiting }: Pending): boolean {
    // Another choice may have begun since.
    if (last && !this.#settled && this.#leg.reader.complete) return false
    return this.#leg.guard.clears(waiting)
  }

  #moderated(text: string): string {
    return this.#moderation === null ? text : throughModeration(text, this.#moderation)
  }

  async #writeRaw(leaving: readonly Pending[]): Promise<void> {
    const { reader } = this.#leg
    for (const { frame } of leaving) if (!frame.comment) reader.released(frame)
    await this.#write(
      leaving.length === 1 ? leaving[0]!.frame.raw : Buffer.concat(leaving.map(({ frame }) => frame.raw)),
    )
  }

  /** The event without what an upstream says in our name; null where it leaves as it came. */
  #cleaned(frame: Frame): CleanFrame | null {
    return this.#passage.state.trustUpstreamSluice ? null : cleanedFrame(frame)
  }

  /** Until the first text leaves, nothing need: then another model can still answer as if it had been asked first. */
  #holdsHead(): boolean {
    if (this.#begun || this.#started) return false
    const { chain, hops, state } = this.#passage
    if (hops >= chain.hops.length || chain.leftToCaller) return false
    return (
      this.#leg.guard.mode !== 'annotate' ||
      (state.onUpstreamRefusal === 'fall_back' && this.#passage.mode === 'enforce')
    )
  }

  /** The answer was stopped: another model goes on where one does already, or may; else it ends with the refusal. */
  async #stop(): Promise<boolean> {
    const { guard, reader, answer } = this.#leg
    const passage = this.#passage
    const decision = guard.stopped ?? effective(passage)
    this.#charsScored += guard.charsScored
    guard.conclude()
    passage.declined.push({ model: answer.model, usage: usageSoFar(this.#leg) ?? NO_USAGE })
    // What was read and not released is not part of the answer any more.
    this.#queue = []
    const asks = this.#instead === null && decision.action === 'fall_back' && mayHop(this.#passage, this.#started)
    const next = asks ? await this.#nextHop() : this.#instead
    this.#instead = null
    if (next?.kind === 'stream') {
      await this.#follow(next)
      return true
    }
    const recommended = next?.kind === 'composed' ? next.recommendedModel : null
    await this.#settle('refused')
    const credit =
      decision.action === 'fall_back' ? mintCredit(passage, this.#started ? this.#said : null, this.#ports) : null
    const facts = {
      ...this.#facts(answer),
      guard: guard.mode,
      midStream: this.#started,
      credit,
      recommendedModel: recommended,
    }
    const notice = noticeOf(decision, facts, passage, this.#ports)
    await this.#write(this.#moderated(reader.refuse(notice, passage.exchange, this.#context(answer.model))))
    return false
  }

  async #follow(answer: StreamAnswer): Promise<void> {
    // What nobody has seen of the answer before is not part of the answer.
    if (!this.#started) this.#passage.toolUses.clear()
    const said = this.#started ? this.#said : null
    const { leg, events } = nextLeg(
      this.#leg,
      answer,
      said,
      this.#facts(answer),
      this.#inspection,
      this.#passage,
      this.#ports,
    )
    this.#leg = leg
    for (const event of eventsOf(events)) leg.reader.released(event)
    await this.#write(events)
  }

  async #broken(error: unknown): Promise<void> {
    const { signal } = this.#passage.request
    const stopping = signal.reason === STOPPING
    if (this.#sink.gone || (signal.aborted && !stopping)) return
    const { answer, reader } = this.#leg
    const failure = stopping
      ? wireErrors.overloaded(this.#passage.dialect)
      : error instanceof UpstreamError
        ? upstreamFailure(error, answer.model)
        : error instanceof ProtocolError
          ? wireErrors.upstreamInvalid(answer.model)
          : wireErrors.guardUnavailable()
    if (!this.#settled) await this.#settle(error instanceof UpstreamError && !stopping ? 'upstream_error' : 'error')
    if (failure.code === 'guard_unavailable') this.#ports.report('stream.failed', { id: this.#passage.ids.decision })
    await this.#write(reader.fail(failure, this.#passage.exchange, this.#context(answer.model)))
  }

  async #settle(end: Outcome['end']): Promise<void> {
    const { guard, reader, answer } = this.#leg
    this.#settled = true
    // A stopped answer is concluded where it was stopped.
    if (end !== 'refused') {
      guard.conclude()
      this.#charsScored += guard.charsScored
    }
    const outcome: Outcome = {
      servedModel: reader.model ?? answer.model,
      usage: end === 'complete' ? reader.usage : usageSoFar(this.#leg),
      guard: { mode: guard.mode, releasedChars: this.#releasedAtEnd(end), heldMs: Math.round(this.#heldMs) },
      status: answer.upstream.status,
      end,
      upstreamRefusal: reader.upstreamRefusal,
      vendorCategory: reader.refusedCategory,
      upstreamRequestId: requestIdOf(answer.upstream.headers),
      answer: [this.#answer.join('')],
      charsScored: this.#charsScored,
    }
    const { receipt, safe } = settle(outcome, this.#inspection, this.#passage, this.#ports)
    this.#receipt = receipt
    if (end === 'refused' || end === 'complete')
      countProbing(end === 'refused' ? end : 'answered', this.#passage, this.#ports)
    await safe
  }

  /** A complete answer releases what is still queued right after its receipt. */
  #releasedAtEnd(end: Outcome['end']): number {
    const queued = end === 'complete' ? this.#queue.reduce((sum, { waiting }) => sum + waiting.chars, 0) : 0
    return this.#releasedChars + queued
  }

  #context(model: string) {
    return composeContext(this.#passage, model)
  }

  #facts({ model }: Pick<StreamAnswer, 'model'>): LegFacts {
    return { servedModel: model, midStream: false, receipt: () => this.#receipt }
  }

  #keepAlive(): void {
    if (this.#ports.clock.monotonicMs() - this.#lastWriteMs < this.#passage.state.keepAliveMs) return
    this.#lastWriteMs = this.#ports.clock.monotonicMs()
    void this.#sink.write(this.#passage.adapter.keepAlive(this.#started))
  }

  async #write(chunk: Uint8Array | string): Promise<void> {
    if (this.#sink.gone || chunk.length === 0) return
    this.#started = true
    this.#lastWriteMs = this.#ports.clock.monotonicMs()
    await this.#sink.write(chunk)
  }
}

const encoder = new TextEncoder()
const NOTHING_WAITS: Waiting = { ends: [], chars: 0, said: '', begins: false }
const ENDED: EventFacts = { texts: [], closes: [], uninspected: [], terminal: true, idle: false }
const IDLE: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }

function framesOf(text: string): readonly Frame[] {
  return text === '' ? [] : new SseFrames().push(encoder.encode(text))
}

function eventsOf(text: string): readonly SseEvent[] {
  return framesOf(text).filter((frame) => !frame.comment)
}
