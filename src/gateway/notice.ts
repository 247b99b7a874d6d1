import { explain } from '../core/briefs/explain.ts'
import { suspensionOf } from '../core/governance/suspension.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { GuardMode } from '../core/policy/guard-mode.ts'
import { rank } from '../core/policy/policy.ts'
import type { Notice, SluiceMember } from '../core/protocols/adapter.ts'
import { releaseOf } from '../core/safeguards/slots.ts'
import type { Passage, Screening } from './passage.ts'
import type { Ports } from './ports.ts'
import { toolUseVerdicts } from './tool-uses.ts'

export interface NoticeFacts {
  readonly servedModel: string | null
  /** Whether text of the answer may already have reached the caller, and how it was guarded. */
  readonly midStream: boolean
  readonly guard: GuardMode | 'none'
  /** `sha256:…` of the receipt; asked for when the member is written, since a stream settles at its end. */
  readonly receipt: () => string
  readonly credit?: Notice['credit']
  readonly recommendedModel?: string | null
}

export function appealUrl(passage: Screening, ports: Ports): string {
  return `${passage.state.publicUrl}/d/${passage.ids.decision}?k=${ports.capability(passage.ids.decision)}`
}

/** What Sluice tells the caller about one decision: the sentence, and the machine-readable member. */
export function noticeOf(decision: Decision, facts: NoticeFacts, passage: Passage, ports: Ports): Notice {
  const { caller } = passage
  const { detail, disclosure } = caller.settings
  const url = appealUrl(passage, ports)
  const explanation = explain(passage.lang, decision, {
    midStream: facts.midStream,
    annotated: facts.guard === 'annotate',
    org: caller.org,
    publicUrl: passage.state.publicUrl,
    appealUrl: url,
    appealId: passage.ids.appeal,
    requestedModel: passage.exchange.model,
    servedModel: facts.servedModel,
    detail,
    suspension: suspensionOf(passage.exchange.model, passage.state.suspended, passage.atMs),
  })
  return {
    explanation,
    category: decision.category,
    reason: decision.reason ?? 'harm.other-harm',
    disclosure: {
      block: disclosure === null ? passage.exchange.wants.fallbackBlock : disclosure === 'block',
      sentence: disclosure === 'notice',
    },
    mirror: caller.settings.mirrorRefusal,
    credit: facts.credit ?? null,
    recommendedModel: facts.recommendedModel ?? null,
    get member() {
      return memberOf(decision, facts.servedModel, facts.receipt(), passage, ports)
    },
  }
}

/** The `sluice` member, as much of it as the caller's level of detail shows (wire.md §3.1). */
export function memberOf(
  decision: Decision,
  servedModel: string | null,
  receipt: string,
  passage: Passage,
  ports: Ports,
): SluiceMember {
  const { ids, caller, state } = passage
  const { detail } = caller.settings
  const scope = decision.trustScope
  const respondBy = new Date(passage.atMs + state.appealHours * 3_600_000).toISOString().replace('.000Z', 'Z')
  const more =
    detail === 'minimal'
      ? {}
      : {
          reason: decision.reason ?? ('harm.other-harm' as const),
          safeguard: releaseOf(state.safeguard.releases, decision),
          stage: decision.stage ?? ('input' as const),
          where: decision.where.filter(({ turn }) => turn >= 0).map(({ part, turn, trust }) => ({ part, turn, trust })),
          ...(decision.degraded.length === 0 ? {} : { degraded: decision.degraded }),
          ...toolUseVerdicts(passage),
          ...(scope === null ? {} : { trust: { scope, enroll_url: `${state.publicUrl}/trust/${scope}` } }),
        }
  const full =
    detail === 'full'
      ? {
          ...(decision.rule === null ? {} : { rule: decision.rule }),
          ...(decision.band === null ? {} : { band: decision.band }),
        }
      : {}
  return {
    v: 1,
    decision_id: ids.decision,
    action: rank(decision.action) === 0 ? 'flag' : (decision.action as SluiceMember['action']),
    category: decision.category,
    mode: passage.state.arm,
    requested_model: passage.exchange.model,
    served_model: servedModel,
    ...more,
    ...full,
    appeal: { id: ids.appeal, url: appealUrl(passage, ports), respond_by: respondBy },
    record: { receipt, index: null },
  }
}
