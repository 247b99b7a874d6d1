import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIXTURE_KEY } from './fakes/admin-fixture.ts'
import { browserDescribe } from './parts/browser.ts'
import {
  appealAt,
  closed,
  consoles,
  itemAt,
  LANGS,
  lookAt,
  newContext,
  openIn,
  picture,
  rowWith,
  SHOTS,
  THEMES,
} from './parts/console.ts'
import type { PageDocument } from './parts/page-dom.ts'

/** That nothing spoils a page: what is cut off, leaves the page, has no name, is in another language or colour. */
const at = consoles('enforcing', 'observing', 'fresh', 'few')

declare const document: PageDocument

const WIDTHS = [390, 1024, 1280, 1920] as const

const PLACES: readonly (readonly [name: string, address: () => string])[] = [
  ['home', () => `${at.enforcing.url}/`],
  ['home-observe', () => `${at.observing.url}/?window=1h`],
  ['home-few', () => `${at.few.url}/`],
  ['live', () => `${at.enforcing.url}/live`],
  ['live-observe', () => `${at.observing.url}/live?would=fall_back,require_trust,refuse&surface=messages,chat`],
  ['live-empty', () => `${at.fresh.url}/live`],
  ['decision', () => `${at.enforcing.url}/decisions/${rowWith(at.enforcing, 'fall_back').id}`],
  ['decision-observe', () => `${at.observing.url}/decisions/${rowWith(at.observing, 'refuse').id}`],
  ['decision-missing', () => `${at.enforcing.url}/decisions/dec_00000000000000000000000000`],
  ['releases', () => `${at.enforcing.url}/releases`],
  ['releases-none', () => `${at.fresh.url}/releases`],
  ['release-canary', () => `${at.enforcing.url}/releases/rel_canary`],
  ['release-review', () => `${at.enforcing.url}/releases/rel_review`],
  ['release-draft', () => `${at.enforcing.url}/releases/rel_01KB0000000000000000000000`],
  ['release-missing', () => `${at.enforcing.url}/releases/rel_none`],
  ['draft', () => `${at.enforcing.url}/draft`],
  ['usefulness', () => `${at.enforcing.url}/usefulness`],
  ['usefulness-org', () => `${at.enforcing.url}/usefulness?by=org&days=90`],
  ['usefulness-none', () => `${at.fresh.url}/usefulness`],
  ['jailbreaks', () => `${at.enforcing.url}/jailbreaks`],
  ['jailbreaks-none', () => `${at.fresh.url}/jailbreaks`],
  ['jailbreak', () => `${at.enforcing.url}/jailbreaks/JRX-2026-000001`],
  ['jailbreak-unknown', () => `${at.enforcing.url}/jailbreaks/JRX-2026-000002`],
  ['jailbreak-spoken', () => `${at.enforcing.url}/jailbreaks/JRX-2026-000003`],
  ['jailbreak-statutory', () => `${at.enforcing.url}/jailbreaks/JRX-2026-000004`],
  ['jailbreak-missing', () => `${at.enforcing.url}/jailbreaks/JRX-2026-999999`],
  ['jailbreak-new', () => `${at.enforcing.url}/jailbreaks/new`],
  ['duty', () => `${at.enforcing.url}/duty`],
  ['duty-none', () => `${at.fresh.url}/duty`],
  ['review', () => `${at.enforcing.url}/review`],
  ['review-blind', () => `${at.enforcing.url}/review?item=${itemAt(at.enforcing, 4)}`],
  ['review-missing', () => `${at.enforcing.url}/review?item=rev_none`],
  ['review-empty', () => `${at.fresh.url}/review`],
  ['appeals', () => `${at.enforcing.url}/appeals`],
  ['appeals-closed', () => `${at.enforcing.url}/appeals?state=closed`],
  ['appeals-empty', () => `${at.fresh.url}/appeals`],
  ['appeal', () => `${at.enforcing.url}/appeals/${appealAt(at.enforcing, 0)}`],
  ['appeal-overturned', () => `${at.enforcing.url}/appeals/${appealAt(at.enforcing, 3)}`],
  ['appeal-missing', () => `${at.enforcing.url}/appeals/apl_00000000000000000000000000`],
  ['severity', () => `${at.enforcing.url}/severity`],
  ['severity-unknown', () => `${at.enforcing.url}/severity?vector=JSS:1.0/UP:%3F/HD:C/UN:D/EF:T/RE:A/DI:R/CF:D`],
  ['severity-fault', () => `${at.enforcing.url}/severity?vector=JSS:1.0/UP:L/HD:Q/UN:F`],
  ['record', () => `${at.enforcing.url}/record`],
  ['record-appeals', () => `${at.enforcing.url}/record?kind=appeal`],
  ['record-empty', () => `${at.fresh.url}/record`],
  ['record-one', () => `${at.few.url}/record`],
  ['record-entry', () => `${at.enforcing.url}/record/299`],
  ['record-entry-document', () => `${at.enforcing.url}/record/1`],
  ['record-entry-missing', () => `${at.enforcing.url}/record/300`],
  ['partners', () => `${at.enforcing.url}/partners`],
  ['partners-none', () => `${at.fresh.url}/partners`],
  ['no-page', () => `${at.enforcing.url}/nope/${'long'.repeat(40)}`],
  ['public', () => `${at.enforcing.url}/d/${rowWith(at.enforcing, 'fall_back').id}?k=${FIXTURE_KEY}`],
  ['public-trust', () => `${at.enforcing.url}/d/${rowWith(at.enforcing, 'require_trust').id}?k=${FIXTURE_KEY}`],
  ['public-missing', () => `${at.enforcing.url}/d/${rowWith(at.enforcing, 'refuse').id}?k=wrong`],
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
