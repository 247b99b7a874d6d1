import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { RecordAdmin } from '../admin/record-admin.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { parseVerifierKey } from '../core/record/note-key.ts'
import { formatPolicy, type Policy, parsePolicy } from '../core/record/witness-policy.ts'
import type { Config } from '../io/config/config.ts'
import { sha256, verifyEd25519 } from '../io/keys/ed25519.ts'
import { defaultOrigin, LogKeyError, namedKey, recordKey } from '../io/keys/log-key.ts'
import { type Sealer, seal } from '../io/keys/sealer.ts'
import { openRecordFiles } from '../io/record/record-files.ts'
import { findContent } from '../io/spool/segments.ts'
import { askWitnesses, type WitnessSizes } from '../jobs/ask-witnesses.ts'
import { closeRollups } from '../jobs/close-rollups.ts'
import type { Store } from '../jobs/ports.ts'
import { publishRecord } from '../jobs/publish-record.ts'
import { hasEntry, recordOfReceipt } from '../jobs/receipt-record.ts'
import type { LogKey, ReceiptRecord } from '../jobs/record-ports.ts'
import { createRecordSealer } from '../jobs/seal.ts'
import type { ReceiptHead, SpooledReceipt } from '../jobs/spool-ports.ts'
import { recordAdmin } from './record-admin.ts'

/** At most so long after it is stored, an entry is sealed and published. */
const SEAL_MS = 1000
/** Unwrapped data keys are kept for so long: a key that is destroyed is forgotten at once besides. */
const KEYS_MS = 60_000

/** The record of this instance. */
export interface RecordSide {
  /** Null: the log is another instance's to sign. Drafts wait for it. */
  readonly log: LogKey | null
  readonly folder: string
  /** For the drainer. */
  readonly record: {
    hasEntry(head: ReceiptHead): boolean
    of(row: SpooledReceipt): Promise<ReceiptRecord>
  }
  /** Closes minutes that are over, seals what waits and publishes it. @throws {RecordError}, {StoreError} */
  cycle(): Promise<void>
  /** Data keys destroyed so far. */
  readonly shreds: number
  readonly admin: RecordAdmin
  start(): void
  /** Finishes the cycle that runs, runs one more, and ends. */
  stop(): Promise<void>
}

/** Opens the record over the store: makes its key on the first start, and says which safeguard shipped. */
export async function openRecord({
  store,
  sealer,
  config,
  master,
  shipped,
  spread,
  report,
}: {
  readonly store: Store
  readonly sealer: Sealer
  readonly config: Config
  readonly master: Uint8Array
  readonly shipped: { readonly slot: string; readonly label: string; readonly bundle: string }
  /** Tells every gateway of this process what has changed. */
  readonly spread: () => Promise<unknown>
  readonly report: (event: string, facts: Readonly<Record<string, string | number>>) => void
}): Promise<RecordSide> {
  const folder = join(config.dataFolder, 'record')
  const files = openRecordFiles(folder)
  const log = await openLog()
  const sealing =
    log === null
      ? null
      : createRecordSealer({
          ...{ store, log, sha256, report, published: files.checkpoint },
          holder: `${process.pid}-${randomBytes(6).toString('hex')}`,
          nowMs: () => Date.now(),
        })
  const policy = log === null ? null : policyOf(log, config)
  if (policy !== null) await files.writePolicy(formatPolicy(policy))
  const witnessFor = config.record.witnessFor.map((key) => parseVerifierKey(sha256, key))
  const witness =
    log === null || witnessFor.length === 0
      ? null
      : namedKey(await recordKey(store, master, 'witness'), `${log.key.name}/witness`, 'cosignature')
  await shipping(store, shipped)

  async function openLog(): Promise<LogKey | null> {
    try {
      const key = await recordKey(store, master, 'log')
      const origin = await store.recordOrigin(config.record.origin ?? defaultOrigin(key))
      if (config.record.origin !== null && config.record.origin !== origin)
        report('record.origin_stays', { configured: config.record.origin, origin })
      return namedKey(key, origin, 'note')
    } catch (error) {
      if (!(error instanceof LogKeyError)) throw error
      report('record.not_ours', { code: error.code })
      return null
    }
  }

  let keys = new Map<string, KeyObject>()
  let keysAtMs = 0
  const dataKey = async (org: string): Promise<KeyObject> => {
    if (Date.now() - keysAtMs > KEYS_MS) {
      keys = new Map()
      keysAtMs = Date.now()
    }
    const known = keys.get(org) ?? createSecretKey(await sealer.dataKey(org))
    keys.set(org, known)
    return known
  }

  let shreds = await store.shreds()
  /** Also what another process destroyed. */
  const learnShreds = async () => {
    const now = await store.shreds()
    if (now === shreds) return
    shreds = now
    keys = new Map()
    await spread()
  }

  const admin = recordAdmin({ store, folder, log, policy, witness, witnessFor, forgotten: learnShreds })
  const sizes: WitnessSizes = new Map()
  let askedFor = ''
  /** Once for each published checkpoint; a witness that was away is asked at the next one. */
  const cosigned = async () => {
    if (policy === null || policy.witnesses.length === 0) return
    const checkpoint = (await store.logHead())?.checkpoint ?? ''
    if (checkpoint === askedFor) return
    await askWitnesses({ store, policy, sha256, verify: verifyEd25519, post, report }, sizes)
    askedFor = (await store.logHead())?.checkpoint ?? ''
    await publishRecord(store, files, sha256)
  }

  const cycle = async () => {
    await learnShreds()
    await closeRollups(store, sha256, Date.now())
    if (sealing === null) return
    await sealing.sealOnce()
    await publishRecord(store, files, sha256)
    await cosigned()
  }
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let faulty = false
  const tick = async () => {
    const started = Date.now()
    try {
      await cycle()
      if (faulty) report('record.recovered', {})
      faulty = false
    } catch (error) {
      const { code, name, message } = error as Error & { code?: unknown }
      if (!faulty) report('record.waiting', { code: String(code ?? name), why: message })
      faulty = true
    }
    if (!stopped) timer = setTimeout(next, Math.max(50, SEAL_MS - (Date.now() - started))).unref()
  }
  const next = () => {
    running = tick()
  }
  return {
    ...{ log, folder, cycle, admin },
    get shreds() {
      return shreds
    },
    record: {
      hasEntry: (head) => hasEntry(sha256, head),
      of: (row) =>
        recordOfReceipt(row, {
          sha256,
          random: () => randomBytes(32),
          nowMs: () => Date.now(),
          seal: async (org, text) => seal(await dataKey(org), text),
          exchange: (receipt) => keptExchange(store, sealer, receipt),
        }),
    },
    start: next,
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
      await cycle().catch(() => undefined)
    },
  }
}

