import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { ReleaseRow, SafeguardInForce } from '../admin/release-contract.ts'
import { hex } from '../core/base/bytes.ts'
import type { Artefact } from '../core/jailbreaks/exchange/record.ts'
import type { RecordView } from '../core/jailbreaks/exchange/record-view.ts'
import type { Level } from '../core/jailbreaks/exchange/tlp.ts'
import { type Bundle, parseBundle } from '../core/safeguards/bundle.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { AttachmentError, encryptionKey, openSealed } from '../io/exchange/attachment.ts'
import { openSource } from '../io/exchange/feed-source.ts'
import { feedsFolder } from '../io/exchange/partners.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import { writeBundleFolder } from '../io/safeguards/bundle-folder.ts'
import { adminUrl, callAdmin } from './admin-client.ts'
import { dataReport } from './collateral-data.ts'
import { settingsFrom } from './collateral-settings.ts'
import { collateralText } from './collateral-text.ts'
import { EXIT } from './command.ts'
import { type Asked, artefactPath, FeedCommandError } from './feed-mine.ts'
import { viewOf } from './feed-theirs.ts'
import { loadApplied } from './judge.ts'
import { ownKeys } from './own-feed.ts'
import { allRecordViews, feedStatuses, findPartner } from './partner-feeds.ts'

/** A detector as it travels: a family head, or signatures; checked as part of a bundle. */
const detectorSchema = z.union([
  z.object({ v: z.literal(1), family: z.record(z.string(), z.unknown()) }),
  z.object({ v: z.literal(1), rules: z.array(z.record(z.string(), z.unknown())).min(1).max(100) }),
])

const MOST_ARTEFACT_BYTES = 16 * 1024 * 1024

/**
 * `sluice feed accept PUBLISHER/ID --data DIR`: measures a partner's detector here, on one's own traffic and permanent
 * sets, and only then drafts a release with it that looks on. What is enforced stays as it is: promoting is a person's.
 */
