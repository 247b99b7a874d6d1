import { hex } from '../core/base/bytes.ts'
import type { Sha256 } from '../core/base/digest.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import type { Usage } from '../core/conversation/exchange.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { commitment } from '../core/record/commitment.ts'
import { checkedDraft, type EntryDraft, hashName } from '../core/record/draft.ts'
import { minuteOf } from '../core/record/rollup.ts'
import type { ReceiptRecord, SealedSalt } from './record-ports.ts'
import type { ReceiptHead, SpooledReceipt } from './spool-ports.ts'

export interface ReceiptRecordPorts {
  readonly sha256: Sha256
  /** 32 random bytes. */
  random(): Uint8Array
  nowMs(): number
  /** Seals a text under the data key of an organisation. */
  seal(org: string, text: string): Promise<Uint8Array>
  /** Kept request and answer of a decision as one text, or null. */
  exchange(receipt: Receipt): Promise<string | null>
}

/** Share of allowed requests that have an entry of their own. */
const ONE_IN = 1000

/** Has a decision an entry? Everything but `allow`, in observe what would not have been, and 1 in 1,000 of the rest. */
export function hasEntry(sha256: Sha256, { id, decision }: Pick<ReceiptHead, 'id' | 'decision'>): boolean {
  if (decision.action !== 'allow' || decision.would !== 'allow') return true
  const [a, b, c, d] = sha256(utf8Bytes(id)) as unknown as [number, number, number, number]
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) % ONE_IN === 0
}

/** What a new receipt adds to the record. Reads no more of the line than it must: most have no entry. */
export async function recordOfReceipt(
  { head, line, hash, segment }: Pick<SpooledReceipt, 'head' | 'line' | 'hash' | 'segment'>,
  ports: ReceiptRecordPorts,
): Promise<ReceiptRecord> {
  const usage = usageOf(line)
  const sums = {
    ...{ segment, minuteMs: minuteOf(ports.nowMs()) },
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
  }
  if (!hasEntry(ports.sha256, head)) return { ...sums, draft: null, salts: [] }
  const salts: SealedSalt[] = []
  const commit = async (member: string, value: string) => {
    const salt = ports.random()
    const sealed = await ports.seal(head.org, JSON.stringify({ salt: hex(salt), value }))
    salts.push({ k: 'decision', about: head.id, member, subject: head.org, blob: sealed })
    return commitment(ports.sha256, salt, member, value)
  }
  const receipt = JSON.parse(line) as Receipt
  const exchange = receipt.contentKept ? await ports.exchange(receipt) : null
  const d = {
    ...decisionMembers(receipt),
    ...(exchange === null ? {} : { exchange: await commit('exchange', hex(ports.sha256(utf8Bytes(exchange)))) }),
    org: await commit('org', head.org),
  }
  const draft: EntryDraft = { k: 'decision', who: 'system:gateway', about: head.id, h: hashName(hash), d }
  return { ...sums, draft: checkedDraft(draft), salts }
}

/** Callers name models as they like: an entry takes 100 characters of it. */
const short = (text: string) => text.slice(0, 100).toWellFormed()
/** Operators' detectors are few; an entry is small. */
const few = (names: readonly string[]) => [...new Set(names.map((name) => name.slice(0, 64)))].sort().slice(0, 16)

function decisionMembers({ decision, steps, safeguards, requestedModel, servedModel, atMs }: Receipt) {
  const findings = steps.flatMap(({ input }) => input.findings)
  const named = (kind: 'skipped' | 'unavailable') =>
    few(findings.flatMap((finding) => (finding.kind === kind ? [finding.detector] : [])))
  return {
    action: decision.action,
    would: decision.would,
    mode: steps[0]?.input.mode ?? 'observe',
    reasons: few([...steps.map((step) => step.decision?.reason), decision.reason].filter((one) => one != null)),
    ...(decision.category === null ? {} : { category: decision.category }),
    decided: new Date(atMs).toISOString(),
    safeguards: Object.fromEntries(Object.entries(safeguards).map(([slot, label]) => [short(slot), short(label)])),
    asked: short(requestedModel),
    ...(servedModel === null ? {} : { served: short(servedModel) }),
    skipped: named('skipped'),
    unavailable: few([...named('unavailable'), ...decision.degraded]),
  }
}

/**
 * Usage of a receipt's line, without parsing what stands before it: `usage` is followed by `declined`, and a quotation
 * mark inside a string is escaped, so neither name is found in a caller's text.
 */
function usageOf(line: string): Usage | null {
  const end = line.lastIndexOf(',"declined":[')
  const start = line.lastIndexOf(',"usage":', end)
  if (end < 0 || start < 0) return (JSON.parse(line) as Receipt).usage
  return JSON.parse(line.slice(start + ',"usage":'.length, end)) as Usage | null
}
