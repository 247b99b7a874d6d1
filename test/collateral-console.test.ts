import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { COLLATERAL_WORDS, headingOf } from '../src/core/briefs/collateral/html.ts'
import type { PairedCase } from '../src/core/safeguards/collateral/paired-case.ts'
import { type CollateralReport, DEFAULT_LIMITS } from '../src/core/safeguards/collateral/report.ts'
import { collateral } from '../src/core/safeguards/collateral.ts'
import { openSqlite } from '../src/io/store/open-store.ts'
import { buildConsole } from '../tools/build-console.ts'
import { browserDescribe, browserTest, launchBrowser } from './parts/browser.ts'
import { type Running, startRunning } from './parts/running.ts'

const SHOTS = process.env['SLUICE_SHOTS']

function aReport(): CollateralReport {
  const cases = Array.from(
    { length: 4000 },
    (_, i): PairedCase => ({
      ...{ id: `dec_${i}`, session: `s${i >> 2}`, user: `u${i % 300}`, org: `org-${i % 9}`, surface: 'messages' },
      ...{
        language: i % 3 === 0 ? 'ja' : 'en',
        segment: i % 5 === 0 ? 'debugging' : 'other',
        label: null,
        family: null,
      },
      before: i % 400 === 0 ? 'fall_back' : 'allow',
      after: i % 400 === 0 ? 'allow' : i % 20 === 0 ? 'fall_back' : i % 371 === 0 ? 'refuse' : 'allow',
      category: i % 20 === 0 || i % 371 === 0 ? 'cyber' : null,
    }),
  )
  return collateral(cases, {
    ...DEFAULT_LIMITS,
    ...{ before: { label: 'base-1', hash: null }, after: { label: 'base-2', hash: null }, source: 'decisions' },
    ...{ window: { sinceMs: 1_795_000_000_000, untilMs: 1_795_500_000_000 }, claim: null, separation: null },
    permanent: [{ set: 'debugging', n: 300, acted: [], actedBefore: [] }],
    ...{ quality: null, cost: null, temporary: false, sunset: null, madeFor: null },
    ...{ notReplayable: { no_content: 12 }, withoutAnswer: 1 },
  })
}

browserDescribe('console: collateral', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-collateral-console-'))
  const report = aReport()
  let sluice: Running
  let browser: Browser
  beforeAll(async () => {
    await buildConsole()
    const store = await openSqlite(join(folder, 'sluice.db'))
    const row = { id: 'col_1', createdAtMs: 1_795_500_000_000, before: 'base-1', after: 'base-2' }
    await store.addReport({ ...row, outcome: report.outcome, requests: 4000 }, JSON.stringify(report))
    await store.close()
    sluice = await startRunning({ folder })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await sluice?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  browserTest('a report is found in the list, says its finding, and fits from 390 px in both languages', async () => {
    for (const [lang, width, colorScheme] of [
      ['en', 1280, 'light'],
      ['ja', 390, 'dark'],
    ] as const) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
      const page = await context.newPage()
      const faults: string[] = []
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
      page.on('pageerror', (error) => faults.push(error.message))
      await page.goto(`${sluice.facts.consoleUrl}/collateral`)
      if (lang === 'ja') {
        await page.getByText('日本語').first().click()
      }
      await page.getByRole('link', { name: 'base-1 → base-2' }).click()
      const words = COLLATERAL_WORDS[lang]
      await page.getByRole('heading', { name: headingOf(report, words) }).waitFor()
      for (const gate of report.gates) await page.getByText(words.gate[gate.name]).first().waitFor()
      const first = report.moved.find(({ movement }) => movement === 'newly_refused')!
      expect(await page.getByRole('link', { name: first.id, exact: true }).getAttribute('href')).toBe(
        `/decisions/${first.id}`,
      )
      if (SHOTS !== undefined)
        await page.screenshot({ path: join(SHOTS, `collateral-${width}-${lang}.png`), fullPage: true })
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(overflow).toBe(0)
      expect(faults).toEqual([])
      await context.close()
    }
  })
})
