import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aBundle, aCascade, aFamily } from '../../../test/fakes/a-bundle.ts'
import { archiveOf } from '../../core/safeguards/bundle-archive.ts'
import { readBundleArchive, readBundleFolder, writeBundleFolder } from './bundle-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-bundle-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('bundle folder: what was written is read, beside files that are not its own', () => {
  writeBundleFolder(folder, aBundle())
  writeFileSync(join(folder, 'README.md'), 'ours')
  mkdirSync(join(folder, '.git'))
  expect(readBundleFolder(folder, 'check')).toEqual(aBundle())
})

test('bundle folder: families that are gone leave no file behind, and notes stay', () => {
  writeBundleFolder(folder, aBundle({ families: [aFamily(), aFamily({ id: 'b' })], cascade: aCascade('judge') }))
  writeFileSync(join(folder, 'README.md'), 'ours')
  writeBundleFolder(folder, aBundle())
  expect(readdirSync(folder).sort()).toEqual(['README.md', 'families', 'manifest.json', 'policy.json', 'rules.json'])
  expect(readBundleFolder(folder, 'check')).toEqual(aBundle())
})

test('OP-12: a link in the place of a file is neither read nor written through', () => {
  writeBundleFolder(folder, aBundle())
  const outside = join(folder, 'outside.txt')
  writeFileSync(outside, '[]')
  rmSync(join(folder, 'rules.json'))
  symlinkSync(outside, join(folder, 'rules.json'))
  expect(() => readBundleFolder(folder, 'ignore')).toThrow('is a link')
  writeBundleFolder(folder, aBundle())
  expect(readBundleFolder(folder, 'check')).toEqual(aBundle())
})

test('OP-12: a file that is too large is not read into memory', () => {
  const file = join(folder, 'huge.sluice')
  writeFileSync(file, '')
  truncateSync(file, 5 * 1024 ** 3)
  expect(() => readBundleArchive(file)).toThrow(expect.objectContaining({ code: 'bundle_too_large' }))
})

test('bundle archive: read from a file; a folder or nothing in its place is said', () => {
  const file = join(folder, 'a.sluice')
  writeFileSync(
    file,
    archiveOf(aBundle(), (text) => hash('sha256', text)),
  )
  expect(readBundleArchive(file)).toEqual(aBundle())
  expect(() => readBundleArchive(folder)).toThrow('not a plain file')
  expect(() => readBundleArchive(join(folder, 'none'))).toThrow('cannot be read')
  expect(() => readBundleFolder(join(folder, 'none'), 'check')).toThrow('no folder to read')
})
