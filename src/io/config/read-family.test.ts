import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aFamily } from '../../../test/fakes/a-bundle.ts'
import { readFamily } from './read-family.ts'

function fileOf(value: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sluice-family-')), 'one.family.json')
  writeFileSync(path, JSON.stringify(value))
  return path
}

test('a family is read as it was written', () => {
  expect(readFamily(fileOf(aFamily()))).toEqual(aFamily())
})

test('a family of an earlier version says what to do', () => {
  const { window: _, ...before } = aFamily()
  expect(() => readFamily(fileOf(before))).toThrow('make it again with `sluice respond`')
})
