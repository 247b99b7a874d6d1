/** JSON of the admin API, as the console and `--json` read it. All times are milliseconds since 1970, UTC. */
/** GET /api/severity?vector=&lang=; a text that is no vector answers 422 with the same shape's fault. */
export type { SeverityReport } from '../core/jailbreaks/severity/report.ts'

import type { Category } from '../core/base/harm.ts'
import type { Action, Mode } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { GoldenScore, Kappa } from '../core/safeguards/agreement.ts'
import type { Exception } from '../core/safeguards/exception.ts'
import type { Excess } from '../core/safeguards/label-caps.ts'
import type { ApiKey } from '../core/trust/api-key.ts'
import type { AppealClock } from '../jobs/appeal-alarm.ts'
import type { RecordPlace } from '../jobs/record-place.ts'
import type { ReportRow } from '../jobs/replay-ports.ts'
import type { AppealEvent, AppealRow, CreditNote, LabelRow } from '../jobs/review-ports.ts'

/** GET /api/status */
export interface Status {
  readonly version: string
  readonly mode: Mode
  readonly modeSinceMs: number
  readonly modeBy: string
  /** Release per slot that decides now. */
  readonly safeguards: Readonly<Record<string, string>>
  readonly gatewayUrl: string
  readonly upstreams: readonly {
    readonly dialect: 'anthropic' | 'openai'
    readonly url: string
    readonly rehearsal: boolean
  }[]
  readonly retention: 'all' | 'acted' | 'none'
  readonly retentionDays: number
  readonly startedAtMs: number
  readonly nowMs: number
  /** Receipts not yet in the store. */
  readonly spoolLagBytes: number
  readonly secondOpinions: readonly string[]
  readonly appeals: AppealClock
}

/** GET /api/keys: a key without what would let anyone use it. */
export type KeyRow = Omit<ApiKey, 'hash'>
/** POST /api/keys: the only answer that holds the secret. */
export type KeyMade = KeyRow & { readonly secret: string }

/** One row of GET /api/decisions?action=&would=&category=&surface=&model=&org=&since=&until=&q=&cursor=&limit=; lists by commas. */
export interface DecisionRow {
  readonly id: string
  readonly atMs: number
  readonly surface: string
  readonly stream: boolean
  readonly action: Action
  readonly would: Action
  readonly reason: string | null
  readonly category: string | null
  readonly stage: string | null
  readonly band: 'near' | 'clear' | null
  readonly requestedModel: string
  readonly servedModel: string | null
  readonly overheadUs: number
  readonly totalUs: number
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly org: string
  readonly session: string | null
  readonly status: number
  readonly degraded: readonly string[]
}

export interface DecisionPage {
  readonly items: readonly DecisionRow[]
  /** Null on every page but the first. */
  readonly total: number | null
  readonly next: string | null
}

/** GET /api/live (server-sent events): `event: decision`, data DecisionRow, as receipts reach the store. */

/** GET /api/decisions/{id} (admin, everything) */
export interface DecisionDetail {
  readonly row: DecisionRow
  readonly receipt: Receipt
  readonly receiptHash: string
  readonly record: RecordPlace
  /** The stored bytes hash to `receiptHash`, and `decide` on the stored inputs gives the stored decision. */
  readonly verified: { readonly hash: boolean; readonly recomputed: boolean }
  readonly content: PublicContent | null
  readonly publicUrl: string
}

/** The text of the part that weighed most, with what counted; null when content was not kept or is gone. */
export interface PublicContent {
  readonly text: string
  readonly part: string
  readonly turn: number
  /** Code points, half-open; heaviest first. `weight` is the share of the score, in logits. */
  readonly spans: readonly { readonly start: number; readonly end: number; readonly weight: number }[]
}

/** GET /d/{id}.json?k=… on the gateway, GET /api/public/{id} on the admin port: what a refused caller may see. */
export interface PublicDecision {
  readonly id: string
  readonly atMs: number
  readonly lang: 'ja' | 'en'
  readonly action: Action
  readonly would: Action
  readonly mode: Mode
  readonly reason: string | null
  readonly category: string | null
  readonly stage: string | null
  readonly band: 'near' | 'clear' | null
  readonly where: readonly { readonly part: string; readonly turn: number; readonly trust: string }[]
  readonly degraded: readonly string[]
  readonly requestedModel: string
  readonly servedModel: string | null
  readonly safeguards: Readonly<Record<string, string>>
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly declinedTokens: number
  readonly receiptHash: string
  readonly record: RecordPlace
  readonly content: PublicContent | null
  /** Sentence of the catalogue, in both languages. */
  readonly explanation: { readonly ja: string; readonly en: string }
  readonly trust: { readonly scope: string; readonly enrollUrl: string } | null
  readonly appeal: PublicAppeal | null
  /** False while the decision is `allow` or `flag`, or its offer has lapsed. */
  readonly mayAppeal: boolean
  /** A person has labelled it, so that it may be used for training. */
  readonly labelled: boolean
}

export interface PublicAppeal {
  readonly id: string
  readonly state: AppealRow['state']
  readonly filedAtMs: number
  readonly respondByMs: number
  /** Past its clock, and still as open as it was. */
  readonly overdue: boolean
  /** Open appeals filed earlier. */
  readonly before: number
  /** When and why it was decided; null before. */
  readonly verdict: { readonly atMs: number; readonly reason: string } | null
  /** Until when the same request, sent again with the same key, is answered; null where nothing could be bound. */
  readonly replayUntilMs: number | null
  /** Tokens credited; null unless overturned. */
  readonly creditedTokens: number | null
  /** The release that no longer acts on it. */
  readonly fixedIn: string | null
}

