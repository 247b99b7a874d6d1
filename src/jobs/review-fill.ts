import type { Policy } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { ALIKE, bandsOf, likeness, signatureOf } from '../core/safeguards/min-hash.ts'
import { priorityOf, type ReviewFacts, reviewersNeeded, sourceOf } from '../core/safeguards/review-queue.ts'
import type { Store } from './ports.ts'
import type { BandRow, ReviewItem } from './review-ports.ts'
import type { StoredReceipt } from './spool-ports.ts'

export interface ReviewFillPorts {
  readonly store: Store
  /** The policy that decided; null when this instance no longer has it. */
  policyOf(receipt: Receipt): Policy | null
  /** The text that a reviewer is shown, or null where none is kept. */
  textOf(receipt: Receipt): Promise<string | null>
  /** Secret of near-duplicate signatures. */
  readonly seed: number
  nowMs(): number
}

const HOUR_MS = 3_600_000
/** A long answer's receipt comes late, with the time at which its request came. */
const OVERLAP_MS = HOUR_MS
const FIRST_DAYS_MS = 7 * 24 * HOUR_MS
const MOST_APPEALS = 500
/** Endings of ids that are drawn, of 1,024: one allowed request in 256. */
const SAMPLE = ['00', 'G5', 'W3', 'MX'] as const

/**
 * Puts what has been decided since the last time into the queue: everything above `allow`, open appeals, what detectors
 * disagree on, and a random sample of what was allowed. Bounded, and safe to run twice or twice at once. @returns how many candidates it looked at.
 */
export async function fillReviewQueue(ports: ReviewFillPorts, most = 200): Promise<number> {
  const { store } = ports
  let looked = 0
  for (const [name, which] of [
    ['acted', 'acted'],
    ['opined', 'opined'],
    ['sample', { endings: SAMPLE }],
  ] as const) {
    const position = await store.reviewPosition(name)
    // Of those most do not get into the queue: looked at twice, they would stand in the way of later ones.
    const from = which === 'opined' ? position + 1 : position - OVERLAP_MS
    const since = Math.max(from, ports.nowMs() - FIRST_DAYS_MS)
    const found = await store.reviewCandidates(since, most, which)
    await addAll(found, (facts, policy) => (name === 'sample' ? 'sample' : sourceOf(facts, policy)), ports)
    looked += found.length
    const last = found.at(-1)?.receipt.atMs
    if (last !== undefined) await store.setReviewPosition(name, Math.max(position, last))
  }
  const appeals = await store.appeals(['open', 'in_review'], MOST_APPEALS)
  const known = new Set(
    (await store.reviewItems({ source: ['appealed'], state: 'open' }, 10 * MOST_APPEALS)).map(
      ({ decision }) => decision,
    ),
  )
  for (const { decision } of appeals.filter((one) => !known.has(one.decision))) {
    const stored = await store.receipt(decision)
    if (stored !== null) await addAll([stored], () => 'appealed', ports)
  }
  return looked
}

async function addAll(
  found: readonly StoredReceipt[],
  source: (facts: ReviewFacts, policy: Policy) => ReviewItem['source'] | null,
  ports: ReviewFillPorts,
): Promise<void> {
  for (const { receipt } of found) {
    const policy = ports.policyOf(receipt)
    const facts: ReviewFacts = {
      decision: receipt.decision,
      findings: receipt.steps.flatMap(({ input }) => input.findings),
      appealed: false,
    }
    const from = policy === null ? 'acted' : source(facts, policy)
    if (from === null) continue
    const weighed = { ...facts, appealed: from === 'appealed' }
    const id = `rev_${receipt.id.slice(4)}`
    const { cluster, bands } = await clusterOf(id, await ports.textOf(receipt), ports)
    const item: ReviewItem = {
      ...{ id, decision: receipt.id, org: receipt.org, source: from, category: receipt.decision.category },
      ...{ atMs: receipt.atMs, addedAtMs: ports.nowMs(), priority: policy === null ? 0 : priorityOf(weighed, policy) },
      needs: reviewersNeeded(id, receipt.decision.category),
      ...{ golden: null, cluster, state: 'open', label: null, lock: null },
    }
    await ports.store.addReviewItems([item], bands)
  }
}

/** The cluster of the first item that is alike, else one of its own. */
async function clusterOf(
  id: string,
  text: string | null,
  { store, seed }: ReviewFillPorts,
): Promise<{ readonly cluster: string; readonly bands: readonly BandRow[] }> {
  if (text === null) return { cluster: id, bands: [] }
  const signature = signatureOf(text, seed)
  const names = bandsOf(signature)
  const near = await store.reviewBands(names)
  const cluster = near.find((one) => likeness(one.signature, signature) >= ALIKE)?.cluster ?? id
  // One row per band where the cluster is new; those who come later find it by these.
  const bands = cluster === id ? names.map((band) => ({ band, item: id, cluster, signature })) : []
  return { cluster, bands }
}
