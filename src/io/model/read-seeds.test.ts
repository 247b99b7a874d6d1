import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSeeds } from './read-seeds.ts'

const folder = mkdtempSync(join(tmpdir(), 'seeds-'))
afterAll(() => rmSync(folder, { recursive: true }))
const read = (text: string, slots = 'en: {}\nja: {}\n') => {
  writeFileSync(join(folder, 'one.yaml'), text)
  writeFileSync(join(folder, 'slots.yaml'), slots)
  return readSeeds(folder)
}

test('seeds: a template with a category has two sides, one without is of a regression set', async () => {
  const { templates } = await read(
    'subject: s\nen:\n  - {id: a, category: cyber, text: x}\nja:\n  - {id: b, turns: [{user: x}, {tool: y}]}\n',
  )
  expect(templates.map(({ id, sides }) => [id, sides])).toEqual([
    ['s.en.a', ['harmless', 'harmful']],
    ['s.ja.b', ['harmless']],
  ])
  expect(templates[1]!.turns).toEqual([
    { role: 'user', content: 'x' },
    { role: 'tool', content: 'y' },
  ])
})

test('seeds: what is wrong is named by file and field, without its text', async () => {
  await expect(read('subject: s\nen:\n  - {id: a, category: crime, text: secret}\n')).rejects.toMatchObject({
    code: 'seeds_invalid',
    message: expect.stringMatching(/one\.yaml: `en\.0\.category`/),
  })
  await expect(read('subject: s\nen:\n  - {id: a}\n')).rejects.toThrow('wanted either `text` or `turns`')
  await expect(read('subject: [')).rejects.toMatchObject({ code: 'seeds_invalid' })
  await expect(read('subject: s\n', 'en: {}\n')).rejects.toThrow('slots.yaml: `ja`')
  await expect(readSeeds(join(folder, 'none'))).rejects.toMatchObject({ code: 'seeds_missing' })
})
