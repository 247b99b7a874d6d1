import type { Category } from '../base/harm.ts'
import type { AppealId, DecisionId } from '../base/ids.ts'
import type { ReasonCode } from '../base/reasons.ts'
import {
  type Dialect,
  type Exchange,
  NO_USAGE,
  type PartKind,
  type Surface,
  type Trust,
  type Usage,
  type VendorCategory,
} from '../conversation/exchange.ts'
import type { JsonDocument } from './json.ts'
import type { ModeratedSides } from './moderations.ts'

/**
 * One wire format. Pure: strings and JSON in, strings and JSON out. Ids, times and texts arrive as arguments.
 *
 * Three groups of functions: read what a caller sent (`decode`), read what a model answered (`readReply`,
 * `openStream`), and compose what Sluice answers instead or beside it (`refusal…`, `served…`, `error…`).
 */
export interface ProtocolAdapter {
  readonly surface: Surface
  readonly dialect: Dialect
  /** Path on the gateway, and the path below the upstream's base URL. */
  readonly path: string

  /**
   * The request in neutral form. Every string a model could read is in some part, those of unknown members too; what
   * cannot be read is an `uninspected` part.
   * @param header Looks up one request header by lower-case name; only betas and session keys are read.
   * @throws {ProtocolError} a member that policy depends on has the wrong type.
   */
  decode(document: JsonDocument, header: (name: string) => string | undefined): Exchange

  /** The same request with the permitted edits of wire.md §2, everything else as raw bytes. */
  edit(document: JsonDocument, edits: RequestEdits): string
  /** Must the request be edited even for the model that it names? (Our own credit token; blocks its upstream would refuse.) */
  needsEdit(document: JsonDocument, exchange: Exchange): boolean

  /** A complete answer of an upstream, not streamed. @throws {ProtocolError} it is not of this protocol. */
  readReply(json: unknown): Reply
  /** Reads the events of one streamed answer, in order. @param resumed The caller has seen the start of it already. */
  openStream(resumed?: boolean): StreamReader

  /** The native refusal, not streamed: a complete body. */
  refusal(notice: Notice, exchange: Exchange, context: ComposeContext): string
  /** The native refusal as a complete stream, no model having answered. */
  refusalStream(notice: Notice, exchange: Exchange, context: ComposeContext): string
  /** An answer of the fallback target, disclosed natively: the upstream's body with the permitted additions. */
  servedByFallback(document: JsonDocument, notice: Notice, exchange: Exchange, context: ComposeContext): string
  /** An answer of the model asked, with the state of the credit token that came with the request. */
  withCredit(document: JsonDocument, status: CreditStatus): string
  /** The same for a streamed answer; null where the protocol has no credit tokens. */
  openCreditStream(status: CreditStatus): StreamRewriter | null
  /** Rewrites the target's stream event by event, disclosing the fallback natively. */
  openFallbackStream(notice: Notice, exchange: Exchange, context: ComposeContext): StreamRewriter

  /** Our own scores beside an answer, for the callers that ask for them; null where the protocol has no words for it. */
  readonly moderation: ModerationWords | null

  /** What keeps the connection alive while Sluice holds output; `started` is false before the first event was released. */
  keepAlive(started: boolean): string
}

/** How a protocol shows moderation results natively (wire.md §9). */
export interface ModerationWords {
  /** A complete answer with them, everything else in its own bytes. */
  whole(text: string, sides: ModeratedSides): string
  /** Puts them into a stream, of whoever's events. @param sides Asked for when the answer has ended. */
  open(sides: () => ModeratedSides): StreamRewriter
}

export interface RequestEdits {
  /** Another model than the one named, with the overrides of its entry in the caller's list. */
  readonly hop: { readonly model: string; readonly overrides: Readonly<Record<string, unknown>> } | null
  /** Text of the answer so far, for a target that continues from it where it can; null: from the start. */
  readonly prefill: string | null
  /** `fallback` blocks of the history are taken out: the upstream does not know them. */
  readonly stripFallbackBlocks: boolean
}

