import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { hex } from '../core/base/bytes.ts'
import { utf8Text } from '../core/base/utf8.ts'
import { toAvid } from '../core/jailbreaks/exchange/avid.ts'
import { toOsv } from '../core/jailbreaks/exchange/osv.ts'
import { keyOf, type RecordView } from '../core/jailbreaks/exchange/record-view.ts'
import { isLevel, LEVELS, type Level } from '../core/jailbreaks/exchange/tlp.ts'
import { scoreText } from '../core/jailbreaks/severity/score.ts'
import { type KnownPartner, pinPartner, readPartners } from '../io/exchange/partners.ts'
import { readWhole } from '../io/exchange/whole-file.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import type { FeedRecord } from '../jobs/feed/ports.ts'
import { pinDraft } from '../jobs/feed/record-drafts.ts'
import type { LevelSync } from '../jobs/feed/sync.ts'
import { EXIT, table } from './command.ts'
import { type Asked, FeedCommandError, levelOf, listOf } from './feed-mine.ts'
import { openFeedRecord } from './feed-record.ts'
import { openOwnFeed, publishTo } from './own-feed.ts'
import {
  allApplied,
  allRecordViews,
  cosignPartner,
  type FeedStatus,
  feedStatuses,
  findPartner,
  knownHere,
  resumeFeed,
  type SyncRun,
  syncOne,
} from './partner-feeds.ts'

/** `sluice feed pin NAME SOURCE --root HEX --how TEXT [--levels …] [--token-env NAME]` */
export async function pin({ options, rest: [name, source], dataFolder, terminal }: Asked): Promise<number> {
  const [root, how] = [options.get('root'), options.get('how')]
  if (name === undefined || source === undefined || !root || !how)
    throw new FeedCommandError('option', 'wanted NAME SOURCE --root HEX, and --how the hash was compared')
  const levels = listOf(options.get('levels') ?? LEVELS.join(','))
  if (!levels.every(isLevel)) throw new FeedCommandError('option', `--levels: wanted some of ${LEVELS.join(', ')}`)
  const by = options.get('by') ?? userInfo().username
  const facts = { by, how, at: new Date().toISOString(), tokenEnv: options.get('token-env') ?? null }
  const { partner } = await pinPartner(dataFolder, { name, source, root, levels: levels as Level[], ...facts })
  const record = await openFeedRecord()
  await record.tell(pinDraft(partner.name, partner.root)).finally(() => record.close())
  terminal.stdout(options.has('json') ? `${JSON.stringify(partner)}\n` : `${name}: pinned to ${root}\n`)
  return EXIT.done
}

/** `sluice feed cosign NAME [--folder DIR] [--level LEVEL]` */
export async function cosign({ options, rest: [name], dataFolder, terminal }: Asked): Promise<number> {
  if (name === undefined) throw new FeedCommandError('option', 'wanted the NAME of a pinned partner')
  const known = await findPartner(dataFolder, name)
  const folder = options.get('folder') ?? known.partner.source
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new FeedCommandError('option', '--folder: wanted the folder in which its feed is written')
  const own = options.get('name') ?? (await openOwnFeed(dataFolder)).name
  const levels = options.has('level') ? [levelOf(options)] : known.partner.levels
  for (const level of levels) {
    const at = { level, folder, witness: `${own}/witness`, nowMs: Date.now() }
    const { origin, size } = await cosignPartner(dataFolder, known, at)
    terminal.stdout(`${origin}: cosigned at size ${size}\n`)
  }
  return EXIT.done
}

/** `sluice feed sync [NAME] [--dispute]` */
export async function sync({ options, rest: [name], dataFolder, terminal }: Asked): Promise<number> {
  const known = name === undefined ? await readPartners(dataFolder) : [await findPartner(dataFolder, name)]
  if (known.length === 0) throw new FeedCommandError('option', 'no partner is pinned; `sluice feed pin` pins one')
  let worst: number = EXIT.done
  const record = await openFeedRecord()
  try {
    for (const one of known) await syncWith(one, record.of(one.folder))
  } finally {
    await record.close()
  }
  return worst

  async function syncWith(one: KnownPartner, to: FeedRecord): Promise<void> {
    const run = await syncOne(dataFolder, one, Date.now, to)
    terminal.stdout(options.has('json') ? `${JSON.stringify(run)}\n` : syncText(run))
    for (const level of run.levels) {
      if (level.kind === 'unreachable' && worst === EXIT.done) worst = EXIT.unavailable
      if (['stopped', 'untrusted', 'refused'].includes(level.kind)) worst = EXIT.negative
      if (level.kind === 'stopped' && options.has('dispute')) await dispute(dataFolder, one, level.level)
    }
  }
}

function syncText({ partner, levels, requests, bytes }: SyncRun): string {
  const rows = levels.map(({ level, kind, reason, size, applied, quarantined, pending, fresh }: LevelSync) => [
    ...[partner, level, kind, String(size), String(applied), String(quarantined.length), String(pending)],
    ...[fresh ? 'fresh' : 'stale', reason ?? ''],
  ])
  const head = ['partner', 'level', 'outcome', 'size', 'applied', 'aside', 'pending', 'freshness', '']
  const aside = levels.flatMap(({ level, quarantined }) =>
    quarantined.map(({ pointer, index, reason, detail }) => `${level} ${pointer?.id ?? index}: ${reason}: ${detail}\n`),
  )
  return `${table([head, ...rows])}${aside.join('')}${requests} requests, ${bytes} bytes\n`
}

