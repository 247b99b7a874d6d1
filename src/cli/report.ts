import { text as textOf } from 'node:stream/consumers'
import type { PrecedentList, ReportDetail, ReportList, ReportTaken } from '../admin/report-contract.ts'
import type { RecordView } from '../core/jailbreaks/exchange/record-view.ts'
import { intakeOfRecord } from '../core/jailbreaks/registry/from-record.ts'
import { loadConfig } from '../io/config/config.ts'
import { assertWritable, writeOut } from '../io/out-file.ts'
import { wholeText } from '../io/text-file.ts'
import { AdminClientError, adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal } from './command.ts'
import { allRecordViews } from './partner-feeds.ts'
import { instrument, override, sign } from './report-override.ts'
import { detailText, headText, listText, precedentsText, takenText } from './report-text.ts'

const USAGE = `sluice report intake FILE|--stdin        a report as JSON; see docs/guides/handle-a-report.md
sluice report take PUBLISHER/ID         a case of one's own from a partner's record, as feed sync brought it
sluice report list
sluice report show|precedents ID
sluice report record ID [--sha256 HASH]  the object that travels: as it would leave now, or as it left
sluice report acknowledge|triage|reproduce|respond|vendor-ack|withdraw ID -m REASON
sluice report assess ID --vector V [--measurements FILE] [--org O] [--harm H] [--target T] -m REASON
sluice report notify ID --vendor V --proof sha256:… [--compelled-by LAW] -m REASON    opens the slot for a reply
sluice report reply ID --org O --en TEXT|--ja TEXT [--status S] -m REASON
sluice report dispute ID --org O --claim METRIC -m REASON
sluice report settle ID --statement S -m REASON
sluice report correct ID --claim C --wrong TEXT --right TEXT [--briefs IDS] [--org O] -m REASON
sluice report translate ID --en TEXT|--ja TEXT -m REASON
sluice report ask-withdrawal ID --org O -m REASON; answer-withdrawal ID --statement S -m REASON
sluice report override ID --action A --hours N --people ID,ID [--key FILE] -m REASON   another action than the prescribed
sluice report sign ID --override INS    what is signed; then, by each of the two people:
sluice report sign ID --override INS --sha256 HASH --key FILE | --signature FILE
sluice report instrument ID --override INS [--payload] [--out FILE]    what was signed; the text to sign elsewhere
sluice report extend ID --days N -m REASON; fix ID --release R -m REASON
sluice report authority ID --name N --ground voluntary|law:… [--sent] -m REASON
sluice report start-clock|meet-clock ID --clock C -m REASON
sluice report publish ID [--tlp AMBER|GREEN|RED|CLEAR] [--out FILE] -m REASON
  --by NAME   who you are; operator unless told otherwise
`

export const takes: Takes = {
  command: 'report',
  flags: ['json', 'stdin', 'sent', 'payload'],
  values: [
    'admin',
    'by',
    'reason',
    'vector',
    'measurements',
    'org',
    'harm',
    'target',
    'vendor',
    'proof',
    'compelled-by',
    'en',
    'ja',
    'status',
    'claim',
    'statement',
    'wrong',
    'right',
    'briefs',
    'action',
    'hours',
    'people',
    'key',
    'override',
    'sha256',
    'signature',
    'days',
    'release',
    'name',
    'ground',
    'clock',
    'tlp',
    'out',
  ],
  page: USAGE,
}

/** Flags of each act, and the member of its body that each is. */
const ACTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...{ acknowledge: {}, triage: {}, reproduce: {}, respond: {}, 'vendor-ack': {}, withdraw: {} },
  assess: { vector: 'vector', org: 'org', harm: 'harm', target: 'target' },
  notify: { vendor: 'vendor', proof: 'proof', 'compelled-by': 'compelledBy' },
  reply: { org: 'org', status: 'status' },
  dispute: { org: 'org', claim: 'claim' },
  settle: { statement: 'statement' },
  correct: { org: 'org', claim: 'claim', wrong: 'wrong', right: 'right' },
  translate: {},
  'ask-withdrawal': { org: 'org' },
  'answer-withdrawal': { statement: 'statement' },
  extend: {},
  fix: { release: 'release' },
  authority: { name: 'name', ground: 'ground' },
  'start-clock': { clock: 'clock' },
  'meet-clock': { clock: 'clock' },
}

