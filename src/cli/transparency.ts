import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Published, transparencyFeed } from '../core/briefs/transparency/feed.ts'
import { monthOf } from '../core/briefs/transparency/month.ts'
import { reportCsv, reportJson, reportPage, reportText } from '../core/briefs/transparency/render.ts'
import type { TransparencyReport } from '../core/briefs/transparency/report.ts'
import { RecordError } from '../core/record/record-error.ts'
import { loadConfig } from '../io/config/config.ts'
import { sha256, verifyEd25519 } from '../io/keys/ed25519.ts'
import { makeFolder, writeOut } from '../io/out-file.ts'
import { openFolder } from '../io/record/folder-reader.ts'
import { wholeText } from '../io/text-file.ts'
import { type MonthRead, readMonth } from '../jobs/transparency/read-month.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal } from './command.ts'

const HELP = `sluice transparency MONTH   the public report of a month (YYYY-MM), from the record alone

  --record DIR    the record's folder; else that of this instance
  --policy FILE   the policy that you trust; else the folder's own
  --out DIR       where reports are published; else \`transparency\` beside the record
  --lang ja|en    language of what is printed
  --json          print report.json

Writes MONTH/report.json, .csv, .txt, .ja.html, .en.html, proof.json and the index feed.json. A complete report is never
replaced by another one. \`MONTH/withdrawn.txt\` with a reason puts a banner on a report, which stays.
Exit code 1 for a record that does not verify; 4 where it is not whole, or tells nothing of the month.
`

export const takes: Takes = {
  command: 'transparency',
  flags: ['json'],
  values: ['record', 'policy', 'out', 'lang'],
  page: HELP,
}

/** `sluice transparency`: what is published each month. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const month = monthOf(rest[0] ?? '')
  const lang = options.get('lang') ?? 'en'
  if (month === null || rest.length > 1 || (lang !== 'ja' && lang !== 'en')) {
    terminal.stderr(HELP)
    return EXIT.usage
  }
  const data = loadConfig(process.env, process.cwd()).dataFolder
  const policy = options.get('policy')
  try {
    const reader = openFolder(options.get('record') ?? join(data, 'record'))
    const trusted = policy === undefined ? null : wholeText(policy)
    const read = await readMonth(reader, month, trusted, { sha256, verify: verifyEd25519 })
    if (read.kind === 'refused') {
      terminal.stderr(`sluice: no report was made: ${REFUSED[read.why]}${read.what}\n`)
      return read.why === 'tampered' ? EXIT.negative : EXIT.inconclusive
    }
    const out = options.get('out') ?? join(data, 'transparency')
    if (!publish(read, out, terminal)) return EXIT.negative
    terminal.stdout(
      options.has('json') ? reportJson(read.report) : reportText(read.report, [lang], reasonIn(out, month.name)),
    )
    return EXIT.done
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    terminal.stderr(`sluice: ${error.message}\n`)
    return EXIT.negative
  }
}

const REFUSED = {
  tampered: 'the record does not verify: ',
  incomplete: 'the record is not whole: ',
  empty: '',
} as const

/** Writes the report and the index. @returns false where another complete report stands there. */
function publish({ report, proof }: MonthRead, out: string, terminal: Terminal): boolean {
  const folder = join(out, report.month)
  const json = reportJson(report)
  const before = existsSync(join(folder, 'report.json')) ? readFileSync(join(folder, 'report.json'), 'utf8') : null
  if (before !== null && before !== json && (JSON.parse(before) as TransparencyReport).complete) {
    terminal.stderr(
      `sluice: ${join(folder, 'report.json')} was published and differs; it stays. Name another folder with --out, and publish a correction\n`,
    )
    return false
  }
  makeFolder(folder)
  const withdrawn = reasonIn(out, report.month)
  const write = (name: string, text: string) => {
    const path = join(out, name)
    writeOut(`${path}.tmp`, text)
    renameSync(`${path}.tmp`, path)
    terminal.stderr(`${path}\n`)
  }
  write(`${report.month}/report.json`, json)
  write(`${report.month}/report.csv`, reportCsv(report))
  write(`${report.month}/report.txt`, reportText(report, ['en', 'ja'], withdrawn))
  write(`${report.month}/report.ja.html`, reportPage(report, 'ja', withdrawn))
  write(`${report.month}/report.en.html`, reportPage(report, 'en', withdrawn))
  write(`${report.month}/proof.json`, `${JSON.stringify(proof)}\n`)
  write('feed.json', transparencyFeed(publishedIn(out)))
  return true
}

/** Every month that lies in the folder: what was published once stays in the index. */
function publishedIn(out: string): readonly Published[] {
  return readdirSync(out)
    .filter((name) => monthOf(name) !== null && existsSync(join(out, name, 'report.json')))
    .map((month) => {
      const report = JSON.parse(readFileSync(join(out, month, 'report.json'), 'utf8')) as TransparencyReport
      const { complete, known_until: knownUntil, checkpoint } = report
      return { month, complete, knownUntil, root: checkpoint.root, withdrawn: reasonIn(out, month) }
    })
}

/** Why a report was withdrawn, or null. */
function reasonIn(out: string, month: string): string | null {
  const path = join(out, month, 'withdrawn.txt')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().replaceAll(/\s+/g, ' ') : null
}
