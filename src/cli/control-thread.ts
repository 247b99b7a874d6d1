import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { serve } from '@hono/node-server'
import { adminApp } from '../admin/app.ts'
import type { AdminPorts } from '../admin/ports.ts'
import { publicApp } from '../admin/public-app.ts'
import { type DecisionId, type OrgId, ulid } from '../core/base/ids.ts'
import { segmentOf } from '../core/base/segments.ts'
import type { Mode } from '../core/policy/policy.ts'
import { ADAPTERS } from '../core/protocols/adapters.ts'
import { readJson } from '../core/protocols/json.ts'
import { bundleHash } from '../core/safeguards/bundle.ts'
import { enforcingIn, joinedOf } from '../core/safeguards/slots.ts'
import { createFirstTime } from '../io/access/first-time.ts'
import type { Config } from '../io/config/config.ts'
import { createAssets } from '../io/http/assets.ts'
import { hashKey, newKeySecret } from '../io/keys/api-keys.ts'
import { capabilityOf, sameSecret } from '../io/keys/capability.ts'
import { createPartDigest, signatureSeed } from '../io/keys/part-digest.ts'
import { createSealer } from '../io/keys/sealer.ts'
import { loadSecrets } from '../io/keys/secrets.ts'
import { openSpoolSource } from '../io/spool/read-spool.ts'
import { findContent } from '../io/spool/segments.ts'
import { storedReceipt } from '../io/store/decision-rows.ts'
import { openStore } from '../io/store/open-store.ts'
import { openCalls } from '../io/thread/calls.ts'
import { createAppealAlarm } from '../jobs/appeal-alarm.ts'
import { createDrainer } from '../jobs/drain.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import { batchBook } from './batch-book.ts'
import type { Snapshot } from './control-link.ts'
import { openDrafts } from './draft-source.ts'
import { bundleOfSafeguard, embeddedSafeguard, PACKAGE_ROOT } from './embedded.ts'
import { keptContents } from './inspect-kept.ts'
import { listenFault } from './listen-fault.ts'
import { liveFact } from './live-line.ts'
import { openFeedTimer, openPartners } from './partner-side.ts'
import type { PublicReply, PublicRequest } from './public-page.ts'
import { openRecord } from './record-side.ts'
import { openRegistry } from './registry-side.ts'
import { openReleases } from './release-side.ts'
import type { ControlFacts } from './start-sluice.ts'

/**
 * The control side: store, drainer, console and its API. Runs in its own thread, so that a synchronous database never
 * holds a request up.
 */
const port = parentPort as unknown as MessagePort
/** Everything above is loaded while the gateway's thread still reads its configuration. */
const [{ config, version }] = (await once(port, 'message')) as [{ config: Config; version: string }]
let gateway: ControlFacts = {
  ...{ gatewayUrl: '', publicUrl: '', upstreams: [] },
  // What they can be asked is told by the gateway's side, which has them open.
  secondOpinions: [],
}
const startedAtMs = Date.now()
const sha256 = (text: string) => hash('sha256', text)

const store = await openStore(config.databaseUrl, config.dataFolder)
const secrets = await loadSecrets(config.dataFolder)
const sealer = createSealer({ master: secrets.master, store })
const embedded = embeddedSafeguard()
const { safeguard } = embedded
function report(event: string, facts: Readonly<Record<string, string | number>>): void {
  port.postMessage({ report: { event, facts } })
}
const isFirstUse = createFirstTime()
/** Rows that watching consoles are sent of one batch. */
const MOST_LIVE_ROWS = 200
const listeners = new Set<(rows: readonly StoredReceipt[]) => void>()
const record = await openRecord({
  ...{ store, sealer, config, report, master: secrets.master },
  spread: () => spread(),
  shipped: { slot: safeguard.slot, label: safeguard.release, bundle: bundleHash(bundleOfSafeguard(safeguard), sha256) },
})
const drainer = createDrainer({
  record: record.record,
  source: openSpoolSource(config.dataFolder),
  store,
  sha256,
  segmentOf: (head) => segmentOf(head, config.segments),
  nowMs: () => Date.now(),
  onReceipts: (rows) => {
    if (listeners.size === 0) return
    // Nobody reads a list that moves faster than this.
    const parsed = rows
      .slice(-MOST_LIVE_ROWS)
      .map(({ line, hash }) => storedReceipt({ receipt: line, receipt_hash: hash }))
    for (const listener of listeners) listener(parsed)
  },
  report,
})

const first = await store.mode()
let mode = first ?? { mode: config.mode, sinceMs: startedAtMs, by: 'configuration', reason: 'start' }
let keys = await store.keys()
const releases = await openReleases(
  { store, config, embedded: safeguard, report, detectors: () => gateway.secondOpinions },
  () => spread(),
)
/** Who may sign; a changed configuration counts at once. */
let people = config.people
let exceptions = await store.exceptions(startedAtMs)
const snapshot = (): Snapshot => ({ mode, keys, exceptions, releases: releases.current, shreds: record.shreds })
/** Every gateway learns it before the one who asked is told that it is so. */
const spread = () => calls.ask('snapshot', snapshot())

const feeds = openFeedTimer({ config, store, report })
const alarm = createAppealAlarm({ store, nowMs: () => Date.now(), report })
/** Past its clock an appeal is told to whoever runs this, within seconds. */
const ALARM_MS = 10_000
const alarmTimer = setInterval(
  () => void alarm.look().catch((error: Error) => report('appeals.waiting', { fault: error.name })),
  ALARM_MS,
).unref()

/** The policy that decides, of all slots: a release's own, once one enforces. */
const enforced = () => joinedOf(enforcingIn(releases.current))?.policy ?? safeguard.policy