/** What Sluice says about its decision; text in the caller's language. */
export interface Notice {
  /** ≤ 600 code points, no conversation text, ends with the appeal URL and id. */
  readonly explanation: string
  readonly category: Category | null
  readonly reason: ReasonCode
  readonly member: SluiceMember
  /** How a served fallback is shown beside the members that always are: a native block, a leading sentence (wire.md §6.4). */
  readonly disclosure: { readonly block: boolean; readonly sentence: boolean }
  /** Copy a refusal into the visible text, for clients that drop the native member (Chat). */
  readonly mirror: boolean
  /** A credit token for the caller's own next try, and whether the target may continue the answer; or null. */
  readonly credit: { readonly token: string; readonly prefill: boolean } | null
  /** A model that was to answer instead and could not, or null. */
  readonly recommendedModel: string | null
}

/** The `sluice` member (wire.md §3.1), complete for the key's level of detail. */
export interface SluiceMember {
  readonly v: 1
  readonly decision_id: DecisionId
  readonly action: 'flag' | 'fall_back' | 'require_trust' | 'refuse'
  /** Not at `minimal`, as every optional member here but those of `full`. */
  readonly reason?: ReasonCode
  readonly category: Category | null
  readonly mode: 'canary' | 'enforcing'
  readonly safeguard?: string
  readonly requested_model: string
  readonly served_model: string | null
  readonly stage?: 'input' | 'output' | 'exchange' | 'control'
  readonly where?: readonly { readonly part: PartKind; readonly turn: number; readonly trust: Trust }[]
  readonly degraded?: readonly string[]
  readonly appeal: { readonly id: AppealId; readonly url: string; readonly respond_by: string } | null
  /** At `full` alone. */
  readonly rule?: string
  readonly band?: 'near' | 'clear'
  readonly trust?: { readonly scope: string; readonly enroll_url: string }
  /** Verdicts on the tool calls of the answer, by their ids (wire.md §5.8); absent without any. */
  readonly tool_uses?: Readonly<Record<string, ToolUseVerdict>>
  readonly record: { readonly receipt: string; readonly index: number | null }
}

/** The vendor's inner shape for a verdict on one tool call. */
export type ToolUseVerdict =
  | { readonly type: 'evaluated'; readonly outcome: 'not_flagged' }
  | { readonly type: 'evaluated'; readonly outcome: 'flagged'; readonly explanation: string }
  /** The answer ended before the call was whole; or no detector answered. */
  | { readonly type: 'skipped' | 'unavailable' }

export interface ComposeContext {
  /** ULID of the decision: ids of composed answers are made of it (`msg_…`, `chatcmpl-…`, `resp_…`). */
  readonly ulid: string
  readonly createdAtSeconds: number
  /** Model that answers, or null. */
  readonly servedModel: string | null
  /** Models that were asked and declined, in order; zero tokens where none ran. */
  readonly declined: readonly Declined[]
  /** A credit token that came with this request: redeemed, or not applied and why; null without one. */
  readonly credit: CreditStatus | null
}

/** Tokens of the model that was asked last: a refusal is its own. */
export function lastUsage({ declined }: ComposeContext): Usage {
  return declined.at(-1)?.usage ?? NO_USAGE
}

/** Tokens of an answer that was stopped: those the gateway counted where it did, for few upstreams say them before the end. */
export function stoppedUsage({ declined }: ComposeContext, read: Usage | null): Usage {
  return declined.at(-1)?.usage ?? read ?? NO_USAGE
}

export interface Declined {
  readonly model: string
  readonly usage: Usage
}

/** `usage.fallback_credit.status` (wire.md §7): the vendor's closed set, as far as Sluice mints it. */
export type CreditStatus =
  | { readonly type: 'redeemed' }
  | {
      readonly type: 'not_applied'
      readonly reason:
        | 'body_mismatch'
        | 'continuation_excluded'
        | 'expired'
        | 'invalid_target_model'
        | 'not_enabled'
        | 'wrong_organization'
        | 'wrong_workspace'
        | 'temporarily_unavailable'
    }

