import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CANARY, jsonl, report, row, said } from './parts/evaluated.ts'
import { sluice } from './parts/sluice.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-data-'))
const file = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('sluice data', () => {
  test('import: three kinds of file into one schema; every rejected row named by file and line, no text', async () => {
    writeFileSync(
      file('theirs.csv'),
      'question,label,license,lang\r\n"Sort ""this"", please",benign,MIT,en\r\nno licence here,benign,,en\r\n"two\nlines",benign,MIT,en\r\ntoo,few\r\n',
    )
    writeFileSync(
      file('theirs.jsonl'),
      jsonl([
        { turns: said('sort THIS please!'), label: 'harmful', license: 'MIT' },
        { prompt: 'hello', answer: `friendly lines ${CANARY}`, label: 'benign', license: 'MIT', lang: 'en' },
        { text: CANARY, label: 'odd', license: 'MIT' },
        { text: 'held out elsewhere', label: 'benign', license: 'MIT' },
      ]),
    )
    writeFileSync(file('held.jsonl'), jsonl([row('kept', { label: 'benign', turns: said('Held out, elsewhere.') })]))
    const out = file('imported.jsonl.gz')
    const args = [
      'data',
      'import',
      file('theirs.csv'),
      file('theirs.jsonl'),
      '--out',
      out,
      '--against',
      file('held.jsonl'),
    ]
    const { code, stdout, stderr } = await sluice([...args, '--columns', 'prompt=question', '--json'])
    expect(code).toBe(1)
    const { rows, rejected, counts } = JSON.parse(stdout) as {
      rows: number
      rejected: { file: string; line: number; why: string }[]
      counts: { by: string; name: string; n: number }[]
    }
    expect(rejected.map((one) => [one.file, one.line, one.why])).toEqual([
      ['theirs.csv', 3, expect.stringContaining('`license`')],
      ['theirs.csv', 6, expect.stringContaining('`row`')],
      ['theirs.jsonl', 3, expect.stringContaining('`label`')],
      ['theirs.jsonl', 1, 'the same text as theirs.csv line 2, which has another label'],
      ['theirs.jsonl', 4, 'the same text as row kept of the other set'],
    ])
    expect([rows, counts.find(({ by }) => by === 'license')]).toEqual([3, { by: 'license', name: 'MIT', n: 3 }])
    expect(stdout + stderr).not.toContain(CANARY)
    // What comes out can be measured at once.
    const again = await sluice(['data', 'import', file('theirs.jsonl'), '--out', out, '--against', file('held.jsonl')])
    expect(again.stderr).toContain('theirs.jsonl line 4: the same text as row kept of the other set')
    expect(again.stdout).toContain('2 rows, 2 rejected')
    const { qualities } = await report(['--file', out, '--measures', 'quality'])
    expect(qualities.map(({ kind, rows: n }) => [kind, n])).toEqual([
      ['prompt', 1],
      ['exchange', 1],
    ])
  })

  test('import: Parquet without its reader, an unknown kind and a missing file say what to do', async () => {
    writeFileSync(file('a.parquet'), 'PAR1')
    for (const [name, says] of [
      ['a.parquet', 'npm install --no-save @duckdb/node-api'],
      ['set.xlsx', 'no file'],
      ['template.json', 'wanted .jsonl, .csv'],
    ] as const) {
      if (name === 'template.json') writeFileSync(file(name), '{}')
      const { code, stderr } = await sluice(['data', 'import', file(name), '--out', file('never.jsonl')])
      expect([code, stderr]).toEqual([1, expect.stringContaining(says)])
    }
    expect((await sluice(['data', 'import'])).code).toBe(2)
    expect((await sluice(['data'])).code).toBe(2)
  })

  test('manifest: every source of the model card with licence and, where there is one, the pinned commit', async () => {
    const { code, stdout } = await sluice(['data', 'manifest', '--json'])
    const sources = JSON.parse(stdout) as {
      source: string
      repo: string | null
      commit: string | null
      license: string
    }[]
    const [, credits] = readFileSync('models/card.md', 'utf8').split('## Data and credits')
    const named = [...credits!.matchAll(/^\| ([\w.-]+) \| (.+?) \| (.+?) \| \d+ \|$/gm)]
    expect(code).toBe(0)
    expect(named.length).toBeGreaterThan(100)
    expect(sources.map(({ source, repo, license }) => [source, repo ?? 'written for this set', license])).toEqual(
      named.map(([, source, repo, license]) => [source, repo, license]),
    )
    for (const { repo, commit } of sources) expect(repo === null || /^[0-9a-f]{40}$/.test(commit!)).toBe(true)
  })
})
