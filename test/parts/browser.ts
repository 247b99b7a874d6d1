import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { describe, test } from 'vitest'

/** A Chromium of this machine; undefined where there is none. */
export const CHROMIUM: string | undefined =
  process.env.CHROMIUM_PATH ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

/** On a newcomer's machine without a browser these are skipped, and `npm test` says so; in CI they fail. */
const runs = CHROMIUM !== undefined || process.env.CI === 'true'
export const browserTest = runs ? test : test.skip
export const browserDescribe = runs ? describe : describe.skip

/** Without Chromium's own calls home: nothing but the pages under test is on the network. */
export function launchBrowser(): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  return chromium.launch({
    executablePath: CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...quiet],
  })
}
