import type { Category } from '../../src/core/base/harm.ts'
import { decisionIds, type OrgId, type PrincipalId, ulid } from '../../src/core/base/ids.ts'
import { LABELS } from '../../src/core/base/reasons.ts'
import type { Decision } from '../../src/core/policy/decision.ts'
import type { Action } from '../../src/core/policy/policy.ts'
import type { Receipt } from '../../src/core/policy/receipt.ts'

export interface ReceiptFacts {
  readonly atMs?: number
  /** Ten bytes' worth of difference between receipts of one millisecond. */
  readonly n?: number
  readonly action?: Action
  readonly would?: Action
  readonly category?: Category | null
  readonly session?: string | null
  readonly model?: string
  readonly overheadUs?: number
  readonly org?: string
  readonly gave?: readonly string[]
}

/** A receipt as the gateway writes it, with the facts that matter to a test. */
export function aReceipt(facts: ReceiptFacts = {}): Receipt {
  const {
    atMs = 1_795_500_000_000,
    n = 0,
    action = 'allow',
    would = action,
    category = null,
    session = null,
    model = 'model-a',
    overheadUs = 100,
  } = facts
  const random = Uint8Array.from({ length: 10 }, (_, i) => Math.floor(n / 256 ** (9 - i)) % 256)
  const { decision: id, appeal } = decisionIds(ulid(atMs, random))
  const reason = would === 'allow' ? null : category === null ? 'content.uninspected' : (`harm.${category}` as const)
  const decision: Decision = {
    action,
    would,
    reason,
    category,
    stage: would === 'allow' ? null : 'input',
    level: null,
    band: null,
    rule: null,
    where: [],
    degraded: [],
    fallbackModel: null,
    trustScope: null,
  }
  const place = { part: 'user', trust: 'user', turn: 0, newest: true } as const
  return {
    v: 1,
    id,
    appeal,
    atMs,
    surface: 'messages',
    dialect: 'anthropic',
    stream: false,
    org: (facts.org ?? 'default') as OrgId,
    principal: 'pri_test' as PrincipalId,
    session,
    lang: 'en',
    requestedModel: model,
    servedModel: model,
    ...(facts.gave === undefined ? {} : { gave: facts.gave }),
    steps: [
      {
        input: {
          stage: 'input',
          findings: [
            { kind: 'scored', detector: 'light', tier: 'light', stage: 'input', place, ppm: LABELS.map(() => 0) },
          ],
          standing: { kind: 'ordinary', scopes: [] },
          mode: 'enforce',
          fallbackModel: null,
          asksFallbackTarget: false,
        },
        decision: null,
      },
    ],
    decision,
    safeguards: { base: 'base-test' },
    model: 'sha256:test',
    usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 },
    declined: [],
    retryOf: null,
    guard: { mode: 'none', releasedChars: 0, heldMs: 0 },
    status: 200,
    end: 'complete',
    upstreamRefusal: false,
    upstreamRequestId: null,
    overheadUs,
    totalUs: 1000,
    charsScored: 10,
    contentKept: false,
    salt: '00'.repeat(32),
  }
}
