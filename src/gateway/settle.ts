import type { Segment } from '../core/base/segments.ts'
import { askedText } from '../core/conversation/asked.ts'
import type { Exchange, Usage, VendorCategory } from '../core/conversation/exchange.ts'
import { isNothing, strictest } from '../core/policy/decide.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { GuardFacts, Receipt } from '../core/policy/receipt.ts'
import type { Inspection } from './inspect.ts'
import { claimRefusal } from './kept-objects.ts'
import { lookOn } from './look-on.ts'
import type { Screening } from './passage.ts'
import type { Ports } from './ports.ts'

/** What is known only when the answer has ended. */
export interface Outcome {
  readonly servedModel: string | null
  readonly usage: Usage | null
  readonly guard: GuardFacts
  readonly status: number
  readonly end: Receipt['end']
  readonly upstreamRefusal: boolean
  readonly vendorCategory: VendorCategory | null
  readonly upstreamRequestId: string | null
  /** Texts of the answer, for the content kept beside the receipt. */
  readonly answer: readonly string[]
  /** Code units of answer text that were classified. */
  readonly charsScored: number
}

export interface Settled {
  /** `sha256:` of the receipt's bytes: `record.receipt` on the wire. */
  readonly receipt: string
  /** Rejects with {SpoolError} when the disk refuses. */
  readonly safe: Promise<void>
}

export const NO_GUARD: GuardFacts = { mode: 'none', releasedChars: 0, heldMs: 0 }

/** The decision that counts so far. */
export function effective(passage: Pick<Screening, 'steps'>): Decision {
  return strictest(passage.steps.map((step) => step.decision))
}

/**
 * Writes the receipt of this passage, once, and hands the content over for keeping. The answer's last event waits for
 * `safe`: the receipt is with the operating system, and for every action but `allow` on disk.
 */
export function settle(outcome: Outcome, inspection: Inspection, passage: Screening, ports: Ports): Settled {
  const { exchange, request, state, caller } = passage
  const decision = effective(passage)
  const now = ports.clock.monotonicMs()
  ports.counters.decisions[decision.action]++
  if (decision.degraded.length > 0) ports.counters.degraded++
  if (outcome.end === 'refused') claimRefusal(passage, ports)
  const keep = state.retention === 'all' || (state.retention === 'acted' && decision.would !== 'allow')
  const topic = caller.settings.segment === null ? aboutWhat(exchange, ports) : 'other'
  const receipt: Receipt = {
    v: 1,
    id: passage.ids.decision,
    atMs: passage.atMs,
    surface: exchange.surface,
    org: caller.org,
    session: exchange.session === null ? null : ports.sessionOf(caller.org, exchange.session),
    requestedModel: exchange.model,
    servedModel: outcome.servedModel,
    overheadUs: Math.round(((passage.sentMs ?? now) - request.arrivedMs) * 1000),
    decision,
    ...(passage.given === null ? {} : { gave: [...passage.given] }),
    end: outcome.end,
    ...(caller.settings.segment === null ? {} : { segment: caller.settings.segment }),
    ...(topic === 'other' ? {} : { topic }),
    ...(state.trial === null ? {} : { trial: state.trial }),
    ...(state.onlookers.length === 0 ? {} : { looks: lookOn(outcome.answer, passage, ports) }),
    // The drainer reads no further than here.
    steps: passage.steps.map(({ input, decision }) => ({ input, decision: isNothing(decision) ? null : decision })),
    appeal: passage.ids.appeal,
    dialect: passage.dialect,
    stream: exchange.stream,
    principal: caller.principal,
    lang: passage.lang,
    safeguards: state.safeguard.releases,
    model: state.safeguard.model,
    usage: outcome.usage,
    declined: passage.declined,
    retryOf: passage.retryOf,
    guard: outcome.guard,
    status: outcome.status,
    upstreamRefusal: outcome.upstreamRefusal,
    ...(outcome.vendorCategory === null ? {} : { vendorCategory: outcome.vendorCategory }),
    upstreamRequestId: outcome.upstreamRequestId,
    totalUs: Math.round((now - request.arrivedMs) * 1000),
    charsScored: inspection.chars + outcome.charsScored,
    contentKept: keep,
    salt: hex(ports.random(32)),
  }
  const { hash, written } = ports.spool.append(receipt)
  if (keep) {
    const answer = outcome.answer.join('\n')
    ports.spool.keep({
      id: receipt.id,
      atMs: receipt.atMs,
      subject: caller.org,
      request: passage.document.text,
      answer,
    })
  }
  const safe = decision.action === 'allow' ? written : written.then(() => ports.spool.synced())
  return { receipt: `sha256:${hash}`, safe }
}

/** Reports alone read it: what fails here is no reason to lose an answer. */
function aboutWhat(exchange: Exchange, { classifier }: Pick<Ports, 'classifier'>): Segment {
  try {
    return classifier.topic(askedText(exchange))
  } catch {
    return 'other'
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