/** One row of GET /api/appeals?state=open,in_review,upheld,overturned,withdrawn. */
export interface AppealView {
  readonly id: string
  readonly decision: string
  /** Page of the console. */
  readonly permalink: string
  readonly org: string
  readonly state: AppealRow['state']
  readonly filedAtMs: number
  readonly respondByMs: number
  readonly overdue: boolean
  readonly holder: { readonly by: string; readonly untilMs: number } | null
  readonly verdict: { readonly by: string; readonly atMs: number; readonly reason: string } | null
  readonly fixedIn: string | null
  /** The appellant's words: text, never markup. */
  readonly note: string
}
export interface AppealList {
  readonly items: readonly AppealView[]
  readonly nowMs: number
}

/** GET /api/appeals/{id}; also the answer of POST …/take, release {by}, decide {by, verdict, reason}, fixed {by, release}. */
export interface AppealDetail {
  readonly appeal: AppealView
  readonly row: DecisionRow
  readonly events: readonly AppealEvent[]
  /** Without the hashes: only how many parts it is bound to. */
  readonly exception: (Omit<Exception, 'parts'> & { readonly parts: number }) | null
  /** Reasons that acted, or would have, on the same text: what an exception may cover. */
  readonly acting: readonly string[]
  readonly credit: CreditNote | null
  readonly labels: readonly LabelRow[]
  readonly content: PublicContent | null
  readonly publicUrl: string
}

/** One row of GET /api/review?by=&state=&source=&category=&limit=. What is blind says nothing of what was decided. */
export interface ReviewRow {
  readonly id: string
  /** Page of the console. */
  readonly permalink: string
  readonly blind: boolean
  readonly decision: DecisionRow | null
  readonly source: string | null
  readonly category: string | null
  /** Uncertainty × impact. */
  readonly priority: number | null
  readonly atMs: number
  readonly addedAtMs: number
  readonly state: 'open' | 'done'
  readonly label: string | null
  readonly cluster: string
  /** Near-duplicates that wait, this one included. */
  readonly alike: number
  readonly holder: string | null
}
export interface ReviewList {
  readonly items: readonly ReviewRow[]
  readonly open: number
  readonly oldestAtMs: number | null
  readonly nowMs: number
}

/** GET /api/review/items/{id}?by=; POST /api/review/next {by} gives {item: ReviewDetail | null} and takes it. */
export interface ReviewDetail {
  readonly row: ReviewRow
  readonly content: PublicContent | null
  /** None where blind. */
  readonly labels: readonly LabelRow[]
}

/** POST /api/review/items/{id}/label {by, label, category?, attack?, reason}. */
export interface Labelled {
  readonly id: string
  readonly item: string
  /** POST {by} there takes it back. */
  readonly undo: string
}

/** GET /api/review/clusters/{id}?by=. POST …/label takes the same as for one item, and `count` as it was seen. */
export interface ClusterDetail {
  readonly id: string
  readonly permalink: string
  readonly items: number
  readonly orgs: number
  /** Those that a word of this person would reach. */
  readonly waiting: number
  readonly said: readonly { readonly label: string; readonly n: number }[]
}

/** GET /api/review/agreement: pairs of people on one item, neither knowing the other's word; and hidden checks. */
export interface Agreement {
  readonly kappa: Kappa | null
  readonly golden: readonly GoldenScore[]
}

/** POST /api/review/gate {base}: whether the labels may be trained on, and who stands in the way. */
export interface ReviewGate {
  readonly blocked: boolean
  readonly rows: number
  readonly labels: number
  readonly excess: readonly Excess[]
  readonly failed: readonly GoldenScore[]
}

/** GET /api/summary?window=15m|1h|24h|7d|30d. Actions are those that enforce would take: in enforce, what was done. */
export interface Summary {
  readonly sinceMs: number
  readonly untilMs: number
  readonly bucketMs: number
  readonly requests: number
  readonly sessions: number
  /** Share of requests diverted or refused (`would` in observe), exact 95 % interval. */
  readonly touchedRequests: Share
  readonly touchedSessions: Share
  readonly byAction: readonly {
    readonly action: Action
    readonly share: Share
    /** Requests per bucket, oldest first; length = number of buckets. */
    readonly series: readonly number[]
  }[]
  /** Would-have-been in observe: per category and action above `flag`. */
  readonly would: readonly {
    readonly category: string
    readonly action: Action
    readonly requests: number
    readonly share: Share
  }[]
  readonly totals: readonly number[]
  readonly overhead: {
    readonly n: number
    readonly p50Us: number | null
    readonly p90Us: number | null
    readonly p99Us: number | null
    readonly bins: readonly { readonly fromUs: number; readonly toUs: number; readonly requests: number }[]
  }
}

/** A share with its sample and exact (Clopper–Pearson) two-sided 95 % interval; all null when n is 0. */
export interface Share {
  readonly k: number
  readonly n: number
  readonly share: number | null
  readonly lo: number | null
  readonly hi: number | null
}

/** GET /api/collateral; GET /api/collateral/{id} is a CollateralReport, with `.html?lang=ja|en` its page. */
export interface CollateralList {
  readonly items: readonly ReportRow[]
}

/** POST /api/mode {mode, reason, by?} → Status. Needs a reason of at least 3 characters; without a name, the operator did it. */
export interface ModeChange {
  readonly mode: Mode
  readonly reason: string
  readonly by?: string
}

/** Errors: {error: {code, message, next}}; `next` says what to do. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly next: string }
}

/** GET /trust/{scope}.json on the gateway's listener: what one scope of trusted access is, and where to ask for it. */
export interface PublicTrust {
  readonly scope: string
  readonly category: Category
  /** Whether it can be given at all. */
  readonly available: false
  readonly contact: string | null
  readonly text: { readonly ja: string; readonly en: string }
}
