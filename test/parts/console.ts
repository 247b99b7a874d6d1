import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { rank } from '../../src/core/policy/policy.ts'
import { buildConsole, CONSOLE_DIST } from '../../tools/build-console.ts'
import { type AdminFixture, startAdminFixture } from '../fakes/admin-fixture.ts'
import { CHROMIUM, launchBrowser } from './browser.ts'
import type { PageDocument, PageStyle } from './page-dom.ts'

/** The console over invented decisions, as a person with given settings sees it. */

export const SHOTS = process.env['SLUICE_SHOTS']
export const LANGS = ['en', 'ja'] as const
export const THEMES = ['light', 'dark'] as const

export interface View {
  readonly lang: (typeof LANGS)[number]
  readonly theme: (typeof THEMES)[number]
  readonly width: number
}
export const PLAIN: View = { lang: 'en', theme: 'light', width: 1280 }

const STAGES = {
  enforcing: { mode: 'enforce', size: 'day' },
  observing: { mode: 'observe', size: 'day' },
  fresh: { mode: 'observe', size: 'none' },
  few: { mode: 'enforce', size: 'few' },
} as const
type Stage = keyof typeof STAGES

let browser: Browser

/** Starts a browser and these consoles before the tests of the file, and stops them after. */
export function consoles<Wanted extends Stage>(...wanted: readonly Wanted[]): Readonly<Record<Wanted, AdminFixture>> {
  const started = {} as Record<Wanted, AdminFixture>
  beforeAll(async () => {
    await buildConsole()
    if (CHROMIUM === undefined && process.env.CI !== 'true') return
    if (SHOTS !== undefined) await mkdir(SHOTS, { recursive: true })
    browser = await launchBrowser()
    await Promise.all(
      wanted.map(async (stage) => {
        started[stage] = await startAdminFixture({ ...STAGES[stage], dist: CONSOLE_DIST })
      }),
    )
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.all(Object.values<AdminFixture>(started).map((fixture) => fixture.close()))
  })
  return started
}

declare const document: PageDocument
declare const innerWidth: number
declare const getComputedStyle: PageStyle

/** A page as a person with these settings sees it; whatever it logs as an error fails the test. */
export async function open(url: string, view: View): Promise<Page> {
  const context = await newContext(view)
  const page = await openIn(context, url)
  // After the last page of a file the browser may be gone first.
  page.once('close', () => void context.close().catch(() => undefined))
  return page
}

export async function newContext(view: View): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.width === 390 ? 844 : 900 },
    reducedMotion: 'reduce',
    locale: view.lang,
  })
  await context.addInitScript(
    (settings) => {
      localStorage.setItem('sluice.settings', JSON.stringify(settings))
      localStorage.setItem('sluice.reviewer', 'M. Aoki')
    },
    {
      lang: view.lang,
      theme: view.theme,
      zone: 'UTC',
    },
  )
  return context
}

export async function openIn(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 404')) faults.push(message.text())
  })
  faultsOf.set(page, faults)
  await page.goto(url)
  await page.waitForFunction(
    () =>
      document.querySelector('main :is(h1, .state)') !== null &&
      document.querySelector('.skeleton') === null &&
      (document.querySelector('.app') === null || document.querySelector('.mode') !== null),
  )
  return page
}

/** What a page logged as errors. */
const faultsOf = new WeakMap<Page, string[]>()

export async function closed(page: Page): Promise<void> {
  expect(faultsOf.get(page)).toEqual([])
  await page.close()
}

export const rowWith = (fixture: AdminFixture, would: string) => fixture.rows.find((row) => row.would === would)!

/** The nth decision that was acted on, in the order of the queue and of the appeals; and its item and appeal. */
export const actedAt = ({ rows }: AdminFixture, nth: number) =>
  rows.filter(({ would }) => rank(would) > rank('flag'))[nth]!.id
export const itemAt = (fixture: AdminFixture, nth: number) => actedAt(fixture, nth).replace('dec_', 'rev_')
export const appealAt = (fixture: AdminFixture, nth: number) => actedAt(fixture, nth).replace('dec_', 'apl_')

/** A page without settings of its own. */
export function newPage(options: { readonly locale: string }): Promise<Page> {
  return browser.newPage(options)
}

/** Takes what a refusal on purpose made the browser log out of a page's faults. */
export function forgive(page: Page, fault: string): void {
  faultsOf.set(
    page,
    faultsOf.get(page)!.filter((one) => !one.includes(fault)),
  )
}

/** The whole page, with what sticks to the edges at the edges. */
export async function picture(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize()!
  await page.setViewportSize({ width, height: await page.evaluate(() => document.scrollingElement.scrollHeight) })
  await page.screenshot({ path: join(SHOTS!, `${name}.png`) })
}

/** Runs in the browser: what would spoil a page. */
export function lookAt() {
  const root = document.scrollingElement
  const clipped: string[] = []
  for (const element of document.querySelectorAll('body *')) {
    const style = getComputedStyle(element)
    if (element.closest('.hide, thead, svg, textarea, .trunc') !== null || style.display === 'inline') continue
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && style.overflowX !== 'visible')
      clipped.push(`${element.tagName}.${element.className}`)
    const box = element.getBoundingClientRect()
    if (box.width > 0 && box.right > innerWidth + 1)
      clipped.push(`${element.tagName}.${element.className} leaves the page`)
  }
  const unnamed = [...document.querySelectorAll('button, a, input, textarea')]
    .filter(
      (element) =>
        element.textContent.trim() === '' &&
        element.getAttribute('aria-label') === null &&
        element.labels?.length !== 1,
    )
    .map((element) => element.outerHTML.slice(0, 80))
  return {
    lang: document.documentElement.lang,
    scheme: getComputedStyle(document.documentElement).colorScheme,
    scrolls: root.scrollWidth > innerWidth,
    clipped,
    unnamed,
  }
}
