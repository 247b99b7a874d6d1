import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAnswers } from './read-answers.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-answers-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const one = (asked: string, category = 'privacy') =>
  `  - { category: ${category}, asked: ${asked}, complies: a, declines: b, near: c, helps: d }\n`
const write = (text: string) => writeFileSync(join(folder, 'en-one.yaml'), text)

test('answers: what a file says, with its language and whose it is', async () => {
  write(`lang: en\nanswers:\n${one('first')}${one('second')}`)
  const read = await readAnswers(folder)
  expect(read.map(({ writer, lang, asked, category }) => [writer, lang, asked, category])).toEqual([
    ['en-one', 'en', 'first', 'privacy'],
    ['en-one', 'en', 'second', 'privacy'],
  ])
})

test('answers: a file whose name could not stand in an id is named', async () => {
  writeFileSync(join(folder, 'en.one.yaml'), `lang: en\nanswers:\n${one('first')}`)
  await expect(readAnswers(folder)).rejects.toMatchObject({ message: expect.stringContaining('en.one.yaml') })
})

test.each([
  ['a category that is none', `lang: en\nanswers:\n${one('first', 'rudeness')}`, 'category'],
  ['a member too few', 'lang: en\nanswers:\n  - { category: privacy, asked: first }\n', 'complies'],
  ['a request given twice', `lang: en\nanswers:\n${one('first')}${one('first')}`, 'given twice: first'],
])('answers: %s is said, with its place', async (_, text, place) => {
  write(text)
  await expect(readAnswers(folder)).rejects.toMatchObject({
    code: 'seeds_invalid',
    message: expect.stringContaining(place),
  })
})
