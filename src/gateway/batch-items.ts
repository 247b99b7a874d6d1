import { NO_USAGE } from '../core/conversation/exchange.ts'
import { toPpm } from '../core/policy/finding.ts'
import type { BatchItem } from '../core/protocols/batch-record.ts'
import { erroredLine, succeededLine } from '../core/protocols/batch-result.ts'
import { wireErrorBody } from '../core/protocols/wire-errors.ts'
import type { refused } from './act.ts'
import type { DecidedItem } from './batch-decide.ts'
import { composeContext, NOTHING } from './composing.ts'
import { appealUrl, memberOf, noticeOf } from './notice.ts'
import type { Passage } from './passage.ts'
import type { Ports } from './ports.ts'
import { countProbing } from './probing.ts'
import { effective, type Outcome, settle } from './settle.ts'

export interface SettledItem {
  readonly item: BatchItem
  readonly errored: boolean
  readonly safe: Promise<void>
}

/** Writes the receipt of one item of a batch that was made, and says what its result will need. */
export function settledItem(
  decided: DecidedItem,
  batch: string,
  upstreamRequestId: string | null,
  ports: Ports,
): SettledItem {
  const { customId } = decided
  if (decided.kind === 'invalid') {
    const line = erroredLine(customId, wireErrorBody('anthropic', decided.error, requestId(batch)))
    return { item: { kind: 'own', customId, line }, errored: true, safe: Promise.resolve() }
  }
  const { inspection } = decided
  const passage = inBatch(decided.passage, batch)
  const { exchange } = passage
  if (decided.kind === 'own') {
    const errored = decided.answer.kind === 'failed'
    const outcome: Outcome = {
      ...NOTHING,
      ...(decided.answer.kind === 'failed'
        ? { status: decided.answer.error.status, end: 'error' }
        : { status: 200, end: 'refused', usage: NO_USAGE }),
    }
    const { receipt, safe } = settle(outcome, inspection, passage, ports)
    if (!errored) countProbing('refused', passage, ports)
    const line = answerLine(customId, decided.answer, receipt, passage, ports)
    return { item: { kind: 'own', customId, line }, errored, safe }
  }
  const { hop } = decided
  const servedModel = hop?.model ?? exchange.model
  const outcome: Outcome = { ...NOTHING, servedModel, status: 200, end: 'complete', upstreamRequestId }
  const { receipt, safe } = settle(outcome, inspection, passage, ports)
  countProbing('answered', passage, ports)
  const facts = { servedModel, midStream: false, guard: 'none', receipt: () => receipt } as const
  const diverted =
    hop === null
      ? null
      : {
          notice: noticeOf(effective(passage), facts, passage, ports),
          context: composeContext(passage, servedModel),
        }
  const asked = inspection.asked === null ? null : toPpm(inspection.asked)
  const { fallbackMembers } = exchange.wants
  return {
    item: { kind: 'sent', customId, model: exchange.model, asked, fallbackMembers, diverted },
    errored: false,
    safe,
  }
}

/** The result of an item that Sluice answers: a refusal, or the error that stands for one. */
export function answerLine(
  customId: string,
  answer: ReturnType<typeof refused>,
  receipt: string,
  passage: Passage,
  ports: Ports,
): string {
  const { adapter, exchange, ids } = passage
  if (answer.kind === 'failed') {
    const details = { ...answer.error.details, appeal_url: appealUrl(passage, ports) }
    const denied = answer.error.status === 403
    const error = denied ? { ...answer.error, details } : answer.error
    const member = denied ? memberOf(effective(passage), null, receipt, passage, ports) : undefined
    return erroredLine(customId, wireErrorBody('anthropic', error, ids.request, member))
  }
  const facts = { servedModel: null, midStream: false, guard: 'none', receipt: () => receipt } as const
  const notice = noticeOf(answer.decision, facts, passage, ports)
  return succeededLine(customId, adapter.refusal(notice, exchange, composeContext(passage, null)))
}

/** Items of one batch are one session, where their client names none. */
export function inBatch(passage: Passage, batch: string): Passage {
  const { exchange } = passage
  return exchange.session === null ? { ...passage, exchange: { ...exchange, session: batch } } : passage
}

function requestId(batch: string): string {
  return `req_${batch.replace(/^msgbatch_/, '')}`
}