const drafts = openDrafts({
  ...{ store, policy: enforced, kept: keptContents(store, sealer), report },
  segmentOf: (receipt) => segmentOf(receipt, config.segments),
  nowMs: () => Date.now(),
})

const ports: AdminPorts = {
  store,
  policy: enforced,
  scoreDraft: (draft) => drafts.score(draft),
  // Pages explain now and then: most instances never score anything here.
  get classifier() {
    return embedded.classifier()
  },
  record: record.admin,
  releases,
  reports: openRegistry({ store, config, people: () => people, report }),
  partners: openPartners(config.dataFolder, () => feeds.reads()),
  safeguardOf: (labels) => releases.safeguardOf(labels),
  sha256,
  async content({ id, org, atMs, surface }) {
    try {
      for (const { subject, blob } of await store.contentsAt(org, atMs)) {
        const found = findContent((await sealer.open(subject, blob)).toString(), id)
        const adapter = ADAPTERS.find((one) => one.surface === surface)
        if (found === null || adapter === undefined) continue
        const { turns } = adapter.decode(readJson(found.request), () => undefined)
        return { turns, answer: [found.answer] }
      }
    } catch {
      // Sealed under a key that is gone, or not this instance's: as good as not kept.
      report('content.unreadable', { id })
    }
    return null
  },
  capability: (id) => capabilityOf(secrets.capability, id),
  sameSecret,
  status: async () => ({
    version,
    mode: mode.mode,
    modeSinceMs: mode.sinceMs,
    modeBy: mode.by,
    safeguards: Object.fromEntries(
      Object.entries(releases.current).flatMap(([slot, { enforcing }]) =>
        enforcing === null ? [] : [[slot, enforcing.label]],
      ),
    ),
    gatewayUrl: gateway.gatewayUrl,
    upstreams: gateway.upstreams,
    retention: config.retention,
    retentionDays: config.retentionDays,
    startedAtMs,
    nowMs: Date.now(),
    spoolLagBytes: await drainer.lagBytes(),
    secondOpinions: gateway.secondOpinions.map(({ id }) => id),
    appeals: await alarm.look(),
  }),
  async setMode(next: Mode, by, reason) {
    mode = { mode: next, sinceMs: Date.now(), by, reason }
    await store.setMode(mode)
    await spread()
  },
  keys: () => keys,
  async addKey(name, org, settings) {
    const { id, secret } = newKeySecret()
    const hashed = hashKey(secrets.token, secret)
    const key = { id, name, org, hash: hashed, settings, createdAtMs: Date.now(), revokedAtMs: null }
    await store.addKey(key)
    keys = await store.keys()
    await spread()
    return { key, secret }
  },
  async revokeKey(id) {
    const revoked = await store.revokeKey(id, Date.now())
    keys = await store.keys()
    await spread()
    return revoked
  },
  partDigest: createPartDigest(secrets.principal),
  signatureSeed: signatureSeed(secrets.principal),
  newId: (prefix) => `${prefix}_${ulid(Date.now(), randomBytes(10))}`,
  async spread() {
    exceptions = await store.exceptions(Date.now())
    await spread()
  },
  stats: () => calls.ask('stats', null),
  subscribe(listener) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  asset: createAssets(`${PACKAGE_ROOT}/dist/console`),
  hosts: new Set(['localhost', '127.0.0.1', '[::1]', config.host]),
  get publicUrl() {
    return gateway.publicUrl
  },
  appealHours: config.appealHours,
  trustContact: config.trustContact,
  falsePositives: config.falsePositives,
  retentionDays: config.retentionDays,
  nowMs: () => Date.now(),
  report,
}
const app = adminApp(ports)
/** What the gateway's listener shows of it: no page and no address of the console, whatever the path says. */
const outside = publicApp(ports)

const calls = openCalls(port, {
  facts(facts: ControlFacts) {
    gateway = facts
  },
  reconfigure(next: Config) {
    people = next.people
  },
  watch() {
    listeners.add((rows) => port.postMessage({ live: rows.map(({ receipt }) => liveFact(receipt)) }))
  },
  dataKey: (subject: string) => sealer.dataKey(subject),
  receipt: (id: DecisionId) => store.receipt(id),
  ...batchBook(store, sealer),
  claimKept: ({ org, ids }: { org: OrgId; ids: readonly string[] }) => store.claimKept(org, ids, Date.now()),
  /** Every process of this machine asks here: a token has its effect once among them. */
  redeem: (decision: DecisionId) => isFirstUse(decision),
  keptOf: ({ org, ids }: { org: OrgId; ids: readonly string[] }) => store.keptOf(org, ids),
  async page({ method, path, headers, body }: PublicRequest): Promise<PublicReply> {
    const init = {
      method,
      headers: { ...headers, host: 'localhost' },
      ...(body === null ? {} : { body: body.slice().buffer }),
    }
    const reply = await outside.request(`http://localhost${path}`, init)
    return {
      status: reply.status,
      headers: Object.fromEntries(reply.headers),
      body: new Uint8Array(await reply.arrayBuffer()),
    }
  },
  async close() {
    await new Promise((resolve) => server.close(resolve))
    clearInterval(alarmTimer)
    await feeds.stop()
    await releases.stop()
    await drainer.stop()
    await record.stop()
    await store.close()
  },
})

const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
  const started = serve({ fetch: app.fetch, hostname: config.host, port: config.adminPort }, (info) => {
    port.postMessage({ ready: { adminPort: info.port, snapshot: snapshot() } })
    resolve(started)
  })
  started.once('error', (error) =>
    reject(listenFault(error, { host: config.host, port: config.adminPort, variable: 'SLUICE_ADMIN_PORT' })),
  )
})
drainer.start()
record.start()
releases.start()
feeds.start()
