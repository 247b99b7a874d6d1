import type { AttackForm, Category } from '../core/base/harm.ts'
import type { AppealId, DecisionId, OrgId, PrincipalId } from '../core/base/ids.ts'
import type { Appeal, AppealMove, AppealState } from '../core/safeguards/appeal-machine.ts'
import type { Exception } from '../core/safeguards/exception.ts'
import type { ReviewLabel } from '../core/safeguards/review-label.ts'
import type { ReviewSource } from '../core/safeguards/review-queue.ts'
import type { StoredReceipt } from './spool-ports.ts'

/** An appeal that was filed, as it is stored. */
export interface AppealRow extends Pick<Appeal, 'lock' | 'verdict' | 'fixedIn'> {
  readonly id: AppealId
  readonly decision: DecisionId
  readonly org: OrgId
  readonly principal: PrincipalId
  readonly state: Exclude<AppealState, 'offered'>
  readonly filedAtMs: number
  readonly respondByMs: number
  readonly note: string
  /** Transitions recorded so far. */
  readonly seq: number
}

/** One transition of an appeal, as it is recorded. */
export interface AppealEvent {
  readonly appeal: AppealId
  readonly seq: number
  readonly atMs: number
  readonly by: string
  readonly move: AppealMove['kind']
  readonly from: AppealState
  readonly to: AppealState
  readonly reason: string | null
}

/** Tokens that were charged for a decision that was wrong: a record, for whoever bills. */
export interface CreditNote {
  readonly appeal: AppealId
  readonly decision: DecisionId
  readonly org: OrgId
  readonly principal: PrincipalId
  readonly tokens: readonly { readonly model: string; readonly input: number; readonly output: number }[]
  readonly atMs: number
}

/** What an overturned appeal gives, written together with its verdict. */
export interface Redress {
  readonly exception: Exception | null
  readonly credit: CreditNote
  readonly label: LabelRow
}

/** A person's word on one exchange. Rows are never changed: one that is revoked stays, and does not count. */
export interface LabelRow {
  readonly id: string
  /** The item of the queue that was shown, or null for an appeal. */
  readonly item: string | null
  readonly decision: DecisionId
  /** Whose traffic it is. */
  readonly org: OrgId
  readonly source: 'review' | 'bulk' | 'appeal'
  readonly label: ReviewLabel
  readonly category: Category | 'none'
  readonly attack: AttackForm | null
  readonly by: string
  readonly atMs: number
  readonly reason: string
  /** A hidden check of the reviewer: never trained on. */
  readonly golden: boolean
  readonly revokedAtMs: number | null
  readonly revokedBy: string | null
}

/** One exchange that people look at. */
export interface ReviewItem {
  /** `rev_` and the ULID of the decision. */
  readonly id: string
  readonly decision: DecisionId
  readonly org: OrgId
  readonly source: ReviewSource
  readonly category: Category | null
  readonly atMs: number
  readonly addedAtMs: number
  /** Uncertainty × impact. */
  readonly priority: number
  /** People who have to agree. */
  readonly needs: number
  /** A known label: a hidden check of whoever reads it. */
  readonly golden: ReviewLabel | null
  /** The item that its near-duplicates share; its own id where it has none. */
  readonly cluster: string
  readonly state: 'open' | 'done'
  readonly label: ReviewLabel | null
  readonly lock: { readonly by: string; readonly untilMs: number } | null
}

/** Where near-duplicates are found: one row per band of an item's signature. */
export interface BandRow {
  readonly band: string
  readonly item: string
  readonly cluster: string
  readonly signature: readonly number[]
}

/** Above `allow`; allowed after a second opinion was asked; or allowed, with one of these endings of the id. */
export type Candidates = 'acted' | 'opined' | { readonly endings: readonly string[] }

/** Who does something with labels, and why. */
export interface Why {
  readonly by: string
  readonly atMs: number
  readonly reason: string
}

/** One such thing, as it is recorded. */
export interface ReviewAct extends Why {
  readonly act: 'golden' | 'golden_end' | 'revoke'
  /** The item; of a revocation, `id:`, `by:` or `org:` and whose labels. */
  readonly about: string
  /** Rows that it changed. */
  readonly rows: number
}

