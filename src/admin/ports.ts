import type { DecisionId } from '../core/base/ids.ts'
import type { Classifier } from '../core/classifier/types.ts'
import type { Turn } from '../core/conversation/exchange.ts'
import type { Mode, Policy } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { PartDigest } from '../core/safeguards/exception.ts'
import type { Safeguard } from '../core/safeguards/safeguard.ts'
import type { ApiKey } from '../core/trust/api-key.ts'
import type { KeySettings } from '../core/trust/key-settings.ts'
import type { Draft, DraftScore } from '../jobs/draft-corpus.ts'
import type { Store } from '../jobs/ports.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import type { Status } from './contract.ts'
import type { PartnerAdmin } from './partner-admin.ts'
import type { RecordAdmin } from './record-admin.ts'
import type { ReleaseAdmin } from './release-admin.ts'
import type { ReportAdmin } from './report-admin.ts'

/** What the pages need from the world. */
export interface AdminPorts {
  readonly store: Store
  readonly classifier: Classifier
  readonly releases: ReleaseAdmin
  readonly record: RecordAdmin
  readonly reports: ReportAdmin
  readonly partners: PartnerAdmin
  /**
   * What decided under these labels by slot, all together; null when this instance no longer has one of them.
   * @param labels As receipts keep them.
   */
  safeguardOf(labels: Readonly<Record<string, string>>): Safeguard | null
  /** The policy that enforces now: what a draft is compared with. */
  policy(): Policy
  /** Tries a draft on kept exchanges; the same draft asked again goes on. @throws {DraftError} it cannot be matched. */
  scoreDraft(draft: Draft): Promise<DraftScore>
  /** SHA-256 of the text's UTF-8 bytes, hex. */
  sha256(text: string): string
  /** The kept content of one exchange, decrypted; null when it was not kept or is gone. */
  content(receipt: Receipt): Promise<KeptExchange | null>
  /** The secret part of a decision's public link. */
  capability(id: DecisionId): string
  /** Constant-time comparison. */
  sameSecret(a: string, b: string): boolean
  status(): Promise<Status>
  setMode(mode: Mode, by: string, reason: string): Promise<void>
  /** Keys of Sluice, revoked ones included. */
  keys(): readonly ApiKey[]
  /** The secret is in this answer and nowhere else. */
  addKey(name: string, org: string, settings: KeySettings): Promise<{ readonly key: ApiKey; readonly secret: string }>
  revokeKey(id: string): Promise<boolean>
  /** Counters of all gateways together. */
  stats(): Promise<Readonly<Record<string, number>>>
  /** Calls `listener` with receipts as they reach the store; returns how to stop. */
  subscribe(listener: (rows: readonly StoredReceipt[]) => void): () => void
  /** A built file of the console, or null. */
  asset(path: string): Promise<{ readonly bytes: Uint8Array; readonly type: string } | null>
  /** Host names under which the admin listener may be addressed. */
  readonly hosts: ReadonlySet<string>
  /** Hash of a part under a secret of its organisation. */
  readonly partDigest: PartDigest
  /** Secret of near-duplicate signatures. */
  readonly signatureSeed: number
  /** A new id: the prefix, `_` and a ULID. */
  newId(prefix: string): string
  /** Tells every gateway what has changed in the store; resolves when they know. */
  spread(): Promise<void>
  readonly publicUrl: string
  /** Target of the burn-down of false positives, or null. */
  readonly falsePositives: { readonly share: number; readonly day: string } | null
  readonly appealHours: number
  /** Where callers ask for trusted access: a URL or a mail address; null where the operator names none. */
  readonly trustContact: string | null
  readonly retentionDays: number
  nowMs(): number
  /** A fault that no reader of the page can act on: code and ids only. */
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

/** What was said, as it was inspected. */
export interface KeptExchange {
  readonly turns: readonly Turn[]
  readonly answer: readonly string[]
}
