import type { StoredReceipt } from '../jobs/spool-ports.ts'
import type { DecisionRow } from './contract.ts'

/** One line of a table of decisions. */
export function rowOf({ receipt }: StoredReceipt): DecisionRow {
  const { decision, usage } = receipt
  return {
    id: receipt.id,
    atMs: receipt.atMs,
    surface: receipt.surface,
    stream: receipt.stream,
    action: decision.action,
    would: decision.would,
    reason: decision.reason,
    category: decision.category,
    stage: decision.stage,
    band: decision.band,
    requestedModel: receipt.requestedModel,
    servedModel: receipt.servedModel,
    overheadUs: receipt.overheadUs,
    totalUs: receipt.totalUs,
    inputTokens: usage?.inputTokens ?? null,
    outputTokens: usage?.outputTokens ?? null,
    org: receipt.org,
    session: receipt.session,
    status: receipt.status,
    degraded: decision.degraded,
  }
}
