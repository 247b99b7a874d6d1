import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertWritable, makeFolder, writeOut } from './out-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-out-'))
  writeFileSync(join(folder, 'file'), 'before')
  mkdirSync(join(folder, 'inner'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('out file: what cannot be written is named with what to do, before the work and after it', () => {
  const cases = [
    ['missing/page.html', 'its folder is not there; make that first, or name another place'],
    ['inner', 'is a folder; name a file in it'],
    ['file/page.html', 'lies below a file; name another place'],
  ] as const
  for (const [name, says] of cases) {
    const file = join(folder, name)
    for (const act of [() => assertWritable(file), () => writeOut(file, '')]) {
      expect(act).toThrow(says)
      expect(act).toThrow(file)
    }
  }
})

test('out file: asking writes nothing; a new file has the mode asked for', () => {
  for (const name of ['file', 'new']) assertWritable(join(folder, name))
  expect(() => readFileSync(join(folder, 'new'))).toThrow('ENOENT')
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('before')
  writeOut(join(folder, 'file'), 'after')
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('after')
  writeOut(join(folder, 'secret'), '', 0o600)
  expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600)
})

test('out folder: made with all above it, and never in the place of a file', () => {
  makeFolder(join(folder, 'a', 'b'))
  expect(() => makeFolder(join(folder, 'file'))).toThrow('is a file; name a folder')
  expect(() => makeFolder(join(folder, 'file', 'b'))).toThrow('lies below a file')
})
