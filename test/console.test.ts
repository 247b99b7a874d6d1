import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { en } from '../src/admin/console/messages/en.ts'
import { ja } from '../src/admin/console/messages/ja.ts'
import { rank } from '../src/core/policy/policy.ts'
import { buildConsole, CONSOLE_DIST } from '../tools/build-console.ts'
import { NOW_MS, rowAt } from './fakes/admin-data.ts'
import { type AdminFixture, FIXTURE_KEY, startAdminFixture } from './fakes/admin-fixture.ts'
import { AOKI, MORI, OKAFOR, signed } from './fakes/people.ts'
import { FIXTURE_NOTE } from './fakes/review-fixture.ts'
import { browserDescribe, browserTest, CHROMIUM, launchBrowser } from './parts/browser.ts'

const SHOTS = process.env['SLUICE_SHOTS']
const LANGS = ['en', 'ja'] as const
const THEMES = ['light', 'dark'] as const
const WIDTHS = [390, 1024, 1280, 1920] as const

let browser: Browser
let enforcing: AdminFixture
let observing: AdminFixture
let fresh: AdminFixture
let few: AdminFixture

beforeAll(async () => {
  await buildConsole()
  if (CHROMIUM === undefined && process.env.CI !== 'true') return
  if (SHOTS !== undefined) await mkdir(SHOTS, { recursive: true })
  browser = await launchBrowser()
  const start = (mode: 'enforce' | 'observe', size: 'day' | 'few' | 'none') =>
    startAdminFixture({ mode, size, dist: CONSOLE_DIST })
  ;[enforcing, observing, fresh, few] = await Promise.all([
    start('enforce', 'day'),
    start('observe', 'day'),
    start('observe', 'none'),
    start('enforce', 'few'),
  ])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([enforcing, observing, fresh, few].map((fixture) => fixture?.close()))
})

interface View {
  readonly lang: (typeof LANGS)[number]
  readonly theme: (typeof THEMES)[number]
  readonly width: number
}

/** What the functions that run in the page need of it: this file is compiled without the DOM. */
interface PageElement {
  readonly tagName: string
  readonly className: string
  readonly textContent: string
  readonly outerHTML: string
  readonly scrollWidth: number
  readonly scrollHeight: number
  readonly clientWidth: number
  readonly labels?: { readonly length: number } | null
  closest(selector: string): PageElement | null
  getAttribute(name: string): string | null
  getBoundingClientRect(): { readonly width: number; readonly right: number }
}
declare const document: {
  readonly documentElement: PageElement & { readonly lang: string; setAttribute(name: string, to: string): void }
  readonly scrollingElement: PageElement
  readonly activeElement: PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}
declare const innerWidth: number
declare function getComputedStyle(
  element: unknown,
): Readonly<Record<'display' | 'overflowX' | 'colorScheme' | 'filter', string>>

const PLAIN: View = { lang: 'en', theme: 'light', width: 1280 }

/** A page as a person with these settings sees it; whatever it logs as an error fails the test. */
async function open(url: string, view: View): Promise<Page> {
  const context = await newContext(view)
  const page = await openIn(context, url)
  page.once('close', () => void context.close())
  return page
}

