import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { textOf } from '../core/classifier/evaluation/row.ts'
import { type ImportDefaults, importRow } from '../io/data/import-row.ts'
import { readRecords } from '../io/data/read-records.ts'
import { readSet } from '../io/evaluation/read-set.ts'
import { assertWritable, writeOut } from '../io/out-file.ts'
import { importRows, type PlacedRow, type Rejected } from '../jobs/data/import-rows.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, table } from './command.ts'
import { PACKAGE_ROOT } from './embedded.ts'

const IMPORT: Takes = {
  command: 'data import',
  flags: ['json'],
  values: ['out', 'against', 'license', 'source', 'lang', 'columns'],
}
const MANIFEST: Takes = { command: 'data manifest', flags: ['json'], values: [] }
/** Rejected rows that are named one by one; `--json` names all. */
const MOST_NAMED = 20

export const takes = [IMPORT, MANIFEST]

/** `sluice data import FILE… --out FILE` and `sluice data manifest`. */
export const run: Command = async (args, terminal) => {
  const [what, ...rest] = args
  if (what === 'import') return importFiles(rest, terminal)
  if (what === 'manifest') return manifest(rest, terminal)
  terminal.stderr('sluice data: wanted import or manifest\n')
  return EXIT.usage
}

/**
 * Brings files of others into the data schema. What is wrong with a row is said with its file and line, and it is left
 * out; exit code 1 then, so that a script notices.
 */
const importFiles: Command = async (args, terminal) => {
  const { options, rest: files } = parseFlags(args, IMPORT)
  const out = options.get('out')
  const columns = columnsOf(options.get('columns'))
  if (!out || files.length === 0 || columns === null) {
    terminal.stderr(
      'sluice data import: wanted FILE… --out FILE; --columns name=theirs,… where columns have other names\n',
    )
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    assertWritable(out)
    const placed: PlacedRow[] = []
    const rejected: Rejected[] = []
    for (const file of files) {
      const name = basename(file)
      const defaults: ImportDefaults = {
        license: options.get('license') ?? null,
        source: options.get('source') ?? name.replace(/\..*$/, ''),
        lang: options.get('lang') ?? 'und',
        columns,
      }
      for await (const { line, value } of readRecords(file)) {
        const row = importRow(value, defaults)
        if (typeof row === 'string') rejected.push({ file: name, line, why: row })
        else placed.push({ file: name, line, row })
      }
    }
    const against = options.get('against')
    const others = against === undefined ? [] : await readSet(against)
    const found = importRows(
      placed,
      others.map((row) => ({ id: row.id, text: textOf(row) })),
    )
    const all = [...rejected, ...found.rejected]
    const lines = found.rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    writeOut(out, out.endsWith('.gz') ? gzipSync(lines) : lines)
    if (options.has('json'))
      terminal.stdout(`${JSON.stringify({ out, rows: found.rows.length, rejected: all, counts: found.counts })}\n`)
    else {
      for (const { file, line, why } of all.slice(0, MOST_NAMED)) terminal.stderr(`${file} line ${line}: ${why}\n`)
      if (all.length > MOST_NAMED) terminal.stderr(`… and ${all.length - MOST_NAMED} more; --json names all\n`)
      const counts = found.counts.map(({ by, name, n }) => [by, name, `n = ${n}`])
      terminal.stdout(
        `${out}: ${found.rows.length} rows, ${all.length} rejected\n${counts.length > 0 ? table(counts) : ''}`,
      )
    }
    return all.length === 0 ? EXIT.done : EXIT.negative
  })
}

/** `name=theirs,…`; null when it cannot be read. */
function columnsOf(given: string | undefined): ReadonlyMap<string, string> | null {
  if (given === undefined) return new Map()
  const pairs = given.split(',').map((pair) => /^(\w+)=(.+)$/.exec(pair))
  if (pairs.some((pair) => pair === null)) return null
  return new Map(pairs.map((pair) => [pair![1]!, pair![2]!]))
}

const sourcesSchema = z.array(
  z.object({
    source: z.string(),
    repo: z.string().nullable(),
    path: z.string().nullable(),
    commit: z.string().nullable(),
    license: z.string(),
  }),
)

/** Where the texts that the model was trained on come from: enough to collect them again, none of them. */
const manifest: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, MANIFEST)
  if (rest.length > 0) {
    terminal.stderr('sluice data manifest: takes only --json\n')
    return EXIT.usage
  }
  const sources = sourcesSchema.parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'models', 'sources.json'), 'utf8')))
  if (options.has('json')) terminal.stdout(`${JSON.stringify(sources)}\n`)
  else
    terminal.stdout(
      table([
        ['source', 'licence', 'from', 'commit', 'path'],
        ...sources.map(({ source, license, repo, commit, path }) => [
          source,
          license,
          repo === null ? 'written for this set' : `https://github.com/${repo}`,
          commit ?? '',
          path ?? '',
        ]),
      ]),
    )
  return EXIT.done
}
