import { join } from 'node:path'
import { bytesOfHex, hex } from '../core/base/bytes.ts'
import { type Applied, keyOf, type RecordView, recordViews } from '../core/jailbreaks/exchange/record-view.ts'
import { LEVELS, type Level } from '../core/jailbreaks/exchange/tlp.ts'
import { parseCheckpointBody } from '../core/record/checkpoint.ts'
import { parseNote } from '../core/record/note.ts'
import type { VerifierKey } from '../core/record/note-key.ts'
import type { TreeHead } from '../core/record/tree-proof.ts'
import { alone } from '../io/exchange/alone.ts'
import { feedJournal } from '../io/exchange/feed-journal.ts'
import { type CountedSource, openSource, type SourceOptions } from '../io/exchange/feed-source.ts'
import { feedsFolder, type KnownPartner, PartnerError, readPartners } from '../io/exchange/partners.ts'
import { EXCHANGE_TOOLS } from '../io/exchange/tools.ts'
import { readWhole, writeWhole } from '../io/exchange/whole-file.ts'
import { type CosignPorts, cosign } from '../jobs/feed/cosign.ts'
import type { FeedRecord, LevelState } from '../jobs/feed/ports.ts'
import { knownLevels, readApplied } from '../jobs/feed/read-applied.ts'
import { isFresh, type LevelSync, syncPartner } from '../jobs/feed/sync.ts'
import { keptChain, walkRoots } from '../jobs/feed/walk-roots.ts'
import { OwnFeedError, openOwnFeed, witnessSigner } from './own-feed.ts'

/** One feed as lists show it. */
export interface FeedStatus {
  readonly partner: string
  readonly level: Level
  readonly origin: string
  readonly size: number
  readonly applied: number
  readonly quarantined: LevelState['quarantined']
  readonly pending: number
  readonly stopped: LevelState['stopped']
  /** No automatic action may rest on a feed that is not. */
  readonly fresh: boolean
  readonly freshUntilMs: number | null
  readonly rootExpiresMs: number | null
  readonly syncedAtMs: number
  /** Partners who say that this log contradicts itself; both signed checkpoints are in their statement. */
  readonly disputedBy: readonly string[]
}

/** An object of a partner as lists show it, with what others say of it. */
export interface PartnerObjects {
  readonly partner: string
  readonly applied: readonly Applied[]
}

export async function findPartner(dataFolder: string, name: string): Promise<KnownPartner> {
  const found = (await readPartners(dataFolder)).find(({ partner }) => partner.name === name)
  if (found === undefined)
    throw new PartnerError('unknown', `no partner \`${name}\` is pinned; \`sluice feed pin\` pins one`)
  return found
}

/** Every level of every partner that was ever read, with its freshness now. */
export async function feedStatuses(dataFolder: string, nowMs: number): Promise<readonly FeedStatus[]> {
  const statuses: FeedStatus[] = []
  const said = await allApplied(dataFolder)
  const against = (publisher: string, origin: string) =>
    said.flatMap(({ type, object, publisher: by }) => {
      if (type !== 'statement' || object.kind !== 'dispute' || object.claim !== 'log' || object.settled != null)
        return []
      return object.about.publisher === publisher && object.about.id === origin ? [by] : []
    })
  for (const { partner, store } of await readPartners(dataFolder)) {
    const chain = await keptChain(store, partner.root, EXCHANGE_TOOLS)
    const rootExpiresMs = chain.at(-1)?.expiresMs ?? null
    for (const level of LEVELS) {
      const state = await store.state(level)
      if (state === null) continue
      const { origin, size, done, quarantined, pending, stopped, freshUntilMs, syncedAtMs } = state
      const fresh = isFresh(state, nowMs) && rootExpiresMs !== null && nowMs < rootExpiresMs
      const applied = done - quarantined.length - pending.length
      statuses.push({
        ...{ partner: partner.name, level, origin, size, applied, quarantined, pending: pending.length },
        ...{ stopped, fresh, freshUntilMs, rootExpiresMs, syncedAtMs, disputedBy: against(partner.name, origin) },
      })
    }
  }
  return statuses
}

/** Everything that was applied, of all partners and of one's own feed. */
export async function allApplied(dataFolder: string): Promise<readonly Applied[]> {
  const partners = await readPartners(dataFolder)
  const sides = [
    ...partners.map(({ partner, store }) => ({ name: partner.name, store })),
    ...(await ownSide(dataFolder)),
  ]
  const all = await Promise.all(sides.map(({ name, store }) => readApplied(name, store, EXCHANGE_TOOLS)))
  return all.flat()
}

/** Every record in force, whoever published it, with all statements about it and their consensus. */
export async function allRecordViews(dataFolder: string): Promise<readonly RecordView[]> {
  return recordViews(await allApplied(dataFolder), { sameControl: [] })
}