/** Tells the other partners: both signed checkpoints, in one's own feed at the level of the log. Once for each pair. */
async function dispute(dataFolder: string, { partner, store, folder }: KnownPartner, level: Level): Promise<void> {
  const state = await store.state(level)
  if (state?.stopped == null) return
  const notes = await Promise.all(state.stopped.evidence.map((file) => readWhole(`${folder}/evidence/${file}`, 65_536)))
  if (notes.some((note) => note === null)) return
  const [known, served] = notes as [Uint8Array, Uint8Array]
  const evidence = [known, served].map((note) => `sha256:${hex(sha256(note))}`)
  const said = await allApplied(dataFolder)
  const told = said.some(
    ({ type, object }) =>
      type === 'statement' && object.kind === 'dispute' && evidence.every((one) => object.evidence.includes(one)),
  )
  if (told) return
  const fork = state.stopped.reason === 'fork'
  const object = {
    ...{ kind: 'dispute', claim: 'log', evidence, checkpoints: [utf8Text(known), utf8Text(served)] },
    about: { publisher: partner.name, id: state.origin, sha256: hex(sha256(served)) },
    reason: {
      en: fork ? 'This log signed two checkpoints that contradict each other.' : 'This log became smaller than it was.',
      ja: fork
        ? 'このログは互いに矛盾する二つのチェックポイントに署名しました。'
        : 'このログは以前より小さくなりました。',
    },
  }
  const at = { nowMs: Date.now(), knownAt: await knownHere(dataFolder) }
  await publishTo(dataFolder, level, [{ type: 'statement', object }], at)
}

/** `sluice feed list` */
export async function list({ options, dataFolder, terminal }: Asked): Promise<number> {
  const statuses = await feedStatuses(dataFolder, Date.now())
  if (options.has('json')) terminal.stdout(`${JSON.stringify(statuses)}\n`)
  else
    terminal.stdout(
      table([
        ['partner', 'level', 'size', 'applied', 'aside', 'pending', 'state', 'fresh until', 'disputed by'],
        ...statuses.map((one: FeedStatus) => [
          ...[one.partner, one.level, String(one.size), String(one.applied), String(one.quarantined.length)],
          ...[String(one.pending), one.stopped?.reason ?? (one.fresh ? 'fresh' : 'stale')],
          one.freshUntilMs === null ? 'no quorum saw it' : new Date(one.freshUntilMs).toISOString(),
          one.disputedBy.join(', '),
        ]),
      ]),
    )
  return EXIT.done
}

/** `sluice feed records`, and `sluice feed show PUBLISHER/ID`: what is in force, and what others say of it. */
export async function records({ options, rest: [id], dataFolder, terminal }: Asked): Promise<number> {
  const views = await allRecordViews(dataFolder)
  const wanted = id === undefined ? views : [viewOf(views, id)]
  if (options.has('json')) terminal.stdout(`${JSON.stringify(id === undefined ? wanted : wanted[0])}\n`)
  else
    terminal.stdout(
      table([
        ['record', 'level', 'consensus', 'state', 'said of it'],
        ...wanted.map((view) => [
          ...[keyOf(view.publisher, view.record.id), view.level, consensusText(view)],
          view.withdrawn ? 'withdrawn' : view.disputed ? 'disputed' : 'in force',
          view.statements.map(({ statement, by }) => `${statement.kind} by ${by}`).join(', '),
        ]),
      ]),
    )
  return EXIT.done
}

/** A disputed record has no number; every party's own stays in the JSON. */
function consensusText({ disputed, cells }: RecordView): string {
  if (disputed) return 'disputed'
  const known = cells.flatMap(({ tenths }) => (tenths === null ? [] : [tenths]))
  return known.length === 0 ? 'not measured' : scoreText(Math.max(...known))
}

export function viewOf(views: readonly RecordView[], id: string): RecordView {
  const found = views.find((view) => keyOf(view.publisher, view.record.id) === id)
  if (found === undefined)
    throw new FeedCommandError('option', `no record \`${id}\` is in force here; \`sluice feed records\` lists them`)
  return found
}

/** `sluice feed export PUBLISHER/ID --as osv|avid`: what is lost goes to stderr. */
export async function exportAs({ options, rest: [id], dataFolder, terminal }: Asked): Promise<number> {
  const format = options.get('as')
  if (id === undefined || (format !== 'osv' && format !== 'avid'))
    throw new FeedCommandError('option', 'wanted PUBLISHER/ID --as osv|avid')
  const { record } = viewOf(await allRecordViews(dataFolder), id)
  const { document, lost, bends } = format === 'osv' ? toOsv(record) : toAvid(record)
  terminal.stdout(`${JSON.stringify(document, null, 2)}\n`)
  if (lost.length > 0) terminal.stderr(`not in it: ${lost.join(', ')}\n`)
  for (const bend of bends) terminal.stderr(`bends the format: ${bend}\n`)
  return EXIT.done
}

/** `sluice feed resume NAME --level LEVEL -m REASON`: a person looked at the evidence. */
export async function resume({ options, rest: [name], dataFolder, terminal }: Asked): Promise<number> {
  const reason = options.get('reason')?.trim() ?? ''
  if (name === undefined || reason.length < 3)
    throw new FeedCommandError('option', 'wanted NAME --level LEVEL -m REASON')
  const level = levelOf(options)
  const known = await findPartner(dataFolder, name)
  const record = await openFeedRecord()
  const resumed = await resumeFeed(known, level, reason, record.of(known.folder)).finally(() => record.close())
  terminal.stdout(resumed ? `${name} ${level}: goes on from what was known\n` : `${name} ${level}: was not stopped\n`)
  return resumed ? EXIT.done : EXIT.negative
}
