import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The console's stylesheets, read as files. */
const styles = join(import.meta.dirname, '..', 'src', 'admin', 'console', 'styles')
const THEMES = ['light', 'dark'] as const

describe('console: contrast of every text and mark, from the stylesheet', async () => {
  const css = await readFile(join(styles, 'tokens.css'), 'utf8')
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
  const sheets = (await readdir(styles)).filter((name) => name.endsWith('.css') && name !== 'tokens.css')
  expect(sheets.length).toBeGreaterThan(8)
  for (const name of sheets) expect(await readFile(join(styles, name), 'utf8')).not.toMatch(/#[0-9a-f]{3,8}\b/i)
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
