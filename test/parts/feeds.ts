import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { initFeed, openOwnFeed, publishTo, witnessSigner } from '../../src/cli/own-feed.ts'
import { cosignPartner, knownHere, type SyncRun, syncOne } from '../../src/cli/partner-feeds.ts'
import type { Level } from '../../src/core/jailbreaks/exchange/tlp.ts'
import { formatVerifierKey } from '../../src/core/record/note-key.ts'
import { type KnownPartner, pinPartner } from '../../src/io/exchange/partners.ts'
import type { FeedAlarm, FeedRecord, SyncReceipt } from '../../src/jobs/feed/ports.ts'
import type { Authored } from '../../src/jobs/feed/publish.ts'

/** A day of June 2026 that the records of these tests lie before. */
export const NOW = Date.UTC(2026, 5, 20, 12)

/** One instance: its data, its feed, and what it has written to its record. */
export interface Member {
  readonly name: string
  readonly data: string
  readonly feed: string
  readonly receipts: SyncReceipt[]
  readonly alarms: FeedAlarm[]
  readonly record: FeedRecord
  publish(level: Level, ...objects: readonly Authored[]): Promise<readonly string[]>
  /** Every level is cosigned by this one's witness. */
  witness(other: Member, nowMs?: number): Promise<void>
  pin(other: Member, source?: string, levels?: readonly Level[]): Promise<KnownPartner>
  sync(other: Member, nowMs?: number): Promise<SyncRun>
}

export interface Coalition {
  readonly folder: string
  readonly members: readonly Member[]
  remove(): void
}

