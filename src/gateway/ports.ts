import { CodedError } from '../core/base/errors.ts'
import type { Category } from '../core/base/harm.ts'
import type { DecisionId, OrgId, PrincipalId } from '../core/base/ids.ts'
import type { FamilyBook } from '../core/classifier/family-book.ts'
import type { Classifier } from '../core/classifier/types.ts'
import type { Dialect } from '../core/conversation/exchange.ts'
import type { Suspensions } from '../core/governance/suspension.ts'
import type { CascadeSettings, Member } from '../core/policy/cascade.ts'
import type { FallbackTargets } from '../core/policy/fallback-chain.ts'
import type { Mode } from '../core/policy/policy.ts'
import type { Receipt, Trial } from '../core/policy/receipt.ts'
import type { BatchItem, BatchListing, BatchRecord } from '../core/protocols/batch-record.ts'
import type { Verdict } from '../core/protocols/hooks.ts'
import type { Arm } from '../core/safeguards/arm.ts'
import type { ExceptionBook } from '../core/safeguards/exception.ts'
import type { RuleBook } from '../core/safeguards/rules.ts'
import type { Safeguard } from '../core/safeguards/safeguard.ts'
import type { KeySettings } from '../core/trust/key-settings.ts'
import type { Standing } from '../core/trust/standing.ts'

import type { Counters } from './counters.ts'
import type { ScoreCache } from './scored-texts.ts'

export type { Counters } from './counters.ts'

/** Unknown caller. */
export class AccessError extends CodedError<'credential_invalid' | 'token_invalid'> {}

/** No model answered. */
export class UpstreamError extends CodedError<'upstream_unreachable' | 'upstream_timeout' | 'upstream_invalid'> {}

/** Prompt content kept beside a receipt, encrypted, with an expiry; never on the path to the first byte. */
export interface KeptContent {
  readonly id: Receipt['id']
  readonly atMs: number
  /** Whose data key encrypts it: the organisation. */
  readonly subject: string
  /** The request's body as it was read, and the answer's text: references, not copies. */
  readonly request: string
  readonly answer: string
}

/**
 * Where receipts go before anything else sees them (record.md §2). One writer per process.
 */
export interface ReceiptSpool {
  /**
   * Appends one receipt, together with those of the same turn of the event loop. `hash` is the SHA-256 of the line's
   * bytes, hex, without the line end, and known at once. When `written` resolves, the bytes are with the operating
   * system: a killed process loses nothing. It rejects with {SpoolError} when the disk refuses.
   */
  append(receipt: Receipt): { readonly hash: string; readonly written: Promise<void> }
  /** Resolves when everything appended so far is on disk (`fdatasync`, shared by all who wait). */
  synced(): Promise<void>
  /** Share of the bound in use, in [0, 1]; from 0.9 on only `allow` is answered. */
  readonly fill: number
  /** Queues content; dropped, and counted, under pressure. Never throws, never waits. */
  keep(content: KeptContent): void
  /** Data keys were destroyed: those that live are asked for again. */
  forgetKeys(): void
  readonly droppedContents: number
  close(): Promise<void>
}

/** One HTTP request, read to its end. Header names are lower case; a repeated header is joined as HTTP says. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
  readonly headers: Readonly<Record<string, string>>
  /** As received: exactly these bytes go upstream on `allow` and `flag`. */
  readonly bytes: Uint8Array
  /** The same, decoded (content-encoding, UTF-8); null when the bytes are not valid UTF-8. */
  readonly text: string | null
  /** Aborted when the caller goes away; with {STOPPING} as its reason when the gateway ends and can wait no longer. */
  readonly signal: AbortSignal
  /** Monotonic milliseconds at which the head had arrived. */
  readonly arrivedMs: number
}

/** Why a request was ended whose caller is still there: it is told so, in its own protocol. */
export const STOPPING = Symbol('stopping')

export type Headers = Readonly<Record<string, string | readonly string[]>>

/** What goes back: a whole body, or a stream that writes itself. */
export interface WireReply {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array | string | ((sink: Sink) => Promise<void>)
}

/** Where a streamed answer is written. */
export interface Sink {
  /** Resolves when more may be written: back-pressure reaches the upstream this way. */
  write(chunk: Uint8Array | string): Promise<void> | undefined
  /** Resolves when what was written is on its way: without it that waits for the next pause of whoever writes. */
  sent(): Promise<void>
  readonly gone: boolean
}

export interface UpstreamRequest {
  readonly dialect: Dialect
  readonly method: string
  /** Below the upstream's base URL, with the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string | null
  readonly signal: AbortSignal
  /** `operator`: the headers' own credential was Sluice's and is gone; the upstream's takes its place. */
  readonly credential: Caller['credential']
}