export async function accept({ options, rest: [id], dataFolder, terminal }: Asked): Promise<number> {
  const data = options.get('data')
  if (id === undefined || !data) throw new FeedCommandError('option', 'wanted PUBLISHER/ID and --data DIR')
  const view = viewOf(await allRecordViews(dataFolder), id)
  if (view.withdrawn) throw new FeedCommandError('option', `${id} is withdrawn`)
  await warnWhereStale(view, dataFolder, terminal)
  const [detector] = await artefactsOf(view, 'detector', dataFolder)
  if (detector === undefined)
    throw new FeedCommandError('option', `${id}: has no detector in its feed; ask its publisher`)
  const [cases] = await artefactsOf(view, 'cases', dataFolder)
  const base = adminUrl(options.get('admin'))
  const now = await callAdmin<SafeguardInForce>(base, '/api/safeguards/base')
  const before = parseBundle(now.bundle)
  const { after, family } = withDetector(before, detector)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-accept-'))
  try {
    writeBundleFolder(join(folder, 'before'), before)
    writeBundleFolder(join(folder, 'after'), after)
    const attacks = cases === undefined || family === null ? null : join(folder, 'cases.jsonl')
    if (attacks !== null) writeFileSync(attacks, cases!, { mode: 0o600 })
    const claimed = attacks === null ? options : new Map([...options, ['family', family!], ['claim', '0.99']])
    const report = await dataReport({
      ...{ before: await loadApplied(join(folder, 'before')), after: await loadApplied(join(folder, 'after')) },
      ...{ folder: data, attacks, family: attacks === null ? null : family, against: null },
      settings: settingsFrom(claimed),
      progress: (share) => terminal.stderr(`\r${Math.round(100 * share)} %   `),
    })
    terminal.stderr('\r')
    const kept = keepMeasured(dataFolder, view, report)
    const release = await drafted(base, view, after, report, { untested: family !== null && attacks === null })
    const facts = {
      record: id,
      outcome: report.outcome,
      measured: kept,
      release: release.id,
      stage: release.state.stage,
    }
    terminal.stdout(
      options.has('json')
        ? `${JSON.stringify(facts)}\n`
        : `${collateralText(report, 'en')}\n${release.id}: drafted, and looking on; nothing acts on it until somebody promotes it\n${kept}\n`,
    )
    return report.outcome === 'pass' ? EXIT.done : report.outcome === 'fail' ? EXIT.negative : EXIT.inconclusive
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A person may look at what is old; nothing does so by itself. */
async function warnWhereStale(view: RecordView, dataFolder: string, terminal: Asked['terminal']): Promise<void> {
  const feed = (await feedStatuses(dataFolder, Date.now())).find(
    ({ partner, level }) => partner === view.publisher && level === view.level,
  )
  if (feed?.fresh !== true)
    terminal.stderr(`${view.publisher} ${view.level}: this feed is stale; what it says may be old\n`)
  if (view.disputed) terminal.stderr(`${view.publisher}/${view.record.id}: is disputed; see \`sluice feed records\`\n`)
}

/** Files of the feed that a record names, each whole and the one that was signed. */
async function artefactsOf(
  view: RecordView,
  kind: Artefact['kind'],
  dataFolder: string,
): Promise<readonly Uint8Array[]> {
  const named = view.record.artefacts.filter((one) => one.kind === kind && one.access === 'feed')
  const { partner, store } = await findPartner(dataFolder, view.publisher)
  const token = partner.tokenEnv === null ? null : (process.env[partner.tokenEnv] ?? null)
  const source = openSource(partner.source, { token })
  const found: Uint8Array[] = []
  try {
    for (const { sha256: hash, len } of named) {
      if (len === undefined || len > MOST_ARTEFACT_BYTES)
        throw new FeedCommandError('file', `artefact ${hash}: larger than ${MOST_ARTEFACT_BYTES} bytes`)
      const path = artefactPath(view.level, hash)
      const file = (await store.read(path)) ?? (await source.read(path, len))
      if (file === null) throw new FeedCommandError('file', `artefact ${hash}: is not in the feed yet; try again later`)
      if (file.length !== len || hex(sha256(file)) !== hash)
        throw new FeedCommandError('file', `artefact ${hash}: is not the file that was signed`)
      await store.write(path, file)
      found.push(await opened(file, view.level, dataFolder))
    }
  } finally {
    await source.close()
  }
  return found
}

async function opened(file: Uint8Array, level: Level, dataFolder: string): Promise<Uint8Array> {
  if (level !== 'red') return file
  const { own } = await encryptionKey(ownKeys(dataFolder), 'this instance')
  try {
    return await openSealed(file, own)
  } catch (error) {
    if (!(error instanceof AttachmentError)) throw error
    throw new FeedCommandError('file', error.message, { cause: error })
  }
}

/** The safeguard in force with the detector in it. Signatures only mark: how hard they act is for a person to raise. */
function withDetector(before: Bundle, file: Uint8Array): { readonly after: Bundle; readonly family: string | null } {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file))
  } catch (cause) {
    throw new FeedCommandError('file', 'detector: wanted JSON', { cause })
  }
  const read = detectorSchema.safeParse(value)
  if (!read.success) throw new FeedCommandError('file', 'detector: wanted {v: 1, family} or {v: 1, rules}')
  if ('family' in read.data) {
    const family = typeof read.data.family.id === 'string' ? read.data.family.id : null
    return { after: parseBundle({ ...before, families: [...before.families, read.data.family] }), family }
  }
  const rules = read.data.rules.map((rule) => ({ ...rule, action: 'flag' }))
  return { after: parseBundle({ ...before, rules: [...before.rules, ...rules] }), family: null }
}

function keepMeasured(dataFolder: string, view: RecordView, report: CollateralReport): string {
  const folder = join(feedsFolder(dataFolder), 'accepted', encodeURIComponent(view.publisher), view.record.id)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'measured.json')
  writeFileSync(path, `${JSON.stringify({ record: view.sha256, report })}\n`)
  return path
}

/** Draft, what was measured, evaluation, dry run: the moves that need nobody's approval, and no other. */
async function drafted(
  base: string,
  view: RecordView,
  bundle: Bundle,
  report: CollateralReport,
  { untested }: { readonly untested: boolean },
): Promise<ReleaseRow> {
  const asking = { by: 'operator', reason: `detector of ${view.publisher}/${view.record.id}, measured here` }
  const { id } = await callAdmin<ReleaseRow>(base, '/api/releases', { ...asking, bundle })
  const path = `/api/releases/${encodeURIComponent(id)}`
  await callAdmin(base, `${path}/evidence`, { ...asking, kind: 'collateral', body: report })
  if (untested) {
    const says = 'n = 0: the partner sent no held-out cases, so what is missed was not measured'
    const gates = [{ id: 'miss_bound', outcome: 'inconclusive', says }]
    const body = { record: `${view.publisher}/${view.record.id}`, sha256: view.sha256 }
    await callAdmin(base, `${path}/evidence`, { ...asking, kind: 'partner-detector', body, gates })
  }
  await callAdmin(base, `${path}/evaluate`, asking)
  return callAdmin<ReleaseRow>(base, `${path}/dry-run`, asking)
}
