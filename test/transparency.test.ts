import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Figure } from '../src/core/briefs/transparency/queries.ts'
import type { TransparencyReport } from '../src/core/briefs/transparency/report.ts'
import { eventually, startRunning } from './parts/running.ts'
import { type Done, sluice } from './parts/sluice.ts'
import { treeOf, writeFolder } from './record/folder.ts'
import { july, june } from './record/month.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-transparency-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const FILES = ['proof.json', 'report.csv', 'report.en.html', 'report.ja.html', 'report.json', 'report.txt']
const make = (month: string, record: string, out: string, ...more: string[]): Promise<Done> =>
  sluice(['transparency', month, '--record', record, '--out', out, ...more], { SLUICE_DATA: folder })
const reportIn = (out: string, month: string) =>
  JSON.parse(readFileSync(join(out, month, 'report.json'), 'utf8')) as TransparencyReport
const bytesIn = (out: string, month: string) =>
  FILES.filter((name) => name !== 'proof.json').map((name) => readFileSync(join(out, month, name)).toString('hex'))
const figure = ({ figures }: TransparencyReport, query: string, row: string | null, column: string | null): Figure =>
  figures.find((one) => one.query === query && one.row === row && one.column === column)!

test('RC-8: a past month gives the same bytes however far the record went on, and no small count', async () => {
  const [short, long] = [join(folder, 'short'), join(folder, 'long')]
  writeFolder(short, treeOf([...june(), ...july(1)]), { kept: [40] })
  writeFolder(long, treeOf([...june(), ...july(300)]), { kept: [40] })
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, name)) as [string, string, string]
  for (const [record, out] of [
    [short, a],
    [short, b],
    [long, c],
  ] as const)
    expect(await make('2026-06', record, out)).toMatchObject({ code: 0 })
  expect(bytesIn(b, '2026-06')).toEqual(bytesIn(a, '2026-06'))
  expect(bytesIn(c, '2026-06')).toEqual(bytesIn(a, '2026-06'))
  expect(readdirSync(join(a, '2026-06')).sort()).toEqual(FILES)

  const report = reportIn(a, '2026-06')
  expect(report).toMatchObject({ complete: true, checkpoint: { size: june().length } })
  const { checkpoint, figures, queries } = report
  for (const one of figures) {
    expect(one.checkpoint).toBe(checkpoint.size)
    expect(queries[one.query]).toMatchObject({ from: '2026-06-01T00:00:00.000Z', checkpoint: checkpoint.size })
    // Events of the instance itself are told exactly.
    if (one.value !== null && !['hours', 'ms', 'ppm'].includes(one.unit) && !['duty', 'gaps'].includes(one.section))
      expect(one.value).toBeGreaterThanOrEqual(10)
  }
  expect(figure(report, 'requests.actions', 'coding', 'refuse')).toMatchObject({ state: 'small', value: null })
  expect(figure(report, 'requests.actions', null, null)).toMatchObject({ value: 3 * 1000 + 3 * 200 + 43 + 10 })
  expect(figure(report, 'requests.sessions', null, null).state).toBe('unknown')
  expect(figure(report, 'appeals.decided', null, null).value).toBe(24)
  expect(figure(report, 'appeals.hours', null, 'median').value).toBe(6)
  expect(figure(report, 'trust.grants', null, null).state).toBe('none')
  expect(figure(report, 'labels.decisions', 'benign', 'acted').value).toBe(12)
  expect(figure(report, 'labels.false_positives', null, null)).toMatchObject({ state: 'shown', value: 500_000 })
  expect(figure(report, 'gaps.unwitnessed_checkpoints', null, null).value).toBe(0)
  expect(report.alarms.map(({ facts }) => facts['code'])).toEqual(['feed_stale'])
  expect(report.releases.map(({ facts }) => facts['gates'])).toContainEqual({ permanent: 'pass' })
})

test('the pages are in both languages, need nothing else, and hold no small count', () => {
  const page = (lang: string) => readFileSync(join(folder, 'a', '2026-06', `report.${lang}.html`), 'utf8')
  expect(page('ja')).toContain('透明性レポート 2026-06')
  expect(page('en')).toContain('&#60;10')
  for (const lang of ['ja', 'en']) expect(page(lang)).not.toMatch(/<script|src=|href=|url\(/)
  const csv = readFileSync(join(folder, 'a', '2026-06', 'report.csv'), 'utf8').split('\r\n')
  expect(csv).toHaveLength(reportIn(join(folder, 'a'), '2026-06').figures.length + 2)
  expect(csv[1]).toContain(reportIn(join(folder, 'a'), '2026-06').checkpoint.root)
})

test('a withdrawn report stays, with a banner and in the index', async () => {
  const out = join(folder, 'a')
  writeFileSync(join(out, '2026-06', 'withdrawn.txt'), 'Two releases were listed twice.\n')
  expect(await make('2026-07', join(folder, 'long'), out)).toMatchObject({ code: 0 })
  expect(await make('2026-06', join(folder, 'long'), out)).toMatchObject({ code: 0 })
  const feed = JSON.parse(readFileSync(join(out, 'feed.json'), 'utf8'))
  expect(feed.version).toBe('https://jsonfeed.org/version/1.1')
  expect(feed.items.map((one: { id: string; title: string }) => [one.id, one.title])).toEqual([
    ['2026-07/report.json', 'Transparency report 2026-07'],
    ['2026-06/report.json', 'Transparency report 2026-06 (withdrawn)'],
  ])
  expect(readFileSync(join(out, '2026-06', 'report.en.html'), 'utf8')).toContain('Two releases were listed twice.')
  expect(reportIn(out, '2026-07').complete).toBe(false)
  expect(readFileSync(join(out, '2026-07', 'report.ja.html'), 'utf8')).toContain('まだ完了していません')
})

test('RC-8: no report of a record in which a byte was changed, and a published one is not replaced', async () => {
  const [changed, out] = [join(folder, 'changed'), join(folder, 'none')]
  cpSync(join(folder, 'short'), changed, { recursive: true })
  const bundle = join(changed, `tile/entries/000.p/${june().length + 1}`)
  const bytes = readFileSync(bundle)
  bytes[20]! ^= 1
  writeFileSync(bundle, bytes)
  const refused = await make('2026-06', changed, out)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('does not verify')
  expect(existsSync(join(out, '2026-06'))).toBe(false)

  const other = join(folder, 'other')
  writeFolder(other, treeOf([...june().slice(0, -1), ...july(1)]))
  const kept = bytesIn(join(folder, 'b'), '2026-06')
  expect((await make('2026-06', other, join(folder, 'b'))).code).toBe(1)
  expect(bytesIn(join(folder, 'b'), '2026-06')).toEqual(kept)
  expect((await make('2026-01', join(folder, 'short'), out)).code).toBe(4)
  expect((await make('2026-13', join(folder, 'short'), out)).code).toBe(2)
})

test('RC-8: the record of a running instance gives a report that says that its month is not over', async () => {
  const running = await startRunning({ env: { SLUICE_MODE: 'enforce' } })
  try {
    const out = join(folder, 'live')
    const month = new Date().toISOString().slice(0, 7)
    const record = join(running.folder, 'record')
    const made = await eventually(async () => {
      const done = await make(month, record, out, '--json')
      return done.code === 0 ? done : null
    }, 30_000)
    const report = JSON.parse(made.stdout) as TransparencyReport
    expect(report).toMatchObject({ complete: false, month })
    expect(report.releases.length).toBeGreaterThan(0)
    expect(figure(report, 'requests.actions', null, null).state).toMatch(/none|small/)
  } finally {
    await running.stop()
  }
})
