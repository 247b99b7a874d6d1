import type { Hex256, Texts, Time } from './texts.ts'
import type { Tlp } from './tlp.ts'

/** One jailbreak technique as its publisher describes it. Nobody else edits it; others add statements. */
export interface JailbreakRecord {
  /** `1.x`; unknown members are kept and ignored. */
  readonly schema_version: string
  /** `JRX-YYYY-NNNNNN`, numbered by the publisher; globally `publisher/id`. */
  readonly id: string
  /** The later one wins, same publisher only. */
  readonly modified: Time
  readonly published: Time
  /** Equals the level of the log it is in. */
  readonly tlp: Tlp
  readonly aliases: readonly Reference[]
  readonly related: readonly Reference[]
  /** At most 200 characters in each language, never prompt text. */
  readonly summary: Texts
  /** `contact` is a duty roster, never one person's name alone. */
  readonly reporter: { readonly org: string; readonly contact: string }
  readonly technique: Technique
  readonly affected: readonly Affected[]
  /** Other models on which the same technique worked: whom to warn. Not baselines. */
  readonly transfer: readonly ModelName[]
  readonly assessments: readonly Assessment[]
  /** Derived from the assessments, for plain readers. */
  readonly severity: readonly { readonly type: 'JSS_V1' | 'CJS_DRAFT_2026_07'; readonly score: string }[]
  readonly artefacts: readonly Artefact[]
  readonly disclosure: Disclosure
  /** Share of legitimate traffic of the same form: ≥ 99 % (D), 50 to 99 % (M), < 50 % (R). Null: not known. */
  readonly legitimate_use: { readonly share: 'D' | 'M' | 'R'; readonly note: Texts | string } | null
  /** A tombstone: the object stays, and says why it is not to be used. */
  readonly withdrawn: Withdrawn | null
}

export const REFERENCE_TYPES = ['atlas', 'avid', 'jrx', 'url'] as const
export interface Reference {
  readonly type: (typeof REFERENCE_TYPES)[number]
  readonly id: string
}

export interface Technique {
  /** Dashed name of the kind of technique, e.g. `benign-reframing`. */
  readonly class: string
  /** `hmac-sha256:` and 64 hex digits (§7), or null where nothing was committed to. */
  readonly fingerprint: string | null
  /** The law fixes the handling: such a record is never scored. */
  readonly statutory: boolean
}

export interface ModelName {
  readonly vendor: string
  readonly name: string
  readonly version: string
}

export interface Affected {
  readonly model: ModelName
  /** Safeguard releases: the first that is affected, and the first that is not any more. */
  readonly safeguard: { readonly introduced: string | null; readonly fixed: string | null }
}

/** One party's measured word on one technique, target system, harm class and panel (severity.md §1). */
export interface Assessment {
  readonly by: string
  readonly at: Time
  /** Category of harm, with a finer name after a dot where there is one. */
  readonly harm: string
  /** `<panel id>@sha256:<hex>`, or null where nothing was measured against a panel. */
  readonly panel: string | null
  readonly vector: string
  /** One decimal; null with `UP:?`. */
  readonly score: number | null
  /** Null where a number is asserted and nothing of it was measured; the range with `UP:?`. */
  readonly interval: readonly [number, number] | null
  readonly band: Band | null
  readonly uplift: Uplift | null
  readonly reliability: Reliability | null
}

export const BANDS = ['Info', 'Low', 'Medium', 'High', 'Critical'] as const
export type Band = (typeof BANDS)[number]

export interface Uplift {
  readonly u: number
  readonly ci95: readonly [number, number]
  readonly tasks: number
  readonly attempts: number
  /** Share of discordant pairs. */
  readonly discordant: number
  readonly best_baseline: string
  readonly estimator: string
  readonly cost_ratio: number
  readonly cost_ratio_ci95: readonly [number, number]
}

export interface Reliability {
  readonly success: number
  readonly sessions: number
  readonly wilson95: readonly [number, number]
}

export const ARTEFACT_KINDS = ['task-set', 'detector', 'cases'] as const
export interface Artefact {
  readonly kind: (typeof ARTEFACT_KINDS)[number]
  readonly sha256: Hex256
  /** How to get it, in words; `feed`: the file `artefacts/<first 2 digits>/<sha256>` of the same level. */
  readonly access: string
  /** Bytes of the file; always there when `access` is `feed`. */
  readonly len?: number
}

export interface Disclosure {
  readonly reported_to_vendor: Time | null
  readonly vendor_ack: Time | null
  readonly embargo_until: Time | null
  /** `ground`: `voluntary`, or `law:` and the reference that compels. */
  readonly authorities: readonly { readonly name: string; readonly ground: string; readonly sent: Time | null }[]
  /** Statutory clocks: of the record, not of the score. */
  readonly clocks: readonly { readonly rule: string; readonly due: Time; readonly met: Time | null }[]
  /** When the vendor was offered its reply, and the hash of what proves it. */
  readonly reply_offered?: { readonly at: Time; readonly proof: string } | null
  readonly fixed_at?: Time | null
  /** The vendor's one extension. */
  readonly extension?: { readonly days: number; readonly reason: string } | null
}

export interface Withdrawn {
  readonly at: Time
  readonly reason: Texts | string
}
