import { join } from 'node:path'
import { expect } from 'vitest'
import { en } from '../src/admin/console/messages/en.ts'
import { ja } from '../src/admin/console/messages/ja.ts'
import { rank } from '../src/core/policy/policy.ts'
import { NOW_MS, rowAt } from './fakes/admin-data.ts'
import { browserTest } from './parts/browser.ts'
import { closed, consoles, LANGS, lookAt, open, PLAIN, picture, rowWith, SHOTS } from './parts/console.ts'
import type { PageDocument, PageStyle } from './parts/page-dom.ts'

/** What operators do: Home, the log, decisions, releases, drafts, the mode. */
const at = consoles('enforcing', 'observing', 'few')

declare const document: PageDocument
declare const getComputedStyle: PageStyle

browserTest('console: no percentage on Home stands without its interval', async () => {
  for (const address of [`${at.enforcing.url}/`, `${at.observing.url}/?window=7d`]) {
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
  const page = await open(`${at.few.url}/`, PLAIN)
  const text = await page.locator('main').innerText()
  expect(text).not.toMatch(/\d%/)
  expect(text).toContain('INCONCLUSIVE')
  expect(text).toContain('n = 30')
  expect(await page.locator('.hatched').count()).toBe(5)
  await closed(page)
})

browserTest('console: the window of Home is in the address', async () => {
  const page = await open(`${at.enforcing.url}/`, PLAIN)
  await page.getByRole('button', { name: '7 d' }).click()
  await page.waitForURL('**/?window=7d')
  expect(await page.locator('h1').innerText()).toContain('in the last 7 days')
  await closed(page)
})

browserTest('console: J, K and Enter walk the log and open a decision', async () => {
  const page = await open(`${at.enforcing.url}/live`, PLAIN)
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
  await page.waitForURL(`${at.enforcing.url}/`)
  await closed(page)
})

browserTest('console: a new decision appears by itself, and P holds it back until the pause ends', async () => {
  const page = await open(`${at.enforcing.url}/live`, PLAIN)
  const push = (seed: number) => {
    const row = rowAt(NOW_MS + seed, 90_000 + seed, 'enforce', ['refuse', 'harm.bio', 'bio', 0])
    at.enforcing.push(row)
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
    const page = await open(`${at.enforcing.url}/live`, PLAIN)
    await page.keyboard.press('/')
    await page.keyboard.type('action:fall_back,refuse surface:messages')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/live?action=fall_back,refuse&surface=messages')
    await page.locator('.chip[data-field="action"]').waitFor()
    const expected = at.enforcing.rows.filter(
      (row) => (row.action === 'fall_back' || row.action === 'refuse') && row.surface === 'messages',
    )
    await page.getByText(`of ${expected.length} shown`).waitFor()
    expect(await page.locator('tr[data-id]').count()).toBe(Math.min(100, expected.length))
    const exported = await page.getByRole('link', { name: 'JSONL' }).getAttribute('href')
    const lines = (await (await fetch(`${at.enforcing.url}${exported}`)).text()).trim().split('\n')
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
    const page = await open(`${at.enforcing.url}/releases/rel_canary`, PLAIN)
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
    expect(at.enforcing.releaseMoves).toEqual([
      { move: 'promote', by: 'M. Aoki', reason: 'nights are quiet', acceptInconclusive: true },
      { move: 'rollback', by: 'M. Aoki', reason: 'it refuses the morning shift' },
    ])
    await closed(page)
  },
)

browserTest('console: single keys do nothing while somebody writes', async () => {
  const page = await open(`${at.enforcing.url}/live`, PLAIN)
  await page.keyboard.press('/')
  await page.keyboard.type('jp?k')
  expect(await page.locator('input').inputValue()).toBe('jp?k')
  expect(await page.locator('dialog').count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(1)
  await closed(page)
})

browserTest('console: a draft is tried while it is typed, in both kinds, and fits a narrow screen', async () => {
  for (const lang of LANGS) {
    const page = await open(`${at.enforcing.url}/draft`, { lang, theme: 'dark', width: 390 })
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
  const page = await open(`${at.enforcing.url}/live`, PLAIN)
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  await closed(page)
})

browserTest('console: in observe mode a row says what would have happened beside what did', async () => {
  const page = await open(`${at.observing.url}/live?would=refuse`, { ...PLAIN, lang: 'ja' })
  const row = page.locator('tr[data-id]').first()
  expect(await row.locator('.act').allInnerTexts()).toEqual(['要確認', '適用時：拒否'])
  await closed(page)
})

browserTest('console: text stays blurred unless the button or Space is held', async () => {
  const page = await open(`${at.enforcing.url}/decisions/${rowWith(at.enforcing, 'fall_back').id}`, PLAIN)
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
  const page = await open(`${at.observing.url}/`, PLAIN)
  await page.getByRole('button', { name: /Change the mode/ }).click()
  const dialog = page.getByRole('dialog')
  const touched = at.observing.rows.filter((row) => row.atMs >= NOW_MS - 86_400_000 && rank(row.would) > rank('flag'))
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
  expect(at.observing.modeChanges).toEqual([{ mode: 'enforce', reason: 'Two weeks observed', by: 'M. Aoki' }])
  await page.request.post(`${at.observing.url}/api/mode`, { data: { mode: 'observe', reason: 'back' } })
  await closed(page)
})

browserTest('console: chords go to the pages that ? lists, and Ctrl-K goes, does and finds', async () => {
  const page = await open(`${at.enforcing.url}/live`, PLAIN)
  for (const [key, path] of [
    ['r', '/review'],
    ['i', '/jailbreaks'],
    ['e', '/record'],
    ['q', '/review'],
    ['a', '/appeals'],
    ['l', '/live'],
  ]) {
    await page.keyboard.press('g')
    await page.keyboard.press(key!)
    await page.waitForURL(`**${path}`)
  }
  await page.keyboard.press('?')
  const listed = await page.getByRole('dialog').innerText()
  for (const word of ['go to Jailbreaks', 'go to Record', 'search, jump, do']) expect(listed).toContain(word)
  await page.keyboard.press('Escape')
  const palette = page.getByRole('dialog', { name: 'Search or jump' })
  // While a filter is being typed, too.
  await page.getByRole('textbox', { name: 'Filter' }).focus()
  await page.keyboard.press('Control+k')
  await palette.getByRole('option').first().waitFor()
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, 'palette-1280-en-light.png') })
  await page.keyboard.type('appe')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/appeals')
  const { id } = rowWith(at.enforcing, 'refuse')
  await page.keyboard.press('Control+k')
  await page.keyboard.type(id)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/decisions/${id}`)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('cookie')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/live?q=cookie')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('mode')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'What decisions do' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.keyboard.press('ArrowUp')
  expect(await palette.getByRole('option', { selected: true }).innerText()).toContain('Show all keys')
  await page.keyboard.press('Escape')
  await closed(page)
})
