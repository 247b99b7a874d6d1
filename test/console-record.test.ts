import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import type { PartnerList } from '../src/admin/partner-contract.ts'
import { utf8Bytes } from '../src/core/base/utf8.ts'
import { verifyProof } from '../src/core/record/offline-proof.ts'
import { leafHash } from '../src/core/record/tree.ts'
import { parsePolicy } from '../src/core/record/witness-policy.ts'
import { sha256, verifyEd25519 } from '../src/io/keys/ed25519.ts'
import { buildConsole, CONSOLE_DIST } from '../tools/build-console.ts'
import { type AdminFixture, startAdminFixture } from './fakes/admin-fixture.ts'
import { RECORD_BEFORE, RECORD_SIZE } from './fakes/record-fixture.ts'
import { browserTest, CHROMIUM, launchBrowser } from './parts/browser.ts'
import { LOG, ORIGIN, POLICY, WITNESSES } from './record/folder.ts'
import { checkpointBody, sha256 as hashed, note } from './record/notes.ts'

/** The record explorer against a folder that another program signed, and against a server that changes it. */
let browser: Browser
let fixture: AdminFixture
beforeAll(async () => {
  await buildConsole()
  if (CHROMIUM === undefined && process.env.CI !== 'true') return
  ;[browser, fixture] = await Promise.all([
    launchBrowser(),
    startAdminFixture({ mode: 'enforce', size: 'day', dist: CONSOLE_DIST }),
  ])
})
afterAll(async () => {
  await browser?.close()
  await fixture?.close()
})

declare const localStorage: { getItem(name: string): string | null; setItem(name: string, value: string): void }
declare const crypto: { readonly subtle: { importKey: unknown } }
const SEEN = 'sluice.record.seen'

async function open(path: string, before?: (context: BrowserContext) => Promise<unknown>): Promise<Page> {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 900 } })
  await before?.(context)
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.unreachable(error.message))
  await page.goto(`${fixture.url}${path}`)
  await page.locator('.checks').first().waitFor()
  return page
}

/** A server that changes one byte of a file. `at` counts from the end where it is negative. */
const changing =
  (path: string, at: number, to = 1) =>
  (context: BrowserContext) =>
    context.route(`**/record/${path}`, async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      body[at < 0 ? body.length + at : at]! ^= to
      await route.fulfill({ response, body })
    })

const outcome = (page: Page, check: string) =>
  page.locator(`[data-check="record.check.${check}"]`).getAttribute('data-outcome')
const outcomes = async (page: Page) =>
  Promise.all(['signature', 'witnesses', 'history', 'entries', 'not'].map((check) => outcome(page, check)))
const h1 = (page: Page) => page.locator('h1').innerText()
const faulty = (page: Page) =>
  page.locator('tr[data-fault]:not([data-fault=""])').evaluateAll((rows) =>
    // The attributes of a row of the table, in the browser.
    rows.map((row) => [row.getAttribute('data-index'), row.getAttribute('data-fault')]),
  )

browserTest(
  'record page: what another program signed is recomputed in the browser, and what is not is said',
  async () => {
    const page = await open('/record')
    expect(await h1(page)).toBe(`${RECORD_SIZE} entries, and the 50 shown here verify`)
    expect(await outcomes(page)).toEqual(['pass', 'pass', 'open', 'pass', 'open'])
    expect(await faulty(page)).toEqual([])
    await page.getByRole('link', { name: 'Older entries' }).click()
    await page.waitForURL('**/record?before=250')
    await page.locator('tr[data-index="200"]').waitFor()
    await page.getByLabel('Kind', { exact: true }).selectOption('appeal')
    await page.waitForURL('**/record?kind=appeal')
    await page.locator('tr[data-index="7"]').waitFor()
    const kinds = await page.locator('tr[data-index] td:nth-child(2)').allInnerTexts()
    expect(kinds).toEqual(Array.from({ length: 8 }, () => 'appeal'))
    await page.context().close()
  },
)