async function newContext(view: View): Promise<BrowserContext> {
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

async function openIn(context: BrowserContext, url: string): Promise<Page> {
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

const faultsOf = new WeakMap<Page, string[]>()

async function closed(page: Page): Promise<void> {
  expect(faultsOf.get(page)).toEqual([])
  await page.close()
}

const rowWith = (fixture: AdminFixture, would: string) => fixture.rows.find((row) => row.would === would)!

/** What was acted on before the tests began, in the order of the queue and of the appeals. */
const actedAt = (i: number) =>
  enforcing.rows.filter((row) => rank(row.would) > rank('flag') && row.atMs < NOW_MS)[i]!.id
const itemAt = (i: number) => actedAt(i).replace('dec_', 'rev_')
const appealAt = (i: number) => actedAt(i).replace('dec_', 'apl_')

const PLACES: readonly (readonly [name: string, address: () => string])[] = [
  ['home', () => `${enforcing.url}/`],
  ['home-observe', () => `${observing.url}/?window=1h`],
  ['home-few', () => `${few.url}/`],
  ['live', () => `${enforcing.url}/live`],
  ['live-observe', () => `${observing.url}/live?would=fall_back,require_trust,refuse&surface=messages,chat`],
  ['live-empty', () => `${fresh.url}/live`],
  ['decision', () => `${enforcing.url}/decisions/${rowWith(enforcing, 'fall_back').id}`],
  ['decision-observe', () => `${observing.url}/decisions/${rowWith(observing, 'refuse').id}`],
  ['decision-missing', () => `${enforcing.url}/decisions/dec_00000000000000000000000000`],
  ['releases', () => `${enforcing.url}/releases`],
  ['releases-none', () => `${fresh.url}/releases`],
  ['release-canary', () => `${enforcing.url}/releases/rel_canary`],
  ['release-review', () => `${enforcing.url}/releases/rel_review`],
  ['release-draft', () => `${enforcing.url}/releases/rel_01KB0000000000000000000000`],
  ['release-missing', () => `${enforcing.url}/releases/rel_none`],
  ['draft', () => `${enforcing.url}/draft`],
  ['usefulness', () => `${enforcing.url}/usefulness`],
  ['usefulness-org', () => `${enforcing.url}/usefulness?by=org&days=90`],
  ['usefulness-none', () => `${fresh.url}/usefulness`],
  ['jailbreaks', () => `${enforcing.url}/jailbreaks`],
  ['jailbreaks-none', () => `${fresh.url}/jailbreaks`],
  ['jailbreak', () => `${enforcing.url}/jailbreaks/JRX-2026-000001`],
  ['jailbreak-unknown', () => `${enforcing.url}/jailbreaks/JRX-2026-000002`],
  ['jailbreak-spoken', () => `${enforcing.url}/jailbreaks/JRX-2026-000003`],
  ['jailbreak-statutory', () => `${enforcing.url}/jailbreaks/JRX-2026-000004`],
  ['jailbreak-missing', () => `${enforcing.url}/jailbreaks/JRX-2026-999999`],
  ['jailbreak-new', () => `${enforcing.url}/jailbreaks/new`],
  ['duty', () => `${enforcing.url}/duty`],
  ['duty-none', () => `${fresh.url}/duty`],
  ['review', () => `${enforcing.url}/review`],
  ['review-blind', () => `${enforcing.url}/review?item=${itemAt(4)}`],
  ['review-empty', () => `${fresh.url}/review`],
  ['appeals', () => `${enforcing.url}/appeals`],
  ['appeals-closed', () => `${enforcing.url}/appeals?state=closed`],
  ['appeals-empty', () => `${fresh.url}/appeals`],
  ['appeal', () => `${enforcing.url}/appeals/${appealAt(0)}`],
  ['appeal-overturned', () => `${enforcing.url}/appeals/${appealAt(3)}`],
  ['appeal-missing', () => `${enforcing.url}/appeals/apl_00000000000000000000000000`],
  ['severity', () => `${enforcing.url}/severity`],
  ['severity-unknown', () => `${enforcing.url}/severity?vector=JSS:1.0/UP:%3F/HD:C/UN:D/EF:T/RE:A/DI:R/CF:D`],
  ['severity-fault', () => `${enforcing.url}/severity?vector=JSS:1.0/UP:L/HD:Q/UN:F`],
  ['record', () => `${enforcing.url}/record`],
  ['record-appeals', () => `${enforcing.url}/record?kind=appeal`],
  ['record-empty', () => `${fresh.url}/record`],
  ['record-one', () => `${few.url}/record`],
  ['record-entry', () => `${enforcing.url}/record/299`],
  ['record-entry-document', () => `${enforcing.url}/record/1`],
  ['record-entry-missing', () => `${enforcing.url}/record/300`],
  ['partners', () => `${enforcing.url}/partners`],
  ['partners-none', () => `${fresh.url}/partners`],
  ['public', () => `${enforcing.url}/d/${rowWith(enforcing, 'fall_back').id}?k=${FIXTURE_KEY}`],
  ['public-trust', () => `${enforcing.url}/d/${rowWith(enforcing, 'require_trust').id}?k=${FIXTURE_KEY}`],
  ['public-missing', () => `${enforcing.url}/d/${rowWith(enforcing, 'refuse').id}?k=wrong`],
]

browserDescribe('console: every page fits its screen, in both languages, dark and light', () => {
  // What one page has loaded the next one has: the program is compiled once a language, not once a page.
  const contexts = new Map<string, BrowserContext>()
  beforeAll(async () => {
    for (const lang of LANGS) contexts.set(lang, await newContext({ lang, theme: THEMES[0], width: WIDTHS[0] }))
  })
  afterAll(async () => {
    for (const context of contexts.values()) await context.close()
  })
  for (const [name, address] of PLACES)
    for (const lang of LANGS)
      test.concurrent(`${name} ${lang}`, async () => {
        // Most of the time of a page is the browser's: several at a time.
        const page = await openIn(contexts.get(lang)!, address())
        for (const theme of THEMES) {
          // As the switch in the bar does it: the page is the same, and is not loaded again. Colours move nothing, so one
          // width tells that they changed; pictures are wanted of all.
          await page.evaluate((to) => document.documentElement.setAttribute('data-theme', to), theme)
          for (const width of theme === THEMES[0] || SHOTS !== undefined ? WIDTHS : WIDTHS.slice(-1)) {
            if (page.viewportSize()?.width !== width) await page.setViewportSize({ width, height: 900 })
            expect(await page.evaluate(lookAt)).toEqual({
              lang,
              scheme: theme,
              scrolls: false,
              clipped: [],
              unnamed: [],
            })
            if (SHOTS !== undefined) await picture(page, `${name}-${width}-${lang}-${theme}`)
          }
        }
        await closed(page)
      })
})

/** The whole page, with what sticks to the edges at the edges. */
async function picture(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize()!
  await page.setViewportSize({ width, height: await page.evaluate(() => document.scrollingElement.scrollHeight) })
  await page.screenshot({ path: join(SHOTS!, `${name}.png`) })
}

/** Runs in the browser: what would spoil a page. */
function lookAt() {
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

browserTest('console: no percentage on Home stands without its interval', async () => {
  for (const address of [`${enforcing.url}/`, `${observing.url}/?window=7d`]) {
    const page = await open(address, PLAIN)
    const alone = await page.evaluate(() => {
      const INTERVAL = /\d to \d|\d to >|<\d/
      const found: string[] = []
      let seen = 0
      for (const element of document.querySelectorAll('main :not(.hide, .hide *):not(:has(*))')) {
        if (!/\d%/.test(element.textContent)) continue
        seen++
        const together = element.closest('tr, .page-head')
        if (together === null || !INTERVAL.test(together.textContent)) found.push(element.textContent)
      }
      return { found, seen }
    })
    expect(alone.found).toEqual([])
    expect(alone.seen).toBeGreaterThan(5)
    await closed(page)
  }
})

browserTest('console: with fewer than 30 requests Home shows no percentage, and says which n decides', async () => {
  const page = await open(`${few.url}/`, PLAIN)
  const text = await page.locator('main').innerText()
  expect(text).not.toMatch(/\d%/)
  expect(text).toContain('INCONCLUSIVE')
  expect(text).toContain('n = 30')
  expect(await page.locator('.hatched').count()).toBe(5)
  await closed(page)
})

browserTest('console: the window of Home is in the address', async () => {
  const page = await open(`${enforcing.url}/`, PLAIN)
  await page.getByRole('button', { name: '7 d' }).click()
  await page.waitForURL('**/?window=7d')
  expect(await page.locator('h1').innerText()).toContain('in the last 7 days')
  await closed(page)
})

browserTest('console: J, K and Enter walk the log and open a decision', async () => {
  const page = await open(`${enforcing.url}/live`, PLAIN)
  const selected = () => page.locator('tr[aria-selected="true"]').getAttribute('data-id')
  const ids = await page.locator('tr[data-id]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))
  const start = ids.indexOf(await selected())
  expect(start).toBeGreaterThanOrEqual(0)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  expect(await selected()).toBe(ids[start + 1])
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/decisions/${ids[start + 1]}`)
  await page.waitForSelector('h1')
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await page.waitForURL(`${enforcing.url}/`)
  await closed(page)
})

browserTest('console: a new decision appears by itself, and P holds it back until the pause ends', async () => {
  const page = await open(`${enforcing.url}/live`, PLAIN)
  const push = (seed: number) => {
    const row = rowAt(NOW_MS + seed, 90_000 + seed, 'enforce', ['refuse', 'harm.bio', 'bio', 0])
    enforcing.push(row)
    return page.locator(`tr[data-id="${row.id}"]`)
  }
  await push(1).waitFor()
  await page.keyboard.press('p')
  const held = push(2)
  await page.getByText('new since: 1').waitFor()
  expect(await held.count()).toBe(0)
  await page.keyboard.press('p')
  await held.waitFor()
  await closed(page)
})

browserTest(
  'console: filters are typed, stand in the address, narrow the log and the export, and go away again',
  async () => {
    const page = await open(`${enforcing.url}/live`, PLAIN)
    await page.keyboard.press('/')
    await page.keyboard.type('action:fall_back,refuse surface:messages')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/live?action=fall_back,refuse&surface=messages')
    await page.locator('.chip[data-field="action"]').waitFor()
    const expected = enforcing.rows.filter(
      (row) => (row.action === 'fall_back' || row.action === 'refuse') && row.surface === 'messages',
    )
    await page.getByText(`of ${expected.length} shown`).waitFor()
    expect(await page.locator('tr[data-id]').count()).toBe(Math.min(100, expected.length))
    const exported = await page.getByRole('link', { name: 'JSONL' }).getAttribute('href')
    const lines = (await (await fetch(`${enforcing.url}${exported}`)).text()).trim().split('\n')
    expect(lines.length).toBe(expected.length)
    await page.getByRole('button', { name: /Remove the filter Surface/ }).click()
    await page.waitForURL('**/live?action=fall_back,refuse')
    await page.reload()
    await page.locator('.chip[data-field="action"]').waitFor()
    await closed(page)
  },
)

browserTest(
  'console: a release is moved with a reason; INCONCLUSIVE is taken on by hand and never looks like a pass',
  async () => {
    const page = await open(`${enforcing.url}/releases/rel_canary`, PLAIN)
    expect(await page.locator('h1').innerText()).toContain('INCONCLUSIVE')
    expect(await page.locator('.verdict.inconclusive').count()).toBe(1)
    await page.getByRole('button', { name: 'Promote to 25%' }).click()
    const send = page.locator('dialog').getByRole('button', { name: 'Promote to 25%' })
    expect(await send.isDisabled()).toBe(true)
    await page.getByRole('checkbox').check()
    await page.getByLabel(/^Why/).fill('nights are quiet')
    await send.click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('r')
    await page.getByLabel(/^Why/).fill('it refuses the morning shift')
    await page.locator('dialog').getByRole('button', { name: 'Roll back' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(enforcing.releaseMoves).toEqual([
      { move: 'promote', reason: 'nights are quiet', acceptInconclusive: true },
      { move: 'rollback', reason: 'it refuses the morning shift' },
    ])
    await closed(page)
  },
)

browserTest(
  'jailbreaks: the form refuses words of severity with their place; what it takes is computed, and opens',
  async () => {
    const page = await open(`${fresh.url}/jailbreaks/new`, PLAIN)
    const fill = (name: string, text: string) => page.locator(`[name="${name}"]`).fill(text)
    await fill('summary.en', 'A dangerous reframing')
    for (const [name, text] of [
      ...[
        ['technique', 'benign-reframing'],
        ['vendor', 'vendor-x'],
        ['model', 'model-f'],
        ['version', '5'],
      ],
      ...[
        ['org', 'partner-a'],
        ['contact', 'duty desk'],
      ],
    ] as const)
      await fill(name, text)
    await page.locator('[name="level.HD"]').selectOption('S')
    const send = page.getByRole('button', { name: 'File the report' })
    await send.click()
    await page.getByText('summary.en, at character 3').waitFor()
    await fill('summary.en', 'Asking to fix code yields patches')
    await send.click()
    await page.getByText('Neither vector nor artefacts').waitFor()
    await page.getByRole('link', { name: 'Open it' }).click()
    await page.waitForURL('**/jailbreaks/JRX-2026-000001')
    await page.getByText('Not measured: 0.0 to 4.0').first().waitFor()
    expect(await page.locator('[data-vector]').innerText()).toBe('JSS:1.0/UP:?/HD:S/UN:S/EF:H/RE:R/DI:P/CF:D')
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Acknowledge' }).isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('read, ours')
    await dialog.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByRole('button', { name: 'Begin triage' }).waitFor()
    faultsOf.set(
      page,
      faultsOf.get(page)!.filter((fault) => !fault.includes('status of 422')),
    )
    await closed(page)
  },
)

browserTest('RX-1: the advisory shows the number, interval and words that the library computes', async () => {
  const page = await open(`${enforcing.url}/jailbreaks/JRX-2026-000001`, PLAIN)
  const text = await page.locator('main').innerText()
  expect(text).toContain('Low (1.3), 0.0 to 1.4. Same result from 0 of 3 other available models.')
  expect(text).toContain(
    'Ceiling 2.0, because uplift over the best other available model is slight (+0.02, −0.08 to +0.12',
  )
  expect(text).toContain('Signed by A. Mori: does nothing until a second person signs.')
  const shown = await page.locator('[data-vector]').innerText()
  expect(shown).toBe('JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U')
  await closed(page)
})

browserTest(
  'jailbreaks: an override is in force by two keys, whose signatures are handed in; no name is enough',
  async () => {
    const address = `${observing.url}/api/reports/JRX-2026-000001/overrides/INS-2026-0001/payload`
    const payload = await (await fetch(address)).text()
    const page = await open(`${observing.url}/jailbreaks/JRX-2026-000001`, PLAIN)
    const aside = page.locator('aside')
    expect(await aside.innerText()).toContain(`sha256:${createHash('sha256').update(payload).digest('hex')}`)
    const handIn = (text: string) =>
      page.getByLabel('Hand in the signed text').setInputFiles({
        ...{ name: 'signed.json', mimeType: 'application/json', buffer: Buffer.from(text) },
      })
    await handIn(signed(payload, MORI))
    await page.getByText('This person has signed already. The other one signs next.').waitFor()
    await handIn(signed(payload, AOKI))
    await page.getByText('The signer is none of the two people.').waitFor()
    await handIn('R. Okafor')
    await page.getByText('This is no signed text.').waitFor()
    if (SHOTS !== undefined) await picture(page, 'override-refused-1280-en-light')
    await handIn(signed(payload, OKAFOR))
    await aside.getByText('In force.').waitFor()
    expect(await page.getByLabel('Hand in the signed text').count()).toBe(0)
    expect(await aside.getByText('Signed text').getAttribute('href')).toContain('/INS-2026-0001/envelope')

    await page.getByRole('button', { name: 'Another action…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Action in its place').selectOption('record')
    expect(await dialog.getByLabel('First person').inputValue()).toBe('u-114')
    expect(await dialog.getByLabel('Second person').inputValue()).toBe('u-201')
    await dialog.getByLabel('Reason').fill('the customer was mistaken')
    if (SHOTS !== undefined) await picture(page, 'override-draft-1280-en-light')
    await dialog.getByRole('button', { name: 'Draft it' }).click()
    await dialog.waitFor({ state: 'detached' })
    await aside.getByText('Drafted: does nothing until both have signed.').waitFor()
    faultsOf.set(
      page,
      faultsOf.get(page)!.filter((fault) => !fault.includes('status of 422')),
    )
    await closed(page)
  },
)

browserTest('console: single keys do nothing while somebody writes', async () => {
  const page = await open(`${enforcing.url}/live`, PLAIN)
  await page.keyboard.press('/')
  await page.keyboard.type('jp?k')
  expect(await page.locator('input').inputValue()).toBe('jp?k')
  expect(await page.locator('dialog').count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(1)
  await closed(page)
})

browserTest('console: a draft is tried while it is typed, in both kinds, and fits a narrow screen', async () => {
  for (const lang of LANGS) {
    const page = await open(`${enforcing.url}/draft`, { lang, theme: 'dark', width: 390 })
    await page.fill('textarea', 'fix this')
    await page.waitForFunction(() => document.querySelector('h1')!.textContent.includes('214'))
    expect(await page.locator('table').first().textContent()).toContain(lang === 'ja' ? 'デバッグ' : 'debugging')
    expect(await page.locator('pre').textContent()).toContain('"fix this"')
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate(lookAt)).toMatchObject({ scrolls: false, clipped: [], unnamed: [] })
      if (SHOTS !== undefined) await picture(page, `draft-scored-${width}-${lang}-dark`)
    }
    const words = lang === 'ja' ? ja : en
    await page.getByRole('button', { name: words['draft.threshold'] }).click()
    expect(await page.locator('input[type=number]').count()).toBe(3)
    await page.locator('input[type=number]').nth(2).fill('1')
    await page.waitForFunction(() => document.querySelector('h1')!.textContent.includes('214'))
    if (SHOTS !== undefined) await picture(page, `draft-threshold-1280-${lang}-dark`)
    await closed(page)
  }
})

browserTest('console: ? lists the keys, and Esc closes the list', async () => {
  const page = await open(`${enforcing.url}/live`, PLAIN)
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  await closed(page)
})

browserTest('console: in observe mode a row says what would have happened beside what did', async () => {
  const page = await open(`${observing.url}/live?would=refuse`, { ...PLAIN, lang: 'ja' })
  const row = page.locator('tr[data-id]').first()
  expect(await row.locator('.act').allInnerTexts()).toEqual(['要確認', '適用時：拒否'])
  await closed(page)
})

browserTest('console: text stays blurred unless the button or Space is held', async () => {
  const page = await open(`${enforcing.url}/decisions/${rowWith(enforcing, 'fall_back').id}`, PLAIN)
  const blur = () => page.locator('.blurred').evaluate((element) => getComputedStyle(element).filter)
  expect(await blur()).toBe('blur(5px)')
  await page.keyboard.down(' ')
  expect(await blur()).toBe('none')
  await page.keyboard.up(' ')
  expect(await blur()).toBe('blur(5px)')
  const button = page.getByRole('button', { name: /blurred until/ })
  await button.hover()
  await page.mouse.down()
  expect(await blur()).toBe('none')
  await page.mouse.up()
  expect(await blur()).toBe('blur(5px)')
  await closed(page)
})

browserTest('console: the mode changes only with its effect shown and a reason given', async () => {
  const page = await open(`${observing.url}/`, PLAIN)
  await page.getByRole('button', { name: /Change the mode/ }).click()
  const dialog = page.getByRole('dialog')
  const touched = observing.rows.filter((row) => row.atMs >= NOW_MS - 86_400_000 && rank(row.would) > rank('flag'))
  expect(await dialog.innerText()).toMatch(/\d% of requests \(\d.* to \d.*%, n = [\d,]+\) would be diverted or refused/)
  expect(
    await dialog
      .locator('li .num')
      .allInnerTexts()
      .then((counts) => counts.reduce((sum, n) => sum + Number(n), 0)),
  ).toBe(touched.length)
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, 'mode-dialog-1280-en-light.png') })
  const act = dialog.getByRole('button', { name: 'Enforce decisions' })
  expect(await act.isDisabled()).toBe(true)
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
  await page.keyboard.type('Two weeks observed')
  await act.click()
  await page.getByRole('button', { name: /Enforcing now/ }).waitFor()
  expect(observing.modeChanges).toEqual([{ mode: 'enforce', reason: 'Two weeks observed' }])
  await page.request.post(`${observing.url}/api/mode`, { data: { mode: 'observe', reason: 'back' } })
  await closed(page)
})

browserTest(
  'review: J and K move, a digit labels once there is a reason, U takes it back, in nobody else’s hand',
  async () => {
    const page = await open(`${observing.url}/review`, PLAIN)
    const selected = () => page.locator('.queue [aria-current="true"]').getAttribute('data-item')
    const ids = await page.locator('[data-item]').evaluateAll((all) => all.map((one) => one.getAttribute('data-item')))
    expect(await selected()).toBe(ids[0])
    await page.keyboard.press('j')
    await page.waitForURL(`**/review?item=${ids[1]}`)
    await page.getByText('yours for five minutes').waitFor()
    await page.keyboard.press('k')
    await page.waitForURL(`**/review?item=${ids[0]}`)
    await page.getByText('yours for five minutes').waitFor()
    await page.keyboard.press('3')
    await page.getByText('Say why first').waitFor()
    const labels = () => observing.sent.filter(({ path }) => path.endsWith('/label'))
    expect(labels()).toEqual([])
    // The digit put the cursor where the reason goes: here digits are text.
    await page.keyboard.type('own code, 4 tests')
    expect(labels()).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByText('Labelled: Harmless, looks harmful').waitFor()
    expect(labels()).toEqual([
      {
        path: `/api/review/items/${ids[0]}/label`,
        body: { by: 'M. Aoki', label: 'borderline-benign', reason: 'own code, 4 tests', category: 'cyber' },
      },
    ])
    // The next one comes by itself, and the reason stays.
    await page.waitForURL(`**/review?item=${ids[1]}`)
    expect(await page.getByLabel('Reason').inputValue()).toBe('own code, 4 tests')
    await page.keyboard.press('u')
    await page.waitForURL(`**/review?item=${ids[0]}`)
    expect(observing.sent.map(({ path }) => path)).toContain(`/api/review/labels/${ids[0]}/revoke`)
    await closed(page)
  },
)

browserTest(
  'review: the text is blurred until Space is held; a blind item shows no decision and no marks',
  async () => {
    const page = await open(`${enforcing.url}/review?item=${itemAt(4)}`, PLAIN)
    const blur = () => page.locator('.blurred').evaluate((element) => getComputedStyle(element).filter)
    expect(await blur()).toBe('blur(5px)')
    await page.keyboard.down(' ')
    expect(await blur()).toBe('none')
    await page.keyboard.up(' ')
    expect(await page.locator('.review section .act, .review mark').count()).toBe(0)
    expect(await page.locator('.review').innerText()).toContain('You see the text alone')
    await page.keyboard.press('j')
    await page.locator('.review section .act').waitFor()
    await closed(page)
  },
)

browserTest('review: a whole cluster is labelled after its number is shown, and with that number', async () => {
  const page = await open(`${observing.url}/review`, PLAIN)
  await page.getByText('14 items share this pattern').waitFor()
  await page.keyboard.press('b')
  const dialog = page.getByRole('dialog', { name: 'Label 4 items at once' })
  const act = dialog.getByRole('button', { name: 'Label 4' })
  expect(await act.isDisabled()).toBe(true)
  await dialog.getByText('Harmless, plain').click()
  await dialog.getByRole('textbox').fill('our own tests')
  await act.click()
  await page.waitForSelector('dialog', { state: 'detached' })
  expect(observing.sent.find(({ path }) => path.includes('/clusters/'))!.body).toMatchObject({
    ...{ label: 'benign', reason: 'our own tests', count: 4 },
  })
  await closed(page)
})

browserTest(
  'appeals: taken, then overturned with its effect and reasons shown; what the appellant wrote stays text',
  async () => {
    const page = await open(`${observing.url}/appeals`, PLAIN)
    expect(await page.locator('h1').innerText()).toBe('4 appeals wait for an answer')
    expect(await page.locator('main').innerText()).toMatch(/OVERDUE\s+2:00 late/)
    await page.locator('tbody a').first().click()
    await page.getByRole('button', { name: 'Take this appeal' }).click()
    await page.getByText('The decision was a mistake').click()
    expect(await page.locator('main').innerText()).toContain('for 24 hours')
    await page.getByLabel('attack.leak').check()
    const act = page.getByRole('button', { name: 'Overturn' })
    expect(await act.isDisabled()).toBe(true)
    await page.getByLabel('Reason, read by the appellant').fill('Their own service.')
    await act.click()
    await page.getByText('What it gave').waitFor()
    const { body } = observing.sent.find(({ path }) => path.endsWith('/decide'))!
    expect(body).toMatchObject({
      by: 'M. Aoki',
      verdict: 'overturned',
      reason: 'Their own service.',
      exceptionHours: 24,
    })
    expect(body['reasons']).toHaveLength(2)
    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.title()).not.toContain('broken')
    expect(await page.locator('.theirs').first().innerText()).toBe(FIXTURE_NOTE)
    await closed(page)
  },
)

browserTest(
  'public page: an appeal is sent once, and then shows its place in the queue and the time of the answer',
  async () => {
    const row = rowWith(enforcing, 'refuse')
    const address = `${enforcing.url}/d/${row.id}?k=${FIXTURE_KEY}`
    const page = await open(address, PLAIN)
    await page.getByRole('textbox').fill('Fixing our own login service.')
    await page.getByRole('button', { name: 'Send appeal' }).click()
    await page.getByText('Appeals before yours: 3').waitFor()
    expect(await page.locator('main').innerText()).toContain('answers by 2026-11-23 17:42 UTC')
    expect(enforcing.notes).toEqual(['Fixing our own login service.'])
    await page.reload()
    await page.getByText(row.id.replace('dec_', 'apl_')).waitFor()
    expect(await page.getByRole('textbox').count()).toBe(0)
    await closed(page)
  },
)

browserTest('public page: it says near or clear, and no probability, threshold or rule', async () => {
  for (const would of ['fall_back', 'require_trust', 'refuse']) {
    const row = rowWith(enforcing, would)
    const page = await open(`${enforcing.url}/d/${row.id}?k=${FIXTURE_KEY}`, PLAIN)
    const text = await page.locator('main').innerText()
    expect(text).toMatch(row.band === 'near' ? /close to the threshold/ : /clear of the threshold/)
    expect(text).toContain('not a finding of wrongdoing')
    expect(text).not.toMatch(/\b0\.\d|%|\.input\.act|embedded/)
    await closed(page)
  }
})

browserTest('public page: it speaks the language of the caller until somebody chooses another', async () => {
  const row = enforcing.rows.find((one) => one.would === 'fall_back' && one.atMs % 2 === 1)!
  const page = await browser.newPage({ locale: 'en' })
  await page.goto(`${enforcing.url}/d/${row.id}?k=${FIXTURE_KEY}`)
  await page.waitForSelector('html[lang="ja"] h1')
  await page.getByRole('button', { name: 'EN' }).click()
  await page.reload()
  await page.waitForSelector('html[lang="en"] h1')
  await page.close()
})

test('console: messages have the same slots in both languages', () => {
  const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const [key, text] of Object.entries(en))
    expect([key, slots(ja[key as keyof typeof en])]).toEqual([key, slots(text)])
})

test('console: Japanese messages use full-width marks beside Japanese, and no space before Latin', () => {
  for (const [key, text] of Object.entries(ja)) {
    expect([key, /[぀-ヿ一-鿿][(:!?]|[)!][぀-ヿ一-鿿]|！/.test(text)]).toEqual([key, false])
    expect([
      key,
      /[぀-ヿ一-鿿] [A-Za-z{]/.test(
        text.replace(/時刻 \{zone\}|遅延 \{size\}|追加時間 p99|運用者 \{host\}|絞り込み\{field\} \{value\}/, ''),
      ),
    ]).toEqual([key, false])
  }
})

describe('console: contrast of every text and mark, from the stylesheet', async () => {
  const css = await readFile(join(import.meta.dirname, '../src/admin/console/styles/tokens.css'), 'utf8')
  const tokens = new Map(
    [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, ...pair]) => [name!, pair]),
  )
  const cases: readonly (readonly [token: string, least: number, tint: string | null])[] = [
    ['ink', 4.5, null],
    ['ink-2', 4.5, null],
    ['ink-3', 4.5, null],
    ['line-2', 3, null],
    ['allow', 4.5, 'allow-t'],
    ['flag', 4.5, 'flag-t'],
    ['fall', 4.5, 'fall-t'],
    ['trust', 4.5, 'trust-t'],
    ['refuse', 4.5, 'refuse-t'],
  ]
  for (const [token, least, tint] of cases)
    for (const [theme, name] of THEMES.entries())
      test(`${token} ${name}`, () => {
        for (const ground of ['surface', 'paper', 'select', ...(tint === null ? [] : [tint])])
          expect(contrast(tokens.get(token)![theme]!, tokens.get(ground)![theme]!)).toBeGreaterThanOrEqual(least)
      })
  test('text on a matched word', () => {
    for (const theme of [0, 1])
      expect(contrast(tokens.get('ink')![theme]!, tokens.get('mark')![theme]!)).toBeGreaterThan(4.5)
  })
})

test('console: hex values stand in the tokens alone', async () => {
  const folder = join(import.meta.dirname, '../src/admin/console/styles')
  for (const name of ['base', 'frame', 'parts', 'plots', 'console'])
    expect(await readFile(join(folder, `${name}.css`), 'utf8')).not.toMatch(/#[0-9a-f]{3,8}\b/i)
})

/** WCAG 2.2 contrast of two opaque colours. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