/** One piece of answer text, and the channel it belongs to: texts of one channel are read as one running text. */
export interface ChannelText {
  /** Stable within the answer: block index, choice, item, with what it carries. */
  readonly channel: string
  /** `beside`: sources of the text and whatever nobody knows, which are no words of the answer. */
  readonly place: 'text' | 'beside' | 'reasoning' | 'refusal' | 'tool_name' | 'tool_input'
  readonly text: string
  /** Id of the tool call that begins with this text, where the protocol names it for a verdict (Messages). */
  readonly toolUse?: string
}

export interface Reply {
  readonly texts: readonly ChannelText[]
  /** Media of blocks that no detector of ours can read (images, audio, unknown types). */
  readonly uninspected: readonly string[]
  readonly model: string | null
  readonly usage: Usage | null
  /** The model's or the vendor's own refusal, not a decision of ours. */
  readonly upstreamRefusal: boolean
  /** What the vendor named with its refusal. */
  readonly refusedCategory: VendorCategory | null
}

/** One server-sent event, parsed: `event:` name (empty on Chat) and joined `data:` lines. */
export interface SseEvent {
  readonly event: string
  readonly data: string
  /** The data, once somebody has parsed it: an event is read on arrival and again when it leaves. */
  parsed?: Readonly<Record<string, unknown>>
}

/** What one upstream event means to the guard. */
export interface EventFacts {
  readonly texts: readonly ChannelText[]
  /** Channels that are complete after this event: a decision point, and in `hold` the moment of release. */
  readonly closes: readonly string[]
  /** Channels of which a piece is complete, though more may follow: what is clean may leave, and nothing ends here. */
  readonly pauses?: readonly string[]
  /** Blocks of unread kind that this event carries. */
  readonly uninspected: readonly string[]
  /** The event that ends the answer for a caller: settle before it is written. */
  readonly terminal: boolean
  /** Carries neither text nor an ending (pings, comments): may pass at once. */
  readonly idle: boolean
  /** The event without its texts, for one that a caller waits for also after the end, where texts do not leave. */
  readonly bare?: string
}

/** Follows one streamed answer. `read` sees every upstream event; `released` sees those that reached the caller. */
export interface StreamReader {
  /** @throws {ProtocolError} the event is not of this protocol. */
  read(event: SseEvent): EventFacts
  /** Usage and model as far as they are known by now. */
  readonly usage: Usage | null
  readonly model: string | null
  readonly upstreamRefusal: boolean
  readonly refusedCategory: VendorCategory | null
  /** The upstream's own in-stream error event was seen. */
  readonly failed: boolean
  /** Everything that an answer needs has been seen: the upstream may close now without an ending event. */
  readonly complete: boolean
  /** Notes that this event was written to the caller; `refuse` continues from here. */
  released(event: SseEvent): void
  /**
   * Ends the answer with the native refusal, valid after exactly the events that were released: open blocks are
   * closed, indices and sequence numbers continue, the usage is the upstream's so far.
   */
  refuse(notice: Notice, exchange: Exchange, context: ComposeContext): string
  /** Ends the answer with a native error, and with what ends the stream after it (wire.md §8). */
  fail(error: WireError, exchange: Exchange, context: ComposeContext): string
  /**
   * Marks the seam of a fallback in mid-answer and says how the target's events go on from there; null where the
   * protocol has no words for it.
   * @param said Text of the answer so far.
   */
  seam(notice: Notice, exchange: Exchange, context: ComposeContext, said: string): Seam | null
}

export interface Seam {
  /** Events that end what is open and show the change of model. */
  readonly events: string
  readonly rewriter: StreamRewriter
}

/** Turns upstream events of a fallback target into the events the caller gets: text of zero or more whole events. */
export interface StreamRewriter {
  rewrite(event: SseEvent, raw: string): string
  /** What is still to be written when the upstream has closed without its last event; empty otherwise. */
  end(): string
}

/** An error in the caller's own envelope (wire.md §8). */
export interface WireError {
  readonly status: number
  /** Native `type` for each dialect. */
  readonly anthropicType: string
  readonly openaiType: string
  readonly code: string
  /** OpenAI's own word for it, where it has one. */
  readonly openaiCode?: string
  /** Lower case, English, no full stop, no conversation text. */
  readonly message: string
  readonly param?: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}
