import { bytesOfHex, hex, sameBytes } from '../../core/base/bytes.ts'
import { utf8Bytes, utf8Text } from '../../core/base/utf8.ts'
import { freshnessOf } from '../../core/jailbreaks/exchange/freshness.ts'
import type { ProviderFeed } from '../../core/jailbreaks/exchange/provider.ts'
import type { Tools, TrustedRoot } from '../../core/jailbreaks/exchange/root-chain.ts'
import { LEVELS, type Level, tlpOf } from '../../core/jailbreaks/exchange/tlp.ts'
import { type CheckpointResult, follows, openCheckpoint } from '../../core/record/checkpoint.ts'
import type { Policy } from '../../core/record/witness-policy.ts'
import { applyObjects } from './apply-objects.ts'
import { extendLog } from './extend-log.ts'
import {
  type FeedAlarm,
  type FeedRecord,
  type FeedSource,
  FeedSourceError,
  type LevelState,
  type PartnerStore,
  type Quarantined,
} from './ports.ts'
import { LogFileError } from './read-log.ts'
import { keptChain, walkRoots } from './walk-roots.ts'

/** Whom to read from, as a person pinned it. */
export interface Pinned {
  /** Name of the partner: the publisher of every object in its feeds. */
  readonly name: string
  /** Hex SHA-256 of root version 1, compared over a second channel. */
  readonly root: string
  readonly levels: readonly Level[]
}

export interface SyncPorts {
  readonly source: FeedSource
  readonly store: PartnerStore
  readonly record: FeedRecord
  readonly tools: Tools
  nowMs(): number
  /** Strictest level at which an object of any partner is known here, as of now. */
  known(): Promise<(publisher: string, id: string) => Level | null>
}

export type SyncKind = 'unchanged' | 'synced' | 'refused' | 'stopped' | 'untrusted' | 'unreachable' | 'absent'

export interface LevelSync {
  readonly level: Level
  readonly kind: SyncKind
  /** Why it is neither `unchanged` nor `synced`; null otherwise. */
  readonly reason: string | null
  readonly size: number
  readonly applied: number
  readonly quarantined: readonly Quarantined[]
  readonly pending: number
  /** No automatic action may rest on a feed that is not. */
  readonly fresh: boolean
}

/** Largest checkpoint: three lines and 64 signatures. */
const MOST_CHECKPOINT_BYTES = 65_536
/** Hours that a cosignature counts where the provider does not say. */
const DEFAULT_MAX_AGE_H = 24

/**
 * Reads what is new at every level of one partner. Idempotent, and goes on where it was when it is stopped between any
 * two writes. An unchanged level costs one request. Nothing that arrives changes what is enforced.
 */
