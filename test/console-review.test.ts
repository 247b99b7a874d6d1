import { expect } from 'vitest'
import { FIXTURE_KEY } from './fakes/admin-fixture.ts'
import { FIXTURE_NOTE } from './fakes/review-fixture.ts'
import { browserTest } from './parts/browser.ts'
import { closed, consoles, itemAt, newPage, open, PLAIN, rowWith } from './parts/console.ts'
import type { PageStyle } from './parts/page-dom.ts'

/** What reviewers, appellants and whoever decides on appeals do. */
const at = consoles('enforcing', 'observing')

declare const getComputedStyle: PageStyle

browserTest(
  'review: J and K move, a digit labels once there is a reason, U takes it back, in nobody else’s hand',
  async () => {
    const page = await open(`${at.observing.url}/review`, PLAIN)
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
    const labels = () => at.observing.sent.filter(({ path }) => path.endsWith('/label'))
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
    expect(at.observing.sent.map(({ path }) => path)).toContain(`/api/review/labels/${ids[0]}/revoke`)
    await closed(page)
  },
)

browserTest(
  'review: the text is blurred until Space is held; a blind item shows no decision and no marks',
  async () => {
    const page = await open(`${at.enforcing.url}/review?item=${itemAt(at.enforcing, 4)}`, PLAIN)
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
  const page = await open(`${at.observing.url}/review`, PLAIN)
  await page.getByText('14 items share this pattern').waitFor()
  await page.keyboard.press('b')
  const dialog = page.getByRole('dialog', { name: 'Label 4 items at once' })
  const act = dialog.getByRole('button', { name: 'Label 4' })
  expect(await act.isDisabled()).toBe(true)
  await dialog.getByText('Harmless, plain').click()
  await dialog.getByRole('textbox').fill('our own tests')
  await act.click()
  await page.waitForSelector('dialog', { state: 'detached' })
  expect(at.observing.sent.find(({ path }) => path.includes('/clusters/'))!.body).toMatchObject({
    ...{ label: 'benign', reason: 'our own tests', count: 4 },
  })
  await closed(page)
})

browserTest(
  'appeals: taken, then overturned with its effect and reasons shown; what the appellant wrote stays text',
  async () => {
    const page = await open(`${at.observing.url}/appeals`, PLAIN)
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
    const { body } = at.observing.sent.find(({ path }) => path.endsWith('/decide'))!
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
    const row = rowWith(at.enforcing, 'refuse')
    const address = `${at.enforcing.url}/d/${row.id}?k=${FIXTURE_KEY}`
    const page = await open(address, PLAIN)
    await page.getByRole('textbox').fill('Fixing our own login service.')
    await page.getByRole('button', { name: 'Send appeal' }).click()
    await page.getByText('Appeals before yours: 3').waitFor()
    expect(await page.locator('main').innerText()).toContain('answers by 2026-11-23 17:42 UTC')
    expect(at.enforcing.notes).toEqual(['Fixing our own login service.'])
    await page.reload()
    await page.getByText(row.id.replace('dec_', 'apl_')).waitFor()
    expect(await page.getByRole('textbox').count()).toBe(0)
    await closed(page)
  },
)

browserTest('public page: it says near or clear, and no probability, threshold or rule', async () => {
  for (const would of ['fall_back', 'require_trust', 'refuse']) {
    const row = rowWith(at.enforcing, would)
    const page = await open(`${at.enforcing.url}/d/${row.id}?k=${FIXTURE_KEY}`, PLAIN)
    const text = await page.locator('main').innerText()
    expect(text).toMatch(row.band === 'near' ? /close to the threshold/ : /clear of the threshold/)
    expect(text).toContain('not a finding of wrongdoing')
    expect(text).not.toMatch(/\b0\.\d|%|\.input\.act|embedded/)
    await closed(page)
  }
})

browserTest('public page: it speaks the language of the caller until somebody chooses another', async () => {
  const row = at.enforcing.rows.find((one) => one.would === 'fall_back' && one.atMs % 2 === 1)!
  const page = await newPage({ locale: 'en' })
  await page.goto(`${at.enforcing.url}/d/${row.id}?k=${FIXTURE_KEY}`)
  await page.waitForSelector('html[lang="ja"] h1')
  await page.getByRole('button', { name: 'EN' }).click()
  await page.reload()
  await page.waitForSelector('html[lang="en"] h1')
  await page.close()
})