browserTest('record page: one byte of an entry changed on the way shows red, with its index', async () => {
  // The last byte but a few of the last entry of the second bundle: inside its JSON, which still reads.
  const page = await open('/record', changing('tile/entries/001.p/44', -6))
  expect(await h1(page)).toBe(`Entry ${RECORD_SIZE - 1} does not verify`)
  expect(await faulty(page)).toEqual([[String(RECORD_SIZE - 1), 'bytes']])
  expect(await outcome(page, 'entries')).toBe('fail')
  await page.locator(`tr[data-index="${RECORD_SIZE - 1}"] a`).click()
  await page.waitForURL(`**/record/${RECORD_SIZE - 1}`)
  await page.getByRole('alert').waitFor()
  expect(await h1(page)).toBe(`Entry ${RECORD_SIZE - 1} does not verify`)
  expect(await page.getByRole('alert').innerText()).toContain('another leaf hash')
  expect(await page.locator('.path .end').innerText()).toContain('does not verify')
  expect(await page.getByRole('button', { name: 'Proof as a file' }).count()).toBe(0)
  await page.context().close()
})

browserTest(
  'record page: a changed length of a bundle, a changed hash, a changed checkpoint are all seen',
  async () => {
    const cut = await open(`/record/${RECORD_SIZE - 1}`, changing('tile/entries/001.p/44', 0, 0x40))
    expect(await h1(cut)).toBe(`Entry ${RECORD_SIZE - 1} does not verify`)
    await cut.context().close()
    const tile = await open('/record', changing('tile/0/001.p/44', 0))
    // The hash of entry 256 is in every path but its own.
    expect(await h1(tile)).toBe('49 of the 50 entries shown do not verify; the newest is 299')
    expect(await faulty(tile)).toContainEqual(['299', 'path'])
    await tile.context().close()
    const head = await open('/record', changing('checkpoint', ORIGIN.length + 1, 3))
    expect(await h1(head)).toBe('The checkpoint does not verify')
    expect(await outcome(head, 'signature')).toBe('fail')
    await head.context().close()
  },
)

const seenBefore =
  (noteText: string, policy = POLICY) =>
  (context: BrowserContext) =>
    context.addInitScript(
      ([name, value]) => localStorage.getItem(name!) ?? localStorage.setItem(name!, value!),
      [SEEN, JSON.stringify({ [ORIGIN]: { note: noteText, policy, atMs: 1_795_000_000_000 } })],
    )

browserTest(
  'record page: a checkpoint seen before is proven to be its beginning, and replaced by this one',
  async () => {
    const earlier = await (await fetch(`${fixture.url}/record/checkpoints/${RECORD_BEFORE}`)).text()
    const page = await open('/record', seenBefore(earlier))
    expect(await outcome(page, 'history')).toBe('pass')
    expect(await page.locator('[data-check="record.check.history"]').innerText()).toContain(
      `all ${RECORD_BEFORE} entries`,
    )
    const kept = JSON.parse((await page.evaluate((name) => localStorage.getItem(name), SEEN))!)
    expect(kept[ORIGIN].note).toBe(await (await fetch(`${fixture.url}/record/checkpoint`)).text())
    await page.context().close()
  },
)

browserTest('record page: another history of the same log is red, and the earlier checkpoint is kept', async () => {
  const signed = (size: number) => note(checkpointBody(ORIGIN, size, hashed('another history')), [LOG, ...WITNESSES])
  const cases: readonly (readonly [size: number, says: string])[] = [
    [RECORD_BEFORE, 'are not the beginning of this log'],
    [RECORD_SIZE, 'another root for the same'],
    [RECORD_SIZE + 1, 'Entries were taken out'],
  ]
  for (const [size, says] of cases) {
    const page = await open('/record', seenBefore(signed(size)))
    expect(await h1(page)).toBe('The record does not continue what this browser saw before')
    expect(await page.locator('[data-check="record.check.history"]').innerText()).toContain(says)
    const kept = JSON.parse((await page.evaluate((name) => localStorage.getItem(name), SEEN))!)
    expect(kept[ORIGIN].note).toBe(signed(size))
    await page.context().close()
  }
})