export interface UpstreamAnswer {
  readonly status: number
  /** Hop-by-hop headers are already gone. */
  readonly headers: Headers
  /** The body, once. @throws {UpstreamError} it broke off. */
  readonly chunks: AsyncIterable<Uint8Array>
  whole(): Promise<Uint8Array>
  /** The rest is not wanted: the upstream stops producing it. Whoever reads none of an answer has to say so. */
  cancel(): void
  /** What came after the body; nothing before it has ended. */
  readonly trailers: Headers
  /** Resolves when the body has ended, whether or not it was read. */
  ended(): Promise<void>
}

export interface Upstreams {
  /**
   * @throws {UpstreamError} `upstream_unreachable`, `upstream_timeout`; an abort by the caller rejects with its reason.
   */
  send(request: UpstreamRequest): Promise<UpstreamAnswer>
}

/** What a second opinion is asked. */
export interface Question {
  readonly stage: 'input' | 'output'
  /** What is judged: what the user asks now, or the answer. */
  readonly text: string
  /** What the user asked, where the answer is judged; else empty. */
  readonly asked: string
  /** Categories in doubt. */
  readonly categories: readonly Category[]
  /** Names this request to a model server that reports on it. */
  readonly requestId: string
  /** What the model server sent beside the answer; nothing before there is one. */
  readonly beside: { readonly headers: Headers; trailers(): Promise<Headers> } | null
}

/** Why a second opinion is not to be had; a closed set, for records and metrics. */
export type Unavailable =
  | 'timeout'
  | 'unreachable'
  | 'status'
  | 'invalid'
  | 'breaker_open'
  | 'too_long'
  | 'refused'
  | 'unsigned'
  | 'failed'
  /** The safeguard asks it, and this configuration has none of that name. */
  | 'missing'

export type Opinion =
  /**
   * Probability per label in the order of `LABELS`, parts per million. Shape [LABELS.length]. `open`: categories it was
   * asked about and has no word on, so that its silence clears them not.
   */
  | { readonly kind: 'scored'; readonly ppm: readonly number[]; readonly open?: readonly Category[] }
  | { readonly kind: 'unavailable'; readonly code: Unavailable }

/** A heavier detector, asked only where the light tier leaves the decision in doubt. */
export interface SecondOpinion extends Member {
  readonly tier: 'probe' | 'guard' | 'hosted' | 'judge'
  /** What one question costs: where the safeguard says no order, the cheaper is asked first. */
  readonly costUs: number
  /** An answer that comes later is none. */
  readonly budgetMs: number
  /**
   * Resolves to an opinion, also when there is none to be had; a rejection counts as `failed`.
   * @param signal Aborted with a `TimeoutError` when the budget is spent, with anything else when nobody waits any more.
   */
  ask(question: Question, signal: AbortSignal): Promise<Opinion>
}

/** Who calls, as far as decisions and receipts need it. The credential itself is not here. */
export interface Caller {
  readonly org: OrgId
  readonly principal: PrincipalId
  readonly standing: Standing
  readonly settings: KeySettings
  /** Whose credential goes upstream: the caller's own, or the operator's for a key of Sluice. */
  readonly credential: 'caller' | 'operator'
}

/** One safeguard with what it recognises by words. */
export interface Deciding {
  readonly safeguard: Safeguard
  readonly rules: RuleBook | null
  /** Reported techniques. */
  readonly families: FamilyBook | null
}

/** A release that only looks on, under its own label: what would decide if it were in force in its slot. */
export interface Onlooker extends Deciding {
  readonly release: string
}

/** What decides at this moment: read once per request, never changed under it. */
export interface GatewayState extends Deciding {
  readonly mode: Mode
  /** Which arm of a rollout decides here. */
  readonly arm: Arm
  /** The release on trial, and whose requests it decides; null: none is. */
  readonly canary: { trialOf(org: OrgId, session: string | null): Trial | null; readonly deciding: Deciding } | null
  /** The part of this request in it; null before it is known, and where it has none. */
  readonly trial: Trial | null
  /** Shadow and dry runs: what they would have done is on record, and nothing else of them. */
  readonly onlookers: readonly Onlooker[]
  readonly fallbacks: FallbackTargets
  /** Exceptions that overturned appeals gave, or null. */
  readonly exceptions: ExceptionBook | null
  /** As configured, ended ones among them: `suspensionOf` says which hold. */
  readonly suspended: Suspensions
  /** Models that continue an answer from its first part. */
  readonly prefillModels: ReadonlySet<string>
  /** What a provider's own refusal is to our fallback chain: none of its business, or a reason to ask the next model. */
  readonly onUpstreamRefusal: 'pass' | 'fall_back'
  /** Members named `sluice` in an upstream's answer are another Sluice's, and stay. */
  readonly trustUpstreamSluice: boolean
  readonly stripRateLimitHeaders: boolean
  /** Objects at an upstream that the operator made, for every key that uses its credential. */
  readonly sharedIds: ReadonlySet<string>
  /** Further paths below `/v1/` that are forwarded unread. */
  readonly passthrough: readonly string[]
  readonly hooks: { readonly fallBack: 'allow' | 'deny'; readonly budgetMs: number }
  readonly retention: 'all' | 'acted' | 'none'
  readonly keepAliveMs: number
  /** Start of public links, no trailing slash. */
  readonly publicUrl: string
  readonly appealHours: number
}

