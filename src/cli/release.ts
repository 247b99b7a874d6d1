import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReleaseDetail, ReleaseList, ReleaseRow } from '../admin/release-contract.ts'
import { readBundleArchive, readBundleFolder } from '../io/safeguards/bundle-folder.ts'
import type { ReportRun } from '../jobs/report-runs.ts'
import { AdminClientError, adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal } from './command.ts'
import { detailText, headText, listText, stageText } from './release-text.ts'

const USAGE = `sluice release list
sluice release show|watch RELEASE
sluice release draft FOLDER|FILE.sluice -m REASON
sluice release edit RELEASE FOLDER|FILE.sluice -m REASON
sluice release report RELEASE               the pack
sluice release report RELEASE [--days N] -m REASON    makes the collateral report over stored decisions, and attaches it
sluice release report RELEASE --attach FILE.json -m REASON    a collateral report, or {kind, gates, body}
sluice release evaluate|submit|approve|promote|pause|resume|rollback|abandon|dry-run|dry-run-end RELEASE -m REASON
sluice release veto RELEASE --ground GROUND [--days N] -m REASON
  --accept-inconclusive   promote although too few sessions were seen: you take it on yourself
  --authority ID          as which authority you approve or veto
  --by NAME               who you are; operator unless told otherwise
`

export const takes: Takes = {
  command: 'release',
  flags: ['json', 'accept-inconclusive'],
  values: ['admin', 'by', 'reason', 'days', 'attach', 'authority', 'ground'],
  page: USAGE,
}

const MOVES = [
  ...['evaluate', 'submit', 'approve', 'veto', 'promote', 'pause', 'resume'],
  ...['rollback', 'abandon', 'dry-run', 'dry-run-end'],
]

/** `sluice release`: every move of a safeguard release, on a running instance. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, first, second] = rest
  const json = options.has('json')
  const base = () => adminUrl(options.get('admin'))
  const show = <T>(value: T, text: (value: T) => string) => {
    terminal.stdout(json ? `${JSON.stringify(value)}\n` : text(value))
    return EXIT.done
  }
  return reporting(terminal, async () => {
    if (verb === 'list') return show(await callAdmin<ReleaseList>(base(), '/api/releases'), listText)
    if (verb === undefined || first === undefined) return usage(terminal)
    const path = `/api/releases/${encodeURIComponent(first)}`
    if (verb === 'show') return show(await callAdmin<ReleaseDetail>(base(), path), detailText)
    if (verb === 'watch') return watch(base(), path, json, terminal)
    if (verb === 'report' && !options.has('attach') && !options.has('reason'))
      return show(await callAdmin<ReleaseDetail>(base(), path), detailText)
    const asking = askingOf(options)
    if (asking === null) {
      terminal.stderr(`sluice release ${verb}: say why: -m "…"\n`)
      return EXIT.usage
    }
    if (verb === 'draft')
      return show(
        await callAdmin<ReleaseRow>(base(), '/api/releases', { ...asking, bundle: bundleAt(first) }),
        headText,
      )
    if (verb === 'edit' && second !== undefined)
      return show(
        await callAdmin<ReleaseRow>(base(), `${path}/edit`, { ...asking, bundle: bundleAt(second) }),
        headText,
      )
    if (verb === 'report' && !options.has('attach')) {
      const days = options.has('days') ? { days: Number(options.get('days')) } : {}
      await callAdmin<ReportRun>(base(), `${path}/report`, { ...asking, ...days })
      return made(base(), path, json, terminal)
    }
    if (verb === 'report') {
      const report = fileAt(options.get('attach')!)
      return show(
        await callAdmin<{ hash: string }>(base(), `${path}/evidence`, { ...asking, ...report }),
        ({ hash }) => `${hash} attached\n`,
      )
    }
    if (!MOVES.includes(verb)) return usage(terminal)
    return show(await callAdmin<ReleaseRow>(base(), `${path}/${verb}`, { ...asking, ...moreOf(options) }), headText)
  })
}

function usage(terminal: Terminal): number {
  terminal.stderr(USAGE)
  return EXIT.usage
}

function askingOf(options: ReadonlyMap<string, string>): { readonly reason: string; readonly by: string } | null {
  const reason = options.get('reason')?.trim() ?? ''
  return reason.length < 3 ? null : { reason, by: options.get('by') ?? 'operator' }
}

function moreOf(options: ReadonlyMap<string, string>): Record<string, unknown> {
  return {
    ...(options.has('accept-inconclusive') ? { acceptInconclusive: true } : {}),
    ...(options.has('authority') ? { authority: options.get('authority') } : {}),
    ...(options.has('ground') ? { ground: options.get('ground') } : {}),
    ...(options.has('days') ? { days: Number(options.get('days')) } : {}),
  }
}

function bundleAt(path: string) {
  return path.endsWith('.sluice') ? readBundleArchive(path) : readBundleFolder(path, 'check')
}

function fileAt(path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    // A collateral report as `sluice collateral` writes it is attached as it is: its gates are read from it.
    if (value !== null && typeof value === 'object')
      return 'body' in value ? value : { kind: 'collateral', body: value }
  } catch (cause) {
    throw new AdminClientError('refused', `${path}: cannot be read as JSON; wanted {kind, gates, body}`, { cause })
  }
  throw new AdminClientError('refused', `${path}: wanted {kind, gates, body}`)
}

/** Waits for the report, and says how far it is. INCONCLUSIVE is no pass: the gates say so when they are computed. */
async function made(base: string, path: string, json: boolean, terminal: Terminal): Promise<number> {
  for (;;) {
    const { report } = await callAdmin<ReleaseDetail>(base, path)
    if (report === null)
      throw new AdminClientError('refused', 'the instance was started again, and the report with it is gone; ask again')
    const left = report.secondsLeft === null ? '?' : String(Math.ceil(report.secondsLeft))
    terminal.stderr(`\r${report.requestsDone} of ${report.requests}, ${left} s left   `)
    if (report.state === 'running') {
      await sleep(500)
      continue
    }
    terminal.stderr('\r')
    if (report.state === 'failed') throw new AdminClientError('refused', `the report failed: ${report.error}`)
    terminal.stdout(json ? `${JSON.stringify(report)}\n` : `${report.report} attached\n`)
    return EXIT.done
  }
}

/** One line for every change, until the release has come to an end. */
async function watch(base: string, path: string, json: boolean, terminal: Terminal): Promise<number> {
  let seen = 0
  for (;;) {
    const detail = await callAdmin<ReleaseDetail>(base, path)
    for (const move of detail.moves.filter(({ seq }) => seq > seen)) {
      seen = move.seq
      const line = `${new Date(move.atMs).toISOString()} ${move.kind} by ${move.by}: ${move.from} → ${move.to}`
      terminal.stdout(json ? `${JSON.stringify(move)}\n` : `${line}  (${stageText(detail.row)})\n`)
    }
    if (['superseded', 'abandoned', 'rolled_back'].includes(detail.row.state.stage)) return EXIT.done
    await sleep(1000)
  }
}