browserTest(
  'record page: another policy than before is red; a browser without Ed25519 says what it did not check',
  async () => {
    const checkpoint = await (await fetch(`${fixture.url}/record/checkpoint`)).text()
    const other = await open('/record', seenBefore(checkpoint, POLICY.replace('both all', 'both any')))
    expect(await outcome(other, 'history')).toBe('fail')
    await other.context().close()
    const page = await open('/record', (context) =>
      context.addInitScript(() => {
        crypto.subtle.importKey = () => Promise.reject(new Error('unknown algorithm'))
      }),
    )
    expect(await h1(page)).toBe(`${RECORD_SIZE} entries; their signature was not checked here`)
    expect(await outcomes(page)).toEqual(['open', 'open', 'open', 'pass', 'open'])
    expect(await page.locator('[data-check="record.check.signature"]').innerText()).toContain('sluice record verify')
    await page.context().close()
  },
)

browserTest(
  'record page: an entry shows its path, its document hashed here, and a proof that holds offline',
  async () => {
    const page = await open('/record/1')
    expect(await h1(page)).toBe('Entry 1 is in the record: authorities')
    await page.getByText('its hash is the one named').waitFor()
    // From the tree alone: 300 entries are 256 and 44, and the left half is eight levels deep.
    expect(await page.locator('.path li').count()).toBe(1 + 9 + 1)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Proof as a file' }).click(),
    ])
    const proof = await readFile(await download.path(), 'utf8')
    const entry = utf8Bytes(await page.locator('pre.bytes').last().innerText())
    const policy = parsePolicy(sha256, POLICY)
    expect(verifyProof(proof, leafHash(sha256, entry), policy, { sha256, verify: verifyEd25519 })).toEqual({
      kind: 'proven',
      index: 1,
      size: RECORD_SIZE,
    })
    await page.context().close()
  },
)

browserTest(
  'RX-6: partners: a stopped feed shows both signed checkpoints; stale, set aside and disputes are named',
  async () => {
    const list = (await (await fetch(`${fixture.url}/api/partners`)).json()) as PartnerList
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    await page.goto(`${fixture.url}/partners`)
    await page.locator('.feeds').waitFor()
    expect(await h1(page)).toBe('Feeds stopped: 1; a log contradicts itself')
    const [stopped] = list.feeds.filter((feed) => feed.stopped !== null)
    const shown = await page.locator('.notes pre').allInnerTexts()
    expect(shown.map((text) => text.trim())).toEqual(stopped!.stopped!.notes.map((text) => text!.trim()))
    expect(new Set(shown).size).toBe(2)
    const feed = (name: string) => page.locator(`tr[data-feed="${name}"]`).innerText()
    expect(await feed('partner-c/clear')).toContain('stopped')
    expect(await feed('partner-a/clear')).toMatch(/fresh[\s\S]*3 h 0 min ago, of at most 24 h/)
    expect(await feed('partner-d/green')).toMatch(/stale[\s\S]*1 d 1 h ago, of at most 24 h/)
    expect(list.feeds.find(({ origin }) => origin === 'partner-a/clear')).toMatchObject({ applied: 2, pending: 0 })
    expect(await page.getByText('STM-2026-000009').count()).toBe(1)
    const object = page.locator('tr[data-object="partner-a/JRX-2026-000001"]')
    expect(await object.innerText()).toContain('partner-c disputes EF')
    const whole = await fetch(`${fixture.url}${await object.getByRole('link', { name: 'JSON' }).getAttribute('href')}`)
    expect(await whole.json()).toMatchObject({
      publisher: 'partner-a',
      record: { id: 'JRX-2026-000001' },
      disputed: true,
    })
    await object.getByRole('link', { name: /Report here/ }).click()
    await page.waitForURL('**/jailbreaks/JRX-2026-000001')
    await context.close()
  },
)
