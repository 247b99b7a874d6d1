import { decisionIds } from '../core/base/ids.ts'
import { explain } from '../core/briefs/explain.ts'
import type { Exchange } from '../core/conversation/exchange.ts'
import { rank } from '../core/policy/policy.ts'
import type { Notice, SluiceMember } from '../core/protocols/adapter.ts'
import { openaiResponses } from '../core/protocols/openai-responses.ts'
import { releaseOf } from '../core/safeguards/slots.ts'
import type { AdminPorts } from './ports.ts'

/**
 * A refusal on the Responses surface, made again from its receipt: what `GET /v1/responses/{id}` gives.
 * @returns null where there is none of that id in this organisation.
 */
export async function storedResponse(org: string, id: string, ports: AdminPorts): Promise<string | null> {
  const ulid = id.slice('resp_'.length)
  const ids = decisionIds(ulid)
  const stored = await ports.store.receipt(ids.decision)
  if (stored === null) return null
  const { receipt, hash } = stored
  const { decision } = receipt
  if (receipt.org !== org || receipt.surface !== 'responses' || receipt.end !== 'refused') return null
  if (rank(decision.action) <= rank('flag') || decision.reason === null) return null
  const url = `${ports.publicUrl}/d/${receipt.id}?k=${ports.capability(receipt.id)}`
  const explanation = explain(receipt.lang, decision, {
    midStream: false,
    annotated: false,
    org,
    publicUrl: ports.publicUrl,
    appealUrl: url,
    appealId: receipt.appeal,
    requestedModel: receipt.requestedModel,
    servedModel: null,
    detail: 'standard',
  })
  const member: SluiceMember = {
    v: 1,
    decision_id: receipt.id,
    action: decision.action as SluiceMember['action'],
    reason: decision.reason,
    category: decision.category,
    mode: 'enforcing',
    safeguard: releaseOf(receipt.safeguards, decision),
    requested_model: receipt.requestedModel,
    served_model: null,
    stage: decision.stage ?? 'input',
    appeal: {
      id: receipt.appeal,
      url,
      respond_by: new Date(receipt.atMs + ports.appealHours * 3_600_000).toISOString().replace('.000Z', 'Z'),
    },
    record: { receipt: `sha256:${hash}`, index: null },
  }
  const notice: Notice = {
    explanation,
    category: decision.category,
    reason: decision.reason,
    member,
    disclosure: { block: false, sentence: false },
    mirror: false,
    credit: null,
    recommendedModel: null,
  }
  const createdAtSeconds = Math.floor(receipt.atMs / 1000)
  const context = { ulid, createdAtSeconds, servedModel: null, declined: receipt.declined, credit: null }
  return openaiResponses.refusal(notice, { model: receipt.requestedModel } as Exchange, context)
}
