import type { Decision } from '../core/policy/decision.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { Bundle } from '../core/safeguards/bundle.ts'
import type { PairedCase } from '../core/safeguards/collateral/paired-case.ts'
import { answerUnseen, replayer } from '../core/safeguards/replay.ts'
import { type ChunkResult, packChunk, unpackChunk } from './replay-chunk.ts'
import type { ChunkBook, ReplayChunk, ReplayProgress } from './replay-ports.ts'
import { caseCategory } from './traffic.ts'

/** Why a request could not be decided again. */
export type Unreplayable = 'no_content' | 'unknown_release' | 'not_asked'

/** What replay needs from the world. */
export interface ReplayPorts {
  readonly book: ChunkBook
  receipts(chunk: ReplayChunk): Promise<readonly Receipt[]>
  /** The bundle that decided then; null when this instance no longer has it. */
  madeBy(receipt: Receipt): Bundle | null
  /**
   * Inspects the kept content again with the bundle's own model and rules; null when it is gone. `not_asked`: somebody
   * would be asked about it who was not asked then.
   */
  again(receipt: Receipt, side: 'before' | 'after'): Promise<Decision | 'not_asked' | null>
  /** Kind of traffic, and what a person said of it. */
  facts(receipt: Receipt): Pick<PairedCase, 'segment' | 'label' | 'family'>
  pack(text: string): Uint8Array
  unpack(bytes: Uint8Array): string
  nowMs(): number
  monotonicMs(): number
  sleep(ms: number): Promise<void>
}

export interface ReplaySides {
  readonly before: Bundle
  readonly after: Bundle
}

/** A chunk is somebody else's after this long without a word of who has it. */
export const LEASE_MS = 30_000
const RENEW_MS = 5000
/** How often those who have nothing left to do look whether a chunk has come free. */
const LOOK_MS = 500

/**
 * Works on a job until all of it is done: any number of workers may, on any number of machines. A worker that dies loses
 * its chunk and nothing else: another one has it when its lease is over. Started again, a job does only what is left.
 *
 * @returns progress at the end; without any chunk where another worker has ended the job and forgotten it.
 */
export async function workOn(
  job: string,
  worker: string,
  sides: ReplaySides,
  ports: ReplayPorts,
  report: (progress: ReplayProgress, secondsLeft: number | null) => void,
): Promise<ReplayProgress> {
  const decider = deciderOf(sides, ports)
  const started = ports.monotonicMs()
  const first = await ports.book.replayProgress(job)
  let progress = first
  for (;;) {
    const chunk = await ports.book.leaseChunk(job, worker, ports.nowMs(), LEASE_MS)
    if (chunk === null) {
      progress = await ports.book.replayProgress(job)
      if (progress.chunksDone === progress.chunks) return progress
      // With others, who may die of it.
      await ports.sleep(LOOK_MS)
      continue
    }
    const result = await holding(chunk, worker, ports, async () =>
      replayReceipts(await ports.receipts(chunk), decider, ports),
    )
    await ports.book.finishChunk(chunk, worker, ports.pack(packChunk(result)))
    progress = await ports.book.replayProgress(job)
    const done = progress.requestsDone - first.requestsDone
    const speed = done / Math.max(1, ports.monotonicMs() - started)
    report(progress, done === 0 ? null : (progress.requests - progress.requestsDone) / speed / 1000)
  }
}

/** Keeps the lease while the work lasts. Who cannot, may lose the chunk to another: then its result is not taken. */
async function holding<T>(
  chunk: ReplayChunk,
  worker: string,
  { book, nowMs }: Pick<ReplayPorts, 'book' | 'nowMs'>,
  work: () => Promise<T>,
): Promise<T> {
  const renew = () => book.renewChunk(chunk, worker, nowMs(), LEASE_MS).catch(() => false)
  const timer = setInterval(() => void renew(), RENEW_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

/** Everything that a finished job gave. Unmoved requests are without an id. */
export async function resultsOf(
  job: string,
  ports: Pick<ReplayPorts, 'book' | 'unpack'>,
): Promise<{ cases: PairedCase[]; notReplayable: Record<string, number>; withoutAnswer: number }> {
  const { chunks } = await ports.book.replayProgress(job)
  const cases: PairedCase[] = []
  const notReplayable: Record<string, number> = {}
  let withoutAnswer = 0
  for (let seq = 0; seq < chunks; seq++) {
    const bytes = await ports.book.chunkResult(job, seq)
    if (bytes === null) throw new Error(`chunk ${seq} of ${job} has no result`)
    const result = unpackChunk(ports.unpack(bytes))
    for (const one of result.cases) cases.push(one)
    for (const [code, n] of Object.entries(result.notReplayable)) notReplayable[code] = (notReplayable[code] ?? 0) + n
    withoutAnswer += result.withoutAnswer
  }
  return { cases, notReplayable, withoutAnswer }
}

export type Decider = (
  receipt: Receipt,
  side: 'before' | 'after',
) => Promise<Decision | Unreplayable> | Decision | Unreplayable

/** From findings where they suffice, else from content, else not: one comparison per pair of bundles, not per request. */
export function deciderOf(sides: ReplaySides, ports: Pick<ReplayPorts, 'madeBy' | 'again'>): Decider {
  const replayers = { before: new Map<Bundle | null, ReturnType<typeof replayer>>(), after: new Map() }
  return (receipt, side) => {
    const maker = ports.madeBy(receipt)
    const known = replayers[side].get(maker) ?? replayer(sides[side], maker)
    replayers[side].set(maker, known)
    const decision = known(receipt)
    if (decision !== 'not_replayable') return decision
    return ports
      .again(receipt, side)
      .then((found) => found ?? (maker === null ? ('unknown_release' as const) : ('no_content' as const)))
  }
}

export async function replayReceipts(
  receipts: readonly Receipt[],
  decider: Decider,
  { facts }: Pick<ReplayPorts, 'facts'>,
): Promise<ChunkResult> {
  const cases: PairedCase[] = []
  const notReplayable: Record<string, number> = {}
  let withoutAnswer = 0
  for (const receipt of receipts) {
    const before = decider(receipt, 'before')
    const after = decider(receipt, 'after')
    // Nearly all are decided from findings: a million turns of the event loop would take longer than the decisions.
    const from = before instanceof Promise ? await before : before
    const to = after instanceof Promise ? await after : after
    if (typeof from === 'string' || typeof to === 'string') {
      const code = typeof from === 'string' ? from : (to as Unreplayable)
      notReplayable[code] = (notReplayable[code] ?? 0) + 1
      continue
    }
    if (answerUnseen(receipt, to)) withoutAnswer++
    cases.push({
      ...{ id: receipt.id, session: receipt.session, user: receipt.principal, org: receipt.org },
      ...{ surface: receipt.surface, language: receipt.lang, ...facts(receipt) },
      ...{ before: from.would, after: to.would, category: caseCategory(from, to) },
    })
  }
  return { cases, notReplayable, withoutAnswer }
}