/** What is remembered of batches, by the control side. @throws {Error} `store_unavailable`. */
export interface Batches {
  /** Durable when it resolves. An id that is known already stays with whom it belongs to. */
  remember(record: BatchRecord, items: readonly BatchItem[]): Promise<void>
  find(id: string): Promise<BatchRecord | null>
  items(id: string): Promise<readonly BatchItem[]>
  list(listing: BatchListing): Promise<readonly BatchRecord[]>
  forget(id: string): Promise<void>
}

/**
 * Whose is what an upstream keeps under an id, for callers who share the operator's account there. An id belongs to the
 * organisation whose answer gave it first; what belongs to nobody here is nobody's.
 */
export interface Owners {
  /** Known in this process at once. With the receipt of the answer it is durable, and known everywhere. */
  claim(org: OrgId, ids: readonly string[]): void
  /** The same, durable and known everywhere soon, without a receipt. Nobody waits for it. */
  tell(org: OrgId, ids: readonly string[]): void
  /**
   * Whether all of these are the organisation's. What is not known yet is waited for, for a bounded time: another process
   * may have given it a moment ago. One of another's and one that is not there take that time alike.
   * @throws {Error} `store_unavailable`.
   */
  owns(org: OrgId, ids: readonly string[], signal: AbortSignal): Promise<boolean>
  /** Those of these that are known to be the organisation's now. @throws {Error} `store_unavailable`. */
  among(org: OrgId, ids: readonly string[]): Promise<ReadonlySet<string>>
}

/** Everything a request needs from the world. */
export interface Ports {
  state(): GatewayState
  readonly classifier: Classifier
  readonly scores: ScoreCache
  readonly upstreams: Upstreams
  /**
   * Whom the safeguard of a request asks, in its order; null: all that are configured, cheapest first. Usually none. One
   * that is not configured (any more) is there all the same, and never answers.
   */
  secondOpinions(cascade: CascadeSettings | null): readonly SecondOpinion[]
  readonly spool: ReceiptSpool
  readonly counters: Counters
  /** @throws {AccessError} `credential_invalid`, `token_invalid`. */
  identify(headers: Readonly<Record<string, string>>): Caller
  /** Keyed hash of a client's conversation key. */
  sessionOf(org: OrgId, key: string): string
  /** The secret part of a decision's public link: 128 bits, nothing stored. */
  capability(decision: DecisionId): string
  /** Keyed hash, base64url, for tokens of our own; `purpose` keeps those of different kinds apart. */
  mac(purpose: 'fallback-credit', text: string): string
  /** Whether `mac` is that of `text`, compared in constant time. */
  sameMac(purpose: 'fallback-credit', text: string, mac: string): boolean
  /** Hex. */
  sha256(text: string): string
  /** Counts refusals per principal, and what is nearly the same and answered: who collects many is told less for a while. */
  readonly probing: {
    over(principal: PrincipalId): boolean
    /** @param asked What was; null where only the asking counts. */
    refused(principal: PrincipalId, asked: (() => string) | null): void
    /** @param question What `asked` goes on with, and else the same: it counts once, in however many rounds. */
    answered(principal: PrincipalId, asked: () => string, question: () => string): void
  }
  /**
   * True the first time a credit token of this decision is redeemed, by whichever process of this machine. Asked only
   * where a token came that fits; false where nobody says it in time.
   */
  redeem(decision: DecisionId): Promise<boolean>
  /** Whether a hook's caller is who it says: the message's id, null where it is let in unsigned, or `refused`. */
  hookGate(headers: Readonly<Record<string, string>>, body: Uint8Array): { readonly id: string | null } | 'refused'
  /** Verdicts by message id: a vendor asks once more when its connection broke, and gets the same answer. */
  readonly hookVerdicts: Map<string, { readonly body: string; readonly verdict: Promise<Verdict> }>
  /** A decision's receipt with the hash of its bytes, hex; null where none has reached the store. */
  receipt(id: DecisionId): Promise<{ readonly receipt: Receipt; readonly hash: string } | null>
  readonly batches: Batches
  readonly owners: Owners
  /** Pages and data of decisions, for their own callers: answered by the control side. */
  publicPage(request: WireRequest): Promise<WireReply>
  readonly clock: {
    nowMs(): number
    monotonicMs(): number
    sleep(ms: number, signal: AbortSignal): Promise<void>
    /** Lets others be served; resolves when it is this one's turn again. */
    pause(): Promise<void>
  }
  random(bytes: number): Uint8Array
  /** A fault that no caller can act on: code and ids only. */
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}
