import { explain } from '../core/briefs/explain.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { GuardMode } from '../core/policy/guard-mode.ts'
import type { Notice, SluiceMember } from '../core/protocols/adapter.ts'
import type { Passage } from './passage.ts'
import type { Ports } from './ports.ts'

export interface NoticeFacts {
  readonly servedModel: string | null
  /** Whether text of the answer may already have reached the caller, and how it was guarded. */
  readonly midStream: boolean
  readonly guard: GuardMode | 'none'
  /** `sha256:…` of the receipt; asked for when the member is written, since a stream settles at its end. */
  readonly receipt: () => string
}

export function appealUrl(passage: Passage, ports: Ports): string {
  return `${passage.state.publicUrl}/d/${passage.ids.decision}?k=${ports.capability(passage.ids.decision)}`
}

/** What Sluice tells the caller about one decision: the sentence, and the machine-readable member. */
export function noticeOf(decision: Decision, facts: NoticeFacts, passage: Passage, ports: Ports): Notice {
  const { ids, exchange, caller, state } = passage
  const url = appealUrl(passage, ports)
  const reason = decision.reason ?? 'harm.other-harm'
  const scope = decision.trustScope
  const enrollUrl = scope === null ? null : `${state.publicUrl}/trust/${scope}`
  const action = decision.action === 'allow' ? 'flag' : decision.action
  const explanation = explain(passage.lang, decision, {
    midStream: facts.midStream,
    annotated: facts.guard === 'annotate',
    org: caller.org,
    publicUrl: state.publicUrl,
    appealUrl: url,
    appealId: ids.appeal,
    requestedModel: exchange.model,
    servedModel: facts.servedModel,
    detail: caller.detail,
  })
  const minimal = caller.detail === 'minimal'
  const respondBy = new Date(passage.atMs + state.appealHours * 3_600_000).toISOString().replace('.000Z', 'Z')
  return {
    explanation,
    category: decision.category,
    reason,
    get member(): SluiceMember {
      return {
        v: 1,
        decision_id: ids.decision,
        action,
        reason,
        category: decision.category,
        mode: 'enforcing',
        safeguard: state.safeguard.release,
        requested_model: exchange.model,
        served_model: facts.servedModel,
        stage: decision.stage ?? 'input',
        ...(minimal
          ? {}
          : {
              where: decision.where
                .filter(({ turn }) => turn >= 0)
                .map(({ part, turn, trust }) => ({ part, turn, trust })),
            }),
        ...(minimal || decision.degraded.length === 0 ? {} : { degraded: decision.degraded }),
        appeal: { id: ids.appeal, url, respond_by: respondBy },
        ...(minimal || scope === null || enrollUrl === null ? {} : { trust: { scope, enroll_url: enrollUrl } }),
        record: { receipt: facts.receipt(), index: null },
      }
    },
  }
}