/** Strictest level at which an object is known here, one's own included. */
export async function knownHere(dataFolder: string): Promise<(publisher: string, id: string) => Level | null> {
  const partners = (await readPartners(dataFolder)).map(({ partner, store }) => ({ name: partner.name, store }))
  const known = await knownLevels([...partners, ...(await ownSide(dataFolder))])
  return (publisher, id) => known.get(keyOf(publisher, id)) ?? null
}

/** One's own feed, read as a partner's is: everything that was signed was checked before. */
async function ownSide(dataFolder: string) {
  try {
    const { name, feed } = await openOwnFeed(dataFolder)
    const state = async (level: Level): Promise<LevelState | null> => {
      const note = await feed.lastSigned(level)
      if (note === null) return null
      const { origin, size, root } = parseCheckpointBody(parseNote(new TextEncoder().encode(note)).text)
      return {
        ...{ v: 1, checkpoint: note, origin, size, root: hex(root), done: size, quarantined: [], pending: [] },
        ...{ stopped: null, freshUntilMs: null, receipt: null, syncedAtMs: 0 },
      }
    }
    return [{ name, store: { read: feed.read, state } }]
  } catch (error) {
    if (error instanceof OwnFeedError && error.code === 'missing') return []
    throw error
  }
}

export interface SyncRun {
  readonly partner: string
  readonly levels: readonly LevelSync[]
  readonly requests: number
  readonly bytes: number
}

/**
 * Reads what is new from one partner. @param record Where receipts and alarms go; a file beside its state by default.
 * @throws {FeedBusyError} another process does so now.
 */
export async function syncOne(
  dataFolder: string,
  { partner, store, folder }: KnownPartner,
  nowMs: () => number,
  record: FeedRecord = feedJournal(join(folder, 'journal.jsonl'), nowMs),
  open: (address: string, options: SourceOptions) => CountedSource = openSource,
  signal?: AbortSignal,
): Promise<SyncRun> {
  const known = () => knownHere(dataFolder)
  const token = partner.tokenEnv === null ? null : (process.env[partner.tokenEnv] ?? null)
  const source = open(partner.source, { token, ...(signal === undefined ? {} : { signal }) })
  try {
    const ports = { source, store, record, tools: EXCHANGE_TOOLS, nowMs, known }
    // The timer and a person at the command line may come at once.
    const levels = await alone(folder, () => syncPartner(partner, ports))
    return { partner: partner.name, levels, ...source.count }
  } finally {
    await source.close()
  }
}

/** A person looked at the evidence, and lets a stopped feed go on from what was known. */
export async function resumeFeed(
  known: KnownPartner,
  level: Level,
  reason: string,
  record: FeedRecord,
): Promise<boolean> {
  const state = await known.store.state(level)
  if (state?.stopped == null) return false
  await record.alarm({ partner: known.partner.name, level, code: 'resumed', detail: reason })
  await known.store.saveState(level, { ...state, stopped: null })
  return true
}

/** Cosigns a level of a pinned partner's feed, in the folder where it is written. */
export async function cosignPartner(
  dataFolder: string,
  known: KnownPartner,
  { level, folder, witness, nowMs }: { level: Level; folder: string; witness: string; nowMs: number },
): Promise<TreeHead & { readonly origin: string }> {
  const { partner, store } = known
  const source = openSource(folder)
  const trust = await walkRoots(source, store, { pin: partner.root, name: partner.name }, EXCHANGE_TOOLS)
  if (trust.kind === 'untrusted') throw new PartnerError('invalid', `${partner.name}: ${trust.at}: ${trust.reason}`)
  const policy = trust.chain.at(-1)!.policies[level]
  if (policy === undefined) throw new PartnerError('invalid', `${partner.name}: has no log ${level}`)
  return cosignFolder(dataFolder, { folder, level, log: policy.logs[0]!.key, witness, nowMs })
}

/** Cosigns a level in a folder, under a log key that is trusted already. */
export async function cosignFolder(
  dataFolder: string,
  {
    folder,
    level,
    log,
    witness,
    nowMs,
  }: { folder: string; level: Level; log: VerifierKey; witness: string; nowMs: number },
): Promise<TreeHead & { readonly origin: string }> {
  const signed = (origin: string) => join(feedsFolder(dataFolder), 'witness', `${encodeURIComponent(origin)}.json`)
  const ports: CosignPorts = {
    read: (path) => readWhole(join(folder, path), 64 * 1024 * 1024),
    write: (path, bytes) => writeWhole(join(folder, path), bytes, true),
    async last(origin) {
      const bytes = await readWhole(signed(origin), 65_536)
      if (bytes === null) return null
      const { size, root } = JSON.parse(new TextDecoder().decode(bytes)) as { size: number; root: string }
      return { size, root: bytesOfHex(root)! }
    },
    keep: (origin, { size, root }) =>
      writeWhole(signed(origin), new TextEncoder().encode(JSON.stringify({ size, root: hex(root) })), true),
    tools: EXCHANGE_TOOLS,
    nowMs: () => nowMs,
  }
  return cosign(`${level}/`, log, witnessSigner(dataFolder, witness), ports)
}
