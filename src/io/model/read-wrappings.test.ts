import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readWrappings } from './read-wrappings.ts'

const folder = mkdtempSync(join(tmpdir(), 'wrappings-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('wrappings: files of one language are read together', async () => {
  writeFileSync(join(folder, 'a.yaml'), 'lang: en\nwrappings: ["a {text}"]\n')
  writeFileSync(join(folder, 'b.yaml'), 'lang: en\nwrappings:\n  - |\n    b\n    {text}\n')
  writeFileSync(join(folder, 'ja.yaml'), 'lang: ja\nwrappings: ["「{text}」"]\n')
  expect(await readWrappings(folder)).toEqual({ en: ['a {text}', 'b\n{text}'], ja: ['「{text}」'] })
})

test('wrappings: what is wrong is named by file and field', async () => {
  for (const bad of ['none', '{text} {text}', '{text} {do}']) {
    writeFileSync(join(folder, 'a.yaml'), `lang: en\nwrappings: ["${bad}"]\n`)
    await expect(readWrappings(folder)).rejects.toThrow(/a\.yaml: `wrappings\.0`: wanted `\{text\}` once/)
  }
})