export async function syncPartner(pinned: Pinned, ports: SyncPorts): Promise<readonly LevelSync[]> {
  const { source, store, record, tools } = ports
  let walked: Awaited<ReturnType<typeof walkRoots>> | null = null
  const walk = async () => (walked ??= await walkRoots(source, store, { pin: pinned.root, name: pinned.name }, tools))
  const alarm = (level: Level | null, code: FeedAlarm['code'], detail: string) =>
    record.alarm({ partner: pinned.name, level, code, detail })
  const done: LevelSync[] = []
  // The strictest first: what an open log must not point at is then known.
  const strictFirst = [...pinned.levels].sort((a, b) => LEVELS.indexOf(b) - LEVELS.indexOf(a))
  for (const level of strictFirst) {
    const state = await store.state(level)
    try {
      done.push(await syncLevel(level, state))
    } catch (error) {
      if (error instanceof FeedSourceError) done.push(outcome(level, state, 'unreachable', error.message))
      else if (error instanceof LogFileError) {
        await alarm(level, 'tiles', error.message)
        done.push(outcome(level, state, 'refused', error.message))
      } else throw error
    }
  }
  return pinned.levels.map((level) => done.find((one) => one.level === level)!)

  function outcome(level: Level, state: LevelState | null, kind: SyncKind, reason: string | null): LevelSync {
    return {
      ...{ level, kind, reason, size: state?.size ?? 0, pending: state?.pending.length ?? 0 },
      applied: state === null ? 0 : appliedOf(state),
      quarantined: state?.quarantined ?? [],
      fresh: isFresh(state, ports.nowMs()) && kind !== 'untrusted',
    }
  }

  async function syncLevel(level: Level, state: LevelState | null): Promise<LevelSync> {
    if (state?.stopped != null) return outcome(level, state, 'stopped', state.stopped.reason)
    const note = await source.read(`${level}/checkpoint`, MOST_CHECKPOINT_BYTES)
    if (note === null) return outcome(level, state, 'absent', 'no checkpoint there')
    if (isUnchanged(state, note)) {
      const chain = await keptChain(store, pinned.root, tools)
      return afterwards(level, state, chain, 'unchanged')
    }
    const trust = await walk()
    if (trust.kind === 'untrusted') {
      await alarm(level, 'untrusted', `${trust.at}: ${trust.reason}`)
      return outcome(level, state, 'untrusted', `${trust.at}: ${trust.reason}`)
    }
    const latest = trust.chain.at(-1)!
    if (latest.expiresMs <= ports.nowMs()) return afterwards(level, state, trust.chain, 'refused')
    const feed = trust.provider.feeds.find(({ tlp }) => tlp === tlpOf(level))
    const policy = latest.policies[level]
    const listed = feed !== undefined && policy !== undefined && feed.prefix === `${level}/`
    if (!listed || policy.logs[0]!.key.name !== feed.origin)
      return outcome(level, state, 'absent', 'the partner has no such log')
    const opened = openCheckpoint(note, policy, tools.verify)
    if (opened.kind === 'rejected') {
      await alarm(level, 'checkpoint', opened.reason)
      return outcome(level, state, 'refused', `checkpoint: ${opened.reason}`)
    }
    return accept(level, state, note, { opened, policy, feed, chain: trust.chain })
  }

  async function accept(
    level: Level,
    state: LevelState | null,
    note: Uint8Array,
    { opened, policy, feed, chain }: Accepting,
  ): Promise<LevelSync> {
    const { checkpoint, witnesses } = opened
    const fresh = freshnessOf(witnesses, policy, feed.max_age_h ?? DEFAULT_MAX_AGE_H, ports.nowMs())
    if (fresh.kind === 'ahead') {
      await alarm(level, 'checkpoint', 'a cosignature is more than 5 minutes ahead')
      return outcome(level, state, 'refused', 'checkpoint: a cosignature is more than 5 minutes ahead')
    }
    const before = state ?? emptyState(checkpoint.origin, tools, ports.nowMs())
    const step = follows({ size: before.size, root: bytesOfHex(before.root)! }, checkpoint)
    if (step === 'rollback' || step === 'fork') return stop(level, before, note, step)
    const prefix = `${level}/`
    if (step === 'grown') {
      const extended = await extendLog(before, checkpoint, { prefix, source, store, sha256: tools.sha256 })
      if (extended === 'fork') return stop(level, before, note, 'fork')
    }
    // The proven log first, its objects after: a crash in between goes on with the objects.
    let next: LevelState = {
      ...before,
      ...{ checkpoint: utf8Text(note), size: checkpoint.size, root: hex(checkpoint.root) },
      ...{ freshUntilMs: fresh.untilMs, syncedAtMs: ports.nowMs() },
      receipt: before.receipt ?? receiptFrom(before, checkpoint.size),
    }
    await store.write(`${level}/checkpoint`, note)
    await store.saveState(level, next)
    const at = { publisher: pinned.name, level, nowMs: ports.nowMs(), knownAt: await ports.known() }
    next = await applyObjects(next, { level, prefix, source, store, chain, place: at, tools })
    if (next.receipt !== null) {
      await record.receipt({
        ...{ partner: pinned.name, origin: next.origin, level, fromSize: next.receipt.fromSize, size: next.size },
        root: next.root,
        // What arrives whole at last was not applied before: neither number goes below zero.
        applied: Math.max(0, appliedOf(next) - next.receipt.applied),
        quarantined: Math.max(0, next.quarantined.length - next.receipt.quarantined),
        ...{ pending: next.pending.length, atMs: ports.nowMs() },
      })
      next = { ...next, receipt: null }
      await store.saveState(level, next)
    }
    return afterwards(level, next, chain, 'synced')
  }

  /** Both signed checkpoints are kept before anything else: they are what convinces a third party. */
  async function stop(level: Level, state: LevelState, served: Uint8Array, reason: 'fork' | 'rollback') {
    const known = utf8Bytes(state.checkpoint ?? '')
    const nameOf = (note: Uint8Array) => `${level}-${hex(tools.sha256(note)).slice(0, 16)}.checkpoint`
    await store.keepEvidence(nameOf(known), known)
    await store.keepEvidence(nameOf(served), served)
    const stopped = { reason, atMs: ports.nowMs(), evidence: [nameOf(known), nameOf(served)] as const }
    const next = { ...state, stopped }
    await store.saveState(level, next)
    await alarm(level, reason, `evidence: ${stopped.evidence.join(', ')}`)
    return outcome(level, next, 'stopped', reason)
  }

  async function afterwards(level: Level, state: LevelState | null, chain: readonly TrustedRoot[], kind: SyncKind) {
    const expired = (chain.at(-1)?.expiresMs ?? 0) <= ports.nowMs()
    const fresh = !expired && isFresh(state, ports.nowMs())
    if (!fresh)
      await alarm(level, 'stale', expired ? 'its trust root has expired' : 'no quorum of witnesses saw it lately')
    return { ...outcome(level, state, kind, expired ? 'the trust root has expired' : null), fresh }
  }
}

interface Accepting {
  readonly opened: Extract<CheckpointResult, { readonly kind: 'verified' }>
  readonly policy: Policy
  readonly feed: ProviderFeed
  readonly chain: readonly TrustedRoot[]
}

export function isFresh(state: LevelState | null, nowMs: number): boolean {
  return state !== null && state.stopped === null && state.freshUntilMs !== null && nowMs <= state.freshUntilMs
}

/** Same bytes, and nothing that an earlier run left open. */
function isUnchanged(state: LevelState | null, note: Uint8Array): state is LevelState {
  if (state?.checkpoint == null || state.done < state.size || state.pending.length > 0 || state.receipt !== null)
    return false
  return sameBytes(utf8Bytes(state.checkpoint), note)
}

function emptyState(origin: string, tools: Tools, nowMs: number): LevelState {
  return {
    ...{ v: 1, checkpoint: null, origin, size: 0, root: hex(tools.sha256(new Uint8Array(0))), done: 0 },
    ...{ quarantined: [], pending: [], stopped: null, freshUntilMs: null, receipt: null, syncedAtMs: nowMs },
  }
}

function receiptFrom(before: LevelState, size: number): LevelState['receipt'] {
  return size === before.size && before.checkpoint !== null
    ? null
    : { fromSize: before.size, applied: appliedOf(before), quarantined: before.quarantined.length }
}

function appliedOf({ done, quarantined, pending }: LevelState): number {
  return done - quarantined.length - pending.length
}
