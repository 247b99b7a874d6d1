import { BLOCK_CATEGORIES } from '../core/base/harm.ts'
import { attackFormOf, categoryOf, type ReasonCode } from '../core/base/reasons.ts'
import { rank } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { claimsOf } from '../core/policy/weigh.ts'
import { decidedParts, type Exception } from '../core/safeguards/exception.ts'
import type { AppealRow, CreditNote, Redress } from '../jobs/review-ports.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import type { AdminPorts } from './ports.ts'

interface Verdict {
  readonly by: string
  readonly reason: string
  readonly label: 'benign' | 'borderline-benign'
  readonly exceptionHours: number
  /** Null: all of `actingReasons`, without other categories whose worst case cannot be undone. */
  readonly reasons: readonly ReasonCode[] | null
}

/** What an overturned appeal gives: an exception where one can be bound, a credit note, a label with its provenance. */
export async function redressOf(
  stored: StoredReceipt,
  { id: appeal, decision }: AppealRow,
  verdict: Verdict,
  ports: AdminPorts,
): Promise<Redress> {
  const { receipt } = stored
  const { org, principal } = receipt
  const { by, reason, label } = verdict
  const atMs = ports.nowMs()
  return {
    exception: await exceptionFor(stored, appeal, atMs, verdict, ports),
    credit: { appeal, decision, org, principal, tokens: chargedFor(stored), atMs },
    label: {
      ...{ id: `lab_${appeal.slice(4)}`, item: null, decision, org, source: 'appeal', label },
      category: receipt.decision.category ?? 'none',
      attack: receipt.decision.reason === null ? null : attackFormOf(receipt.decision.reason),
      ...{ by, atMs, reason, golden: false, revokedAtMs: null, revokedBy: null },
    },
  }
}

/**
 * Null where nothing can be bound: the text is not kept, the decision was about an answer (the next one is another), or
 * it stood on something other than a reading of text, such as a control, which no exception lifts.
 */
async function exceptionFor(
  { receipt }: StoredReceipt,
  appeal: AppealRow['id'],
  fromMs: number,
  { exceptionHours, reasons: wanted }: Verdict,
  ports: AdminPorts,
): Promise<Exception | null> {
  const { id: decision, org, principal } = receipt
  const { reason, stage, where } = receipt.decision
  if (reason === null || stage !== 'input' || !isReading(reason)) return null
  const kept = await ports.content(receipt)
  if (kept === null) return null
  const parts = decidedParts(kept.turns, where).map(({ role, part }) => ports.partDigest(org, role, part))
  if (parts.length === 0) return null
  const acting = actingReasons(receipt, ports)
  const usual = (one: ReasonCode) => one === reason || !isIrreversible(one)
  const reasons = acting.filter((one) => (wanted === null ? usual(one) : one === reason || wanted.includes(one)))
  const untilMs = fromMs + Math.round(exceptionHours * 3_600_000)
  const id = `exc_${appeal.slice(4)}`
  return { id, appeal, decision, org, principal, reasons, parts, fromMs, untilMs, revokedAtMs: null }
}

/**
 * The reason that decided first, then those that would have acted on the same text had it not: an exception without
 * them would let the same request be stopped again.
 */
export function actingReasons(
  { decision, steps, safeguards }: Receipt,
  ports: Pick<AdminPorts, 'safeguardOf'>,
): readonly ReasonCode[] {
  if (decision.reason === null) return []
  const safeguard = ports.safeguardOf(safeguards)
  const first = steps.find(({ input }) => input.stage === 'input')
  if (safeguard === null || first === undefined) return [decision.reason]
  const there = decision.where.map(({ part, trust, turn }) => `${part} ${trust} ${turn}`)
  const beside = claimsOf(first.input, safeguard.policy)
    .filter(({ action }) => rank(action) > rank('flag'))
    .filter(({ place }) => place !== null && there.includes(`${place.part} ${place.trust} ${place.turn}`))
    .map(({ reason }) => reason)
    .filter(isReading)
  return [...new Set([decision.reason, ...beside])]
}

function isIrreversible(reason: ReasonCode): boolean {
  const category = categoryOf(reason)
  return category !== null && BLOCK_CATEGORIES.has(category)
}

function isReading(reason: ReasonCode): boolean {
  return categoryOf(reason) !== null || attackFormOf(reason) !== null
}

/** Every model that was charged for, those that declined before the one that served included. */
function chargedFor({ receipt }: StoredReceipt): CreditNote['tokens'] {
  const { usage, servedModel, requestedModel, declined } = receipt
  const served = usage === null ? [] : [{ model: servedModel ?? requestedModel, usage }]
  return [...declined, ...served]
    .map(({ model, usage: { inputTokens, outputTokens } }) => ({ model, input: inputTokens, output: outputTokens }))
    .filter(({ input, output }) => input + output > 0)
}
