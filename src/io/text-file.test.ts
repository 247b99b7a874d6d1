import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { textOfFile } from './text-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function read(name: string, bytes: string | Buffer | null): Promise<string> {
  const file = join(folder, name)
  if (bytes !== null) writeFileSync(file, bytes)
  let text = ''
  for await (const piece of textOfFile(file)) text += piece
  return text
}

test('text of a file: as it is or gzipped, in pieces that split no character', async () => {
  const text = 'この行は長い。\n'.repeat(20_000)
  expect(await read('a.jsonl', text)).toBe(text)
  expect(await read('a.jsonl.gz', gzipSync(text))).toBe(text)
})

test.each<[what: string, name: string, bytes: string | Buffer | null, fault: RegExp]>([
  ['Shift JIS', 'sjis.csv', Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]), /is not UTF-8; save it/],
  ['a character that is cut off', 'cut.csv', Buffer.from('テ').subarray(0, 2), /is not UTF-8/],
  ['no gzip', 'b.jsonl.gz', '{}', /is no whole gzip file/],
  ['half a gzip', 'c.jsonl.gz', gzipSync('x'.repeat(999)).subarray(0, 20), /is no whole gzip file/],
  ['a folder', '', null, /is a folder/],
  ['a folder, gzipped by its name', '.gz', null, /is not there/],
])('text of a file: %s is an error that says so', async (_what, name, bytes, fault) => {
  await expect(read(name, bytes)).rejects.toMatchObject({
    code: 'file_unreadable',
    message: expect.stringMatching(fault),
  })
})
