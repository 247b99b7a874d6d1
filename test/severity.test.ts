import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scoreText } from '../src/core/jailbreaks/severity/score.ts'
import { buildConsole, CONSOLE_DIST } from '../tools/build-console.ts'
import { type AdminFixture, startAdminFixture } from './fakes/admin-fixture.ts'
import { browserTest, CHROMIUM, launchBrowser } from './parts/browser.ts'
import { sluice } from './parts/sluice.ts'

interface Frozen {
  readonly vector: string
  readonly tenths: number | null
  readonly band: string | null
  readonly canonical?: string
  readonly range?: readonly [number, number]
  readonly error?: { readonly code: string; readonly at: number }
}
const { vectors }: { vectors: readonly Frozen[] } = JSON.parse(
  readFileSync(new URL('../docs/formats/severity-vectors.json', import.meta.url), 'utf8'),
)
const GOOD = vectors[0]!.vector

let folder: string
let fixture: AdminFixture
let browser: Browser | undefined
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-severity-'))
  await buildConsole()
  fixture = await startAdminFixture({ mode: 'enforce', size: 'none', dist: CONSOLE_DIST })
  if (CHROMIUM !== undefined) browser = await launchBrowser()
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await browser?.close()
  await fixture?.close()
})

const severity = (args: readonly string[], input = '') => sluice(['severity', ...args], {}, input)

/** What a frozen vector fixes of a report. */
function fixedOf({ vector, tenths, band, canonical, range, error }: Frozen) {
  if (error !== undefined) return { vector, tenths, band, error }
  return { vector, tenths, band, canonical: canonical ?? vector, range: range ?? null }
}

test('RX-1: all 60 frozen vectors agree on the command line, one line each', async () => {
  const { code, stdout } = await severity(['--json'], `${vectors.map(({ vector }) => vector).join('\n')}\n`)
  expect(code).toBe(2)
  const reports = stdout.trimEnd().split('\n')
  expect(reports).toHaveLength(60)
  for (const [i, frozen] of vectors.entries()) expect(JSON.parse(reports[i]!)).toMatchObject(fixedOf(frozen))
})

test('RX-1: all 60 frozen vectors agree over HTTP', async () => {
  for (const frozen of vectors) {
    const response = await fetch(`${fixture.url}/api/severity?${new URLSearchParams({ vector: frozen.vector })}`)
    expect([frozen.vector, response.status]).toEqual([frozen.vector, frozen.error === undefined ? 200 : 422])
    expect(await response.json()).toMatchObject(fixedOf(frozen))
  }
  expect((await fetch(`${fixture.url}/api/severity`)).status).toBe(400)
  expect((await fetch(`${fixture.url}/api/severity?vector=${GOOD}&lang=fr`)).status).toBe(400)
})

browserTest('RX-1: all 60 frozen vectors agree in the console', async () => {
  const page = await browser!.newPage({ locale: 'en' })
  await page.goto(`${fixture.url}/severity`)
  for (const { vector, tenths, band, range, error, canonical } of vectors) {
    await page.getByLabel('Vector').fill(vector)
    await page.getByRole('button', { name: 'Read' }).click()
    if (error !== undefined) {
      const fault = await page.getByRole('alert').innerText()
      expect(fault).toContain(error.code)
      expect(fault).toContain(`(at ${error.at})`)
      continue
    }
    const head =
      tenths === null ? `Not measured: ${range!.map(scoreText).join(' to ')}` : `${band} (${scoreText(tenths)})`
    await page.getByRole('heading', { level: 1, name: head, exact: true }).waitFor()
    const json = await page.getByRole('link', { name: 'JSON' }).getAttribute('href')
    expect(new URL(json!, fixture.url).searchParams.get('vector')).toBe(canonical ?? vector)
  }
  await page.close()
})

browserTest('console: a level is chosen, the address follows, and the address alone brings it back', async () => {
  const page = await browser!.newPage({ locale: 'ja' })
  await page.goto(`${fixture.url}/severity?vector=${GOOD}`)
  await page.getByRole('heading', { level: 1, name: '低（1.3）' }).waitFor()
  await page
    .getByRole('group', { name: '上乗せ能力' })
    .getByRole('button', { name: /中程度/ })
    .click()
  await page.getByRole('heading', { level: 1, name: '低（2.7）' }).waitFor()
  await page.getByRole('button', { name: 'HD → C' }).click()
  await page.getByRole('heading', { level: 1, name: '中（3.4）' }).waitFor()
  expect(page.url()).toBe(`${fixture.url}/severity?vector=${GOOD.replace('UP:L', 'UP:M').replace('HD:S', 'HD:C')}`)
  expect(await page.locator('[data-formula]').innerText()).toBe(
    '⌊(50 × 100 × (100 + 10 + 10 + 14 + 0) + 10000) ÷ 20000⌋ = 34',
  )
  await page.reload()
  await page.getByRole('heading', { level: 1, name: '中（3.4）' }).waitFor()
  expect(await page.locator('main').innerText()).toContain('草案、未検証')
  await page.close()
})