/** `sluice report`: reports of jailbreaks on a running instance, from intake to publication. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [verb, first] = rest
  const json = options.has('json')
  const base = () => adminUrl(options.get('admin'))
  const show = <T>(value: T, text: (value: T) => string) => {
    terminal.stdout(json ? `${JSON.stringify(value)}\n` : text(value))
    return EXIT.done
  }
  return reporting(terminal, async () => {
    if (verb === 'list') return show(await callAdmin<ReportList>(base(), '/api/reports'), listText)
    if (verb === 'intake' && (first !== undefined || options.has('stdin'))) {
      const report = jsonOf(options.has('stdin') ? await textOf(process.stdin) : wholeText(first!), first ?? 'stdin')
      const body = { report, ...(options.has('by') ? { by: options.get('by') } : {}) }
      return show(await callAdmin<ReportTaken>(base(), '/api/reports', body), takenText)
    }
    if (verb === undefined || first === undefined) return usage(terminal)
    if (verb === 'take') {
      const found = await partnersRecord(first)
      if (found === null) {
        terminal.stderr(`sluice report take: no record \`${first}\`; see \`sluice feed records\`\n`)
        return EXIT.negative
      }
      const body = { report: intakeOfRecord(found.publisher, found.record), by: options.get('by') ?? 'operator' }
      return show(await callAdmin<ReportTaken>(base(), '/api/reports', body), takenText)
    }
    const path = `/api/reports/${encodeURIComponent(first)}`
    if (verb === 'show') return show(await callAdmin<ReportDetail>(base(), path), detailText)
    if (verb === 'precedents') return show(await callAdmin<PrecedentList>(base(), `${path}/precedents`), precedentsText)
    if (verb === 'record') {
      const hash = options.get('sha256')
      const query = hash === undefined ? '' : `?sha256=${encodeURIComponent(hash)}`
      return show(
        await callAdmin<object>(base(), `${path}/record${query}`),
        (object) => `${JSON.stringify(object, null, 2)}\n`,
      )
    }
    if (verb === 'sign' || verb === 'instrument')
      return (verb === 'sign' ? sign : instrument)({ base: base(), id: first, options, terminal })
    const reason = options.get('reason')?.trim() ?? ''
    if (reason.length < 3) {
      terminal.stderr(`sluice report ${verb}: say why: -m "…"\n`)
      return EXIT.usage
    }
    const asking = { reason, by: options.get('by') ?? 'operator' }
    if (verb === 'override') return override({ base: base(), id: first, options, terminal }, asking)
    if (verb === 'publish') {
      const out = options.get('out')
      if (out !== undefined) assertWritable(out)
      const done = await callAdmin<{ report: ReportDetail; sha256: string; object: object }>(
        base(),
        `${path}/publish`,
        {
          ...asking,
          ...(options.has('tlp') ? { tlp: options.get('tlp') } : {}),
        },
      )
      if (out !== undefined) writeOut(out, `${JSON.stringify(done.object, null, 2)}\n`)
      return show(
        done,
        ({ report, sha256 }) => `${headText(report)}object sha256:${sha256}${out === undefined ? '' : `, in ${out}`}\n`,
      )
    }
    if (!Object.hasOwn(ACTS, verb)) return usage(terminal)
    return show(
      await callAdmin<ReportDetail>(base(), `${path}/${verb}`, { ...asking, ...bodyOf(verb, options) }),
      headText,
    )
  })
}

/** A record in force that a partner published; withdrawn ones are not taken. */
async function partnersRecord(name: string): Promise<RecordView | null> {
  const { dataFolder } = loadConfig(process.env, process.cwd())
  const found = (await allRecordViews(dataFolder)).find(({ publisher, record }) => `${publisher}/${record.id}` === name)
  return found === undefined || found.withdrawn ? null : found
}

function usage(terminal: Terminal): number {
  terminal.stderr(USAGE)
  return EXIT.usage
}

function bodyOf(verb: string, options: ReadonlyMap<string, string>): Record<string, unknown> {
  const named = Object.entries(ACTS[verb]!).flatMap(([flag, member]) =>
    options.has(flag) ? [[member, options.get(flag)] as const] : [],
  )
  const text = Object.fromEntries(
    (['en', 'ja'] as const).flatMap((lang) => (options.has(lang) ? [[lang, options.get(lang)]] : [])),
  )
  const measurements = options.get('measurements')
  return {
    ...Object.fromEntries(named),
    ...(verb === 'reply' ? { text } : {}),
    ...(verb === 'translate' ? { summary: text } : {}),
    ...(verb === 'extend' ? { days: Number(options.get('days')) } : {}),
    ...(verb === 'authority' ? { sent: options.has('sent') } : {}),
    ...(verb === 'correct' && options.has('briefs') ? { briefs: options.get('briefs')!.split(',') } : {}),
    ...(measurements === undefined ? {} : { measurements: jsonOf(wholeText(measurements), measurements) }),
  }
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new AdminClientError('refused', `${where}: not JSON; wanted one object`, { cause })
  }
}