/** The configuration's witnesses as a policy that names this log. */
function policyOf(log: LogKey, { record }: Config): Policy {
  const witnesses = record.witnesses.map(({ name, key, url }) => ({ name, key: parseVerifierKey(sha256, key), url }))
  const names = witnesses.map(({ name }) => name)
  const needs = record.quorum === 'any' ? 1 : record.quorum === 'all' ? names.length : Number(record.quorum)
  const asked = record.quorum !== 'none' && names.length > 0
  const policy: Policy = {
    logs: [{ key: log.key, url: null }],
    witnesses,
    groups: asked ? [{ name: 'witnesses', needs: Math.min(needs, names.length), members: names }] : [],
    quorum: asked ? 'witnesses' : null,
  }
  // Written as others read it: what is wrong with it shows here, not at theirs.
  return parsePolicy(sha256, formatPolicy(policy))
}

/** Says once which safeguard came with this version. */
async function shipping(store: Store, { slot, label, bundle }: { slot: string; label: string; bundle: string }) {
  const about = `shipped/${slot}/${label}`
  if ((await store.entryOf({ k: 'safeguard', about })) !== null) return
  const d = { move: 'ship', from: 'none', to: 'enforcing', slot, label, bundle }
  await store.addDrafts([{ k: 'safeguard', who: 'system:version', about, h: bundle, d }])
}

/** Kept request and answer of one decision as one text; null where it is not kept, or not to be read. */
async function keptExchange(store: Store, sealer: Sealer, { id, org, atMs }: Receipt): Promise<string | null> {
  for (const { subject, blob } of await store.contentsAt(org, atMs)) {
    const opened = await sealer.open(subject, blob).catch(() => null)
    const found = opened === null ? null : findContent(opened.toString(), id)
    if (found !== null) return `${found.request}\0${found.answer}`
  }
  return null
}

const WITNESS_TIMEOUT_MS = 5000
const MOST_ANSWER = 16 * 1024

async function post(url: string, body: Uint8Array): Promise<{ status: number; body: string }> {
  const signal = AbortSignal.timeout(WITNESS_TIMEOUT_MS)
  const response = await fetch(url, { method: 'POST', body: body.slice().buffer, signal, redirect: 'error' })
  return { status: response.status, body: (await response.text()).slice(0, MOST_ANSWER) }
}
