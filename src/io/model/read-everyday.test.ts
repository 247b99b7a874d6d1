import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EVERYDAY_EXPANSION, expandPairs } from '../../jobs/pairs/expand.ts'
import { everydayRequests } from './read-everyday.ts'

const data = mkdtempSync(join(tmpdir(), 'everyday-'))
afterAll(() => rmSync(data, { recursive: true }))
mkdirSync(join(data, 'pairs'))
mkdirSync(join(data, 'everyday'))
writeFileSync(join(data, 'pairs', 'slots.yaml'), 'en: {plain_opener: [""], plain_closer: [""]}\nja: {}\n')
const read = (text: string) => {
  writeFileSync(join(data, 'everyday', 'one.yaml'), text)
  return everydayRequests(data)
}

test('everyday: each request is a harmless row of its own', async () => {
  const rows = expandPairs(await read('lang: fr\nrequests: ["il pleut demain ?", "merci"]\n'), EVERYDAY_EXPANSION)
  expect(rows.map(({ lang, label, category, source }) => [lang, label, category, source])).toEqual([
    ['fr', 'benign', 'none', 'sluice-everyday'],
    ['fr', 'benign', 'none', 'sluice-everyday'],
  ])
  // Roughness may take the sign at an end, or exchange two letters.
  const letters = (text: string) => [...text.replace(/ \?$/, '')].sort().join('')
  expect(rows.map(({ turns }) => letters(turns[0]!.content))).toEqual(['il pleut demain', 'merci'].map(letters))
})

test('everyday: what is wrong is named by file and field', async () => {
  await expect(read('lang: french\nrequests: [a]\n')).rejects.toThrow(/one\.yaml: `lang`: wanted a language code/)
  await expect(read('lang: en\nrequests: ["{x}"]\n')).rejects.toThrow(/`requests\.0`: wanted a request without braces/)
})
