import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppendFile } from './append-file.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-append-'))
  path = join(folder, 'file')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('append: bytes are counted and readable when it returns, and the file is for its owner alone', async () => {
  const file = new AppendFile(path)
  expect(file.append('日本\n')).toBe(7)
  expect([file.bytes, readFileSync(path, 'utf8')]).toEqual([7, '日本\n'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(() => new AppendFile(path)).toThrow(expect.objectContaining({ code: 'spool_unwritable' }))
  await file.close()
})

test('append: a file that is closed takes nothing, and says so to everybody who waits', async () => {
  const file = new AppendFile(path)
  const before = file.appendSoon('a\n')
  await file.close()
  await expect(before).rejects.toMatchObject({ code: 'spool_unwritable' })
  expect(() => file.append('b\n')).toThrow(expect.objectContaining({ code: 'spool_unwritable' }))
  expect(readFileSync(path, 'utf8')).toBe('')
})

test('append: what is flushed early is told as it went', async () => {
  const file = new AppendFile(path)
  const kept = file.appendSoon('a\n')
  file.flush()
  await kept
  await file.close()
  const lost = file.appendSoon('b\n')
  expect(() => file.flush()).toThrow(expect.objectContaining({ code: 'spool_unwritable' }))
  await expect(lost).rejects.toMatchObject({ code: 'spool_unwritable' })
  expect(readFileSync(path, 'utf8')).toBe('a\n')
})

test('append: a sync covers everything appended before it was asked for, by however many', async () => {
  const file = new AppendFile(path)
  await file.synced()
  for (let i = 0; i < 20; i++) {
    file.append('a\n')
    void file.synced()
  }
  await Promise.all([file.synced(), file.synced()])
  await file.close()
  expect(file.bytes).toBe(40)
})

test.skipIf(process.platform === 'win32')('append: a disk that is full leaves no half line, and is told', () => {
  // The limit is 8 blocks of 512 bytes: the third line fits by a part only.
  const code = `
    import { AppendFile } from ${JSON.stringify(import.meta.resolve('./append-file.ts'))}
    const file = new AppendFile(${JSON.stringify(path)})
    const line = 'x'.repeat(1499) + '\\n'
    const told = []
    for (let i = 0; i < 4; i++)
      try { file.append(line); told.push('written') } catch (error) { told.push(error.code) }
    file.append('short\\n')
    await file.appendSoon(line).catch((error) => told.push(error.code))
    process.stdout.write(JSON.stringify({ told, bytes: file.bytes }))`
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 8 && exec "$0" "$@"', process.execPath, '--input-type=module', '-e', code],
    { encoding: 'utf8' },
  )
  expect(stdout, stderr).not.toBe('')
  const full = 'spool_unwritable'
  expect(JSON.parse(stdout)).toEqual({ told: ['written', 'written', full, full, full], bytes: 3006 })
  const text = readFileSync(path, 'utf8')
  expect(text.split('\n').map((line) => line.length)).toEqual([1499, 1499, 5, 0])
})
