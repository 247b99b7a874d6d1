import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { AOKI, MORI, OKAFOR, signed } from './fakes/people.ts'
import { browserTest } from './parts/browser.ts'
import { closed, consoles, forgive, open, PLAIN, picture, SHOTS } from './parts/console.ts'

/** What people do on the pages of jailbreaks. */
const at = consoles('enforcing', 'observing', 'fresh')

browserTest(
  'jailbreaks: the form refuses words of severity with their place; what it takes is computed, and opens',
  async () => {
    const page = await open(`${at.fresh.url}/jailbreaks/new`, PLAIN)
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
    await page.getByText('Summary, English, at character 3').waitFor()
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
    forgive(page, 'status of 422')
    await closed(page)
  },
)

browserTest('RX-1: the advisory shows the number, interval and words that the library computes', async () => {
  const page = await open(`${at.enforcing.url}/jailbreaks/JRX-2026-000001`, PLAIN)
  await page.getByText('Signed by A. Mori: does nothing until a second person signs.').waitFor()
  const text = await page.locator('main').innerText()
  expect(text).toContain('Low (1.3), 0.0 to 1.4. Same result from 0 of 3 other available models.')
  expect(text).toContain(
    'Ceiling 2.0, because uplift over the best other available model is slight (+0.02, −0.08 to +0.12',
  )
  const shown = await page.locator('[data-vector]').innerText()
  expect(shown).toBe('JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U')
  await closed(page)
})

browserTest(
  'jailbreaks: an override is in force by two keys, whose signatures are handed in; no name is enough',
  async () => {
    const address = `${at.observing.url}/api/reports/JRX-2026-000001/overrides/INS-2026-0001/payload`
    const payload = await (await fetch(address)).text()
    const page = await open(`${at.observing.url}/jailbreaks/JRX-2026-000001`, PLAIN)
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
    forgive(page, 'status of 422')
    await closed(page)
  },
)