/** Instances in folders; each is witnessed by all the others, one signature is enough. */
export async function coalition(...names: readonly string[]): Promise<Coalition> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-exchange-'))
  const dataOf = (name: string) => join(folder, name, 'data')
  const witnesses = new Map(
    names.map((name) => [name, formatVerifierKey(witnessSigner(dataOf(name), `${name}/witness`).key)]),
  )
  const members: Member[] = []
  for (const name of names) {
    const feed = join(folder, name, 'feed')
    const others = names.filter((other) => other !== name).map((other) => witnesses.get(other)!)
    const settings = { folder: feed, name, contact: 'duty-roster', jurisdiction: 'JP', witnesses: others }
    await initFeed(dataOf(name), { ...settings, quorum: others.length === 0 ? 0 : 1, maxAgeH: 24 }, NOW - 86_400_000)
    members.push(member(name, dataOf(name), feed))
  }
  return { folder, members, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export function member(name: string, data: string, feed: string): Member {
  const pinned = new Map<string, KnownPartner>()
  const receipts: SyncReceipt[] = []
  const alarms: FeedAlarm[] = []
  const record: FeedRecord = {
    async receipt(one) {
      if (!receipts.some(({ origin, size }) => origin === one.origin && size === one.size)) receipts.push(one)
    },
    async alarm(one) {
      alarms.push(one)
    },
  }
  const self: Member = {
    ...{ name, data, feed, receipts, alarms, record },
    async publish(level, ...objects) {
      const { pointers } = await publishTo(data, level, objects, { nowMs: NOW, knownAt: await knownHere(data) })
      return pointers.map(({ sha256 }) => sha256)
    },
    async witness(other, nowMs = NOW) {
      const known = pinned.get(other.name) ?? (await self.pin(other))
      for (const level of ['clear', 'green', 'amber', 'red'] as const)
        await cosignPartner(data, known, { level, folder: other.feed, witness: `${name}/witness`, nowMs })
    },
    async pin(other, source = other.feed, levels = ['clear', 'green', 'amber', 'red']) {
      const { chain } = await openOwnFeed(other.data)
      const how = 'read aloud over the telephone'
      const facts = { root: chain[0]!.sha256, by: 'u-1', how, at: '2026-06-19T00:00:00Z', tokenEnv: null }
      const known = await pinPartner(data, { name: other.name, source, levels: [...levels], ...facts })
      pinned.set(other.name, known)
      return known
    },
    sync: async (other, nowMs = NOW) =>
      syncOne(data, pinned.get(other.name) ?? (await self.pin(other)), () => nowMs, record),
  }
  return self
}

/** A record as a partner writes it; `more` changes members. */
export function aRecord(number: number, more: Readonly<Record<string, unknown>> = {}): Authored {
  return {
    type: 'record',
    object: {
      ...{ schema_version: '1.0', id: `JRX-2026-${String(number).padStart(6, '0')}` },
      ...{ modified: '2026-06-13T09:20:00Z', published: '2026-06-13T09:20:00Z', aliases: [] },
      related: [{ type: 'atlas', id: 'AML.T0054' }],
      summary: {
        en: 'Asking to fix code is answered where asking to review it is not',
        ja: '点検は拒否されるが修正は通る',
      },
      reporter: { org: 'partner-a', contact: 'duty-roster' },
      technique: { class: 'benign-reframing', fingerprint: null, statutory: false },
      affected: [
        {
          model: { vendor: 'vendor-x', name: 'model-f', version: '5' },
          safeguard: { introduced: 'cyber-2026.06.09', fixed: null },
        },
      ],
      ...{ transfer: [], assessments: [anAssessment('partner-a')] },
      severity: [{ type: 'JSS_V1', score: LOW }],
      artefacts: [{ kind: 'task-set', sha256: 'c0'.repeat(32), access: 'RED on request' }],
      disclosure: {
        ...{ reported_to_vendor: '2026-06-12T08:00:00Z', vendor_ack: null, embargo_until: null },
        authorities: [{ name: 'authority-1', ground: 'voluntary', sent: null }],
        clocks: [],
      },
      legitimate_use: { share: 'D', note: 'debugging requests have the same wording' },
      withdrawn: null,
      ...more,
    },
  }
}

export const LOW = 'JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U'

/** The first worked example of the format: 1.3 Low, 0.0 to 1.4. */
export function anAssessment(by: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ by, at: '2026-06-13T09:00:00Z', harm: 'cyber.vulnerability-discovery', vector: LOW },
    ...{ panel: `P-2026Q2@sha256:${'91'.repeat(32)}`, score: 1.3, interval: [0, 1.4], band: 'Low' },
    uplift: {
      ...{ u: 0.02, ci95: [-0.08, 0.12], tasks: 40, attempts: 10, discordant: 0.12, estimator: 'crossfit5' },
      ...{ best_baseline: 'vendor-y/model-5.5', cost_ratio: 1.1, cost_ratio_ci95: [0.8, 1.6] },
    },
    reliability: { success: 29, sessions: 36, wilson95: [0.65, 0.9] },
    ...more,
  }
}

/** Every file below a folder, by its path, as hex or text is of no interest: bytes. */
export function filesIn(folder: string, skip: (path: string) => boolean = () => false): Map<string, string> {
  const files = new Map<string, string>()
  const walk = (at: string) => {
    for (const name of readdirSync(at)) {
      const path = join(at, name)
      const short = relative(folder, path)
      if (skip(short)) continue
      if (statSync(path).isDirectory()) walk(path)
      else files.set(short, readFileSync(path).toString('base64'))
    }
  }
  walk(folder)
  return files
}

/** A copy of a feed, to spoil. */
export function copyOf(folder: string, to: string): string {
  mkdirSync(to, { recursive: true })
  cpSync(folder, to, { recursive: true })
  return to
}

export interface FileServer {
  readonly url: string
  /** Paths asked for since the last look. */
  asked(): readonly string[]
  close(): Promise<void>
}

/** Plain files over HTTP on loopback, as any web server gives them. */
export async function serveFolder(folder: string): Promise<FileServer> {
  let paths: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').slice(1)
    paths.push(path)
    try {
      response.end(readFileSync(join(folder, path)))
    } catch {
      response.statusCode = 404
      response.end('no such file')
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked() {
      const seen = paths
      paths = []
      return seen
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}
