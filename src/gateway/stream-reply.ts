import type { Decision } from '../core/policy/decision.ts'
import type { Notice, SseEvent, StreamRewriter } from '../core/protocols/adapter.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import { upstreamFailure } from './act.ts'
import { composeContext, requestIdHeader, requestIdOf, servedFacts } from './composing.ts'
import type { Guarded } from './guard.ts'
import type { Inspection } from './inspect.ts'
import { noticeOf } from './notice.ts'
import type { Passage } from './passage.ts'
import { type Ports, type Sink, UpstreamError, type WireReply } from './ports.ts'
import { passedHeaders, sluiceHeaders } from './response-headers.ts'
import { effective, type Outcome, settle } from './settle.ts'
import { type Frame, SseFrames } from './sse-frames.ts'
import type { Waiting } from './stream-guard.ts'

type Streamed = Extract<Guarded, { kind: 'stream' }>

/** A streamed answer on its way to the caller, through the guard. */
export function streamReply(guarded: Streamed, inspection: Inspection, passage: Passage, ports: Ports): WireReply {
  const { upstream } = guarded
  const served = servedFacts(passage, ports, { servedModel: guarded.model, guard: guarded.guard.mode })
  const hop = guarded.model !== passage.exchange.model
  const headers = {
    ...passedHeaders(upstream.headers),
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
}

/** One stream from its first event to its receipt. Lives as long as the answer. */
class StreamPassage {
  readonly #guarded: Streamed
  readonly #inspection: Inspection
  readonly #passage: Passage
  readonly #ports: Ports
  readonly #sink: Sink
  readonly #reader
  readonly #rewriter: StreamRewriter | null
  readonly #answer: string[] = []
  #queue: Pending[] = []
  #releasedChars = 0
  #started = false
  #settled = false
  #receipt = ''
  #lastWriteMs: number
  #heldSinceMs: number | null = null
  #heldMs = 0

  constructor(guarded: Streamed, inspection: Inspection, passage: Passage, ports: Ports, sink: Sink) {
    this.#guarded = guarded
    this.#inspection = inspection
    this.#passage = passage
    this.#ports = ports
    this.#sink = sink
    this.#reader = passage.adapter.openStream()
    this.#lastWriteMs = ports.clock.monotonicMs()
    const hop = guarded.model !== passage.exchange.model
    const context = composeContext(passage, guarded.model)
    this.#rewriter = hop
      ? passage.adapter.openFallbackStream(this.#notice(effective(passage), false), passage.exchange, context)
      : null
  }

  /** Runs the stream to its end. Always leaves exactly one receipt. */
  async run(): Promise<void> {
    const alive = setInterval(() => this.#keepAlive(), Math.min(1000, this.#passage.state.keepAliveMs / 2))
    try {
      await this.#pump()
    } catch (error) {
      await this.#broken(error)
    } finally {
      clearInterval(alive)
      if (!this.#settled) await this.#settle('client_gone').catch(() => undefined)
    }
  }

  async #pump(): Promise<void> {
    const frames = new SseFrames()
    for await (const chunk of this.#guarded.upstream.chunks) {
      for (const frame of frames.push(chunk)) if (!(await this.#take(frame))) return
      await this.#release(false)
      if (this.#sink.gone) return
    }
    const rest = frames.end()
    if (rest !== null && !(await this.#take(rest))) return
    if (!this.#settled && this.#reader.complete) {
      // Everything was there but the last event, which some upstreams leave out.
      await this.#settle('complete')
      await this.#release(true)
      return this.#write(this.#rewriter?.end() ?? '')
    }
    if (this.#settled) return this.#release(true)
    // The upstream closed without an ending: the caller is told, never just cut off (wire.md E3).
    throw new UpstreamError('upstream_invalid', 'the stream ended before its last event')
  }

  /** @returns false when the answer was stopped here. */
  async #take(frame: Frame): Promise<boolean> {
    const { guard } = this.#guarded
    const reader = this.#reader
    const facts = frame.comment ? IDLE : reader.read(frame)
    for (const { text } of facts.texts) if (this.#passage.state.retention !== 'none') this.#answer.push(text)
    const waiting = guard.take(facts)
    if (guard.stopped !== null) {
      await this.#stop()
      return false
    }
    this.#queue.push({ frame, waiting })
    if (facts.terminal && !this.#settled) {
      await this.#settle(reader.failed ? 'upstream_error' : 'complete')
    }
    return true
  }

  async #release(all: boolean): Promise<void> {
    const { guard } = this.#guarded
    let n = 0
    while (n < this.#queue.length && (all || guard.clears(this.#queue[n]!.waiting))) n++
    if (n === 0) {
      this.#heldSinceMs ??= this.#ports.clock.monotonicMs()
      return
    }
    const leaving = this.#queue.slice(0, n)
    this.#queue = this.#queue.slice(n)
    if (this.#heldSinceMs !== null) this.#heldMs += this.#ports.clock.monotonicMs() - this.#heldSinceMs
    this.#heldSinceMs = this.#queue.length > 0 ? this.#ports.clock.monotonicMs() : null
    for (const { waiting } of leaving) this.#releasedChars += waiting.chars
    if (this.#rewriter === null) {
      for (const { frame } of leaving) if (!frame.comment) this.#reader.released(frame)
      await this.#write(
        leaving.length === 1 ? leaving[0]!.frame.raw : Buffer.concat(leaving.map(({ frame }) => frame.raw)),
      )
      return
    }
    const text = leaving.map(({ frame }) => this.#rewriter!.rewrite(frame, utf8.decode(frame.raw))).join('')
    for (const event of eventsOf(text)) this.#reader.released(event)
    await this.#write(text)
  }

  async #stop(): Promise<void> {
    const { guard } = this.#guarded
    this.#passage.declinedUsage = this.#reader.usage
    await this.#settle('refused')
    const notice = this.#notice(guard.stopped!, true)
    await this.#write(
      this.#reader.refuse(notice, this.#passage.exchange, composeContext(this.#passage, this.#guarded.model)),
    )
  }

  async #broken(error: unknown): Promise<void> {
    if (this.#sink.gone || this.#passage.request.signal.aborted) return
    const failure =
      error instanceof UpstreamError
        ? upstreamFailure(error, this.#passage.exchange.model)
        : error instanceof ProtocolError
          ? wireErrors.upstreamInvalid(this.#passage.exchange.model)
          : wireErrors.guardUnavailable()
    if (!this.#settled) await this.#settle(error instanceof UpstreamError ? 'upstream_error' : 'error')
    if (failure.code === 'guard_unavailable') this.#ports.report('stream.failed', { id: this.#passage.ids.decision })
    await this.#write(this.#passage.adapter.errorEvents(failure, this.#passage.ids.request))
  }

  async #settle(end: Outcome['end']): Promise<void> {
    const { guard, upstream } = this.#guarded
    this.#settled = true
    guard.conclude()
    const outcome: Outcome = {
      servedModel: this.#reader.model ?? this.#guarded.model,
      usage: this.#reader.usage,
      guard: { mode: guard.mode, releasedChars: this.#releasedAtEnd(end), heldMs: Math.round(this.#heldMs) },
      status: upstream.status,
      end,
      upstreamRefusal: this.#reader.upstreamRefusal,
      upstreamRequestId: requestIdOf(upstream.headers),
      answer: [this.#answer.join('')],
      charsScored: guard.charsScored,
    }
    const { receipt, safe } = settle(outcome, this.#inspection, this.#passage, this.#ports)
    this.#receipt = receipt
    await safe
  }

  /** A complete answer releases what is still queued right after its receipt. */
  #releasedAtEnd(end: Outcome['end']): number {
    const queued = end === 'complete' ? this.#queue.reduce((sum, { waiting }) => sum + waiting.chars, 0) : 0
    return this.#releasedChars + queued
  }

  #notice(decision: Decision, midStream: boolean): Notice {
    const { guard, model } = this.#guarded
    const facts = { servedModel: model, midStream, guard: guard.mode, receipt: () => this.#receipt }
    return noticeOf(decision, facts, this.#passage, this.#ports)
  }

  #keepAlive(): void {
    if (this.#ports.clock.monotonicMs() - this.#lastWriteMs < this.#passage.state.keepAliveMs) return
    void this.#write(this.#passage.adapter.keepAlive(this.#started))
  }

  async #write(chunk: Uint8Array | string): Promise<void> {
    if (this.#sink.gone || chunk.length === 0) return
    this.#started = true
    this.#lastWriteMs = this.#ports.clock.monotonicMs()
    await this.#sink.write(chunk)
  }
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()
const IDLE = { texts: [], closes: [], uninspected: [], terminal: false, idle: true } as const

function eventsOf(text: string): readonly SseEvent[] {
  return text === '' ? [] : new SseFrames().push(encoder.encode(text)).filter((frame) => !frame.comment)
}