test('sluice severity: a malformed vector exits 2, with a caret under the place', async () => {
  const { code, stdout, stderr } = await severity(['JSS:1.0/UP:L/HD:Q/UN:F'])
  expect([code, stdout]).toEqual([2, ''])
  const [vector, caret, message] = stderr.split('\n')
  expect(vector).toBe('JSS:1.0/UP:L/HD:Q/UN:F')
  expect(caret).toBe(`${' '.repeat(16)}^`)
  expect(message).toBe('unknown_value: HD has no such level (at 16)')
  expect((await severity(['--lang', 'ja', 'JSS:1.0'])).stderr).toContain('UPがない（位置7）')
})

test('sluice severity: measurements give the interval; what cannot be read is named by its field', async () => {
  const file = join(folder, 'measured.json')
  const measured = {
    uplift: { id: 'run-1/u', value: 0.02, lo: -0.08, hi: 0.12 },
    costRatio: { id: 'run-1/k', value: 1.1, lo: 0.8, hi: null },
    tasks: 40,
    reliability: { id: 'run-1/re', successes: 29, sessions: 36 },
    panel: 'P-2026Q4',
  }
  writeFileSync(file, JSON.stringify(measured))
  const args = [GOOD, '--measurements', file, '--json']
  expect(JSON.parse((await severity(args)).stdout)).toMatchObject({ tenths: 13, interval: [0, 13, 45] })
  writeFileSync(file, JSON.stringify({ ...measured, costRatio: { ...measured.costRatio, hi: 1.6 } }))
  expect((await severity([GOOD, '--measurements', file])).stdout).toContain('1.3 Low [0.0, 1.4]')
  writeFileSync(file, JSON.stringify({ ...measured, tasks: -1, panel: '' }))
  const { code, stderr } = await severity([GOOD, '--measurements', file])
  expect(code).toBe(2)
  expect(stderr).toMatch(/tasks: .*panel: /)
})

test('rater kit: twelve write-ups in both languages with the same numbers, and a form with a line for each', () => {
  const [en, ja] = ['write-ups.md', 'write-ups.ja.md'].map((name) =>
    readFileSync(new URL(`../docs/rater-kit/${name}`, import.meta.url), 'utf8')
      .split(/^## /m)
      .slice(1),
  ) as [string[], string[]]
  expect(en).toHaveLength(12)
  expect(ja).toHaveLength(12)
  // Measured numbers: signed, with a decimal point or of two digits and more. Smaller counts are words in one language.
  const measured = (text: string) =>
    (text.replace(/,(?=\d{3})/g, '').match(/[+−]\d\.\d+|\d+\.\d+|\d{2,}/g) ?? []).sort()
  for (const [i, text] of en.entries()) expect([i, measured(ja[i]!)]).toEqual([i, measured(text)])
  const form = readFileSync(new URL('../docs/rater-kit/form.csv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  expect(form.slice(1).map((line) => line.split(',')[1])).toEqual(en.map((text) => text.slice(0, 3)))
})

test('sluice severity raters: α per metric with n; a wording below 0.67 is named, too few raters decide nothing', async () => {
  const file = join(folder, 'ratings.csv')
  const levels = { HD: 'NLSC', EF: 'HMLT' } as const
  const rows = Array.from({ length: 12 }, (_, w) =>
    Array.from(
      { length: 10 },
      (_, r) => `r${r},W${w},JSS:1.0/UP:L/HD:${levels.HD[w % 4]}/UN:F/EF:${levels.EF[(w + r) % 4]}/RE:C/DI:P/CF:C`,
    ),
  ).flat()
  writeFileSync(file, `rater,write_up,vector\r\n${rows.join('\r\n')}\r\n`)
  const study = await severity(['raters', file])
  expect(study.code).toBe(1)
  expect(study.stdout).toMatch(/^HD +Harm class +1\.000 +12 +120 +keep$/m)
  expect(study.stdout).toMatch(/^EF .*below 0\.67: rewrite the wording of EF$/m)
  expect(study.stdout).toMatch(/^UP +Uplift +– +12 +120 +INCONCLUSIVE$/m)
  writeFileSync(file, `rater,write_up,vector\n${rows.slice(0, 9).join('\n')}\n`)
  const few = await severity(['raters', file])
  expect(few.code).toBe(4)
  expect(few.stdout).toContain('INCONCLUSIVE: a study takes at least 10 raters and 12 write-ups')
  writeFileSync(file, 'rater,vector\na,b\n')
  expect(await severity(['raters', file])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no column write_up'),
  })
  expect(await severity(['raters', join(folder, 'none.csv')])).toMatchObject({
    code: 2,
    stderr: `sluice severity raters: ${join(folder, 'none.csv')}: is not there; name a CSV file with the columns rater, write_up, vector\n`,
  })
})