/** The queue of people, and what they said. */
export interface ReviewStore {
  /** Exchanges of that kind that are not in the queue, oldest first. */
  reviewCandidates(sinceMs: number, limit: number, which: Candidates): Promise<readonly StoredReceipt[]>
  reviewPosition(name: string): Promise<number>
  setReviewPosition(name: string, atMs: number): Promise<void>
  /** An item that is there stays, except that an appeal raises it. */
  addReviewItems(items: readonly ReviewItem[], bands: readonly BandRow[]): Promise<void>
  reviewBands(bands: readonly string[]): Promise<readonly BandRow[]>
  /** By priority, the most pressing first. */
  reviewItems(
    filter: {
      readonly state?: ReviewItem['state']
      readonly source?: readonly ReviewSource[]
      readonly category?: readonly string[]
      readonly cluster?: string
    },
    limit: number,
  ): Promise<readonly ReviewItem[]>
  reviewItem(id: string): Promise<ReviewItem | null>
  /** Open items by cluster, of those clusters. */
  clusterSizes(clusters: readonly string[]): Promise<ReadonlyMap<string, number>>
  reviewCount(): Promise<{ readonly open: number; readonly oldestAtMs: number | null }>
  /** The next item for `by`: open or golden, not theirs already, in nobody else's hand. @param blind Samples and golden items first. */
  nextReviewItem(by: string, blind: boolean, nowMs: number): Promise<ReviewItem | null>
  /** @returns false when somebody else has it in hand. */
  takeReviewItem(id: string, by: string, nowMs: number, untilMs: number): Promise<boolean>
  releaseReviewItem(id: string, by: string): Promise<void>
  /** Writes labels and where their items stand after them; all or nothing. The locks of these items end. */
  addLabels(
    labels: readonly LabelRow[],
    items: readonly Pick<ReviewItem, 'id' | 'state' | 'needs' | 'label'>[],
  ): Promise<void>
  label(id: string): Promise<LabelRow | null>
  labelsOfItem(item: string): Promise<readonly LabelRow[]>
  labelCount(by: string): Promise<number>
  /** Labels in the order of their ids, revoked ones left out; pages by the last id. */
  labelsAfter(id: string, limit: number): Promise<readonly LabelRow[]>
  /** Revokes labels of a person, of an organisation's traffic, or one; their items open again. @returns how many. */
  revokeLabels(
    which: { readonly id: string } | { readonly by: string } | { readonly org: string },
    why: Why,
  ): Promise<number>
  setGolden(item: string, golden: ReviewLabel | null, why: Why): Promise<boolean>
  /** What was revoked and set as a check, by whom and why; newest first. */
  reviewActs(limit: number): Promise<readonly ReviewAct[]>
}

/** Appeals and what they give. */
export interface AppealStore {
  /** `too_many`: this principal has filed `most.appeals` since `most.sinceMs`. A decision has one appeal, whoever asks. */
  fileAppeal(
    appeal: AppealRow,
    most: { readonly appeals: number; readonly sinceMs: number },
  ): Promise<{ readonly filed: boolean; readonly appeal: AppealRow; readonly before: number } | 'too_many'>
  appeal(decision: DecisionId): Promise<AppealRow | null>
  /** Open ones first filed first, then the others newest first. */
  appeals(states: readonly AppealRow['state'][], limit: number): Promise<readonly AppealRow[]>
  openBefore(filedAtMs: number): Promise<number>
  /** Writes the state after a move with its event, and what follows from it; all or nothing. @returns false when somebody moved it first. */
  moveAppeal(after: AppealRow, event: AppealEvent, redress: Redress | null): Promise<boolean>
  appealEvents(id: AppealId): Promise<readonly AppealEvent[]>
  /** Those whose time is not over, revoked ones left out. */
  exceptions(nowMs: number): Promise<readonly Exception[]>
  exceptionOf(appeal: AppealId): Promise<Exception | null>
  /** @returns false when there is none of that id that was not revoked. */
  revokeException(id: string, atMs: number): Promise<boolean>
  creditOf(appeal: AppealId): Promise<CreditNote | null>
  /** Labels of one decision, revoked ones included, oldest first. */
  labelsOf(decision: DecisionId): Promise<readonly LabelRow[]>
}
