import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SpoolSource } from '../../jobs/spool-ports.ts'
import { openSpoolSource } from './read-spool.ts'
import { encodeSegment } from './segments.ts'
import { spoolName } from './spool-files.ts'

/** Above every limit of process ids: nobody has it. */
const NOBODY = 99_999_999
let folder: string
let source: SpoolSource
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-read-'))
  source = openSpoolSource(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(bytes: string | Uint8Array, pid = process.pid, sequence = 0, startedMs = 1): string {
  const name = spoolName(typeof bytes === 'string' ? 'receipts' : 'contents', startedMs, pid, sequence)
  writeFileSync(join(folder, 'spool', name), bytes)
  return name
}

test('read: whole lines, as many as asked for, and the next read goes on behind them', () => {
  const name = write('a\n日本\n\nc\ntorn')
  expect(source.read(name, 0, 2)).toEqual({ lines: ['a', '日本'], offset: 9, tornBytes: 0 })
  expect(source.read(name, 9, 9)).toEqual({ lines: ['', 'c'], offset: 12, tornBytes: 4 })
  expect(source.read(name, 12, 9)).toEqual({ lines: [], offset: 12, tornBytes: 4 })
  appendFileSync(join(folder, 'spool', name), ' no more\n')
  expect(source.read(name, 12, 9)).toEqual({ lines: ['torn no more'], offset: 25, tornBytes: 0 })
  expect(source.read(name, 25, 9)).toEqual({ lines: [], offset: 25, tornBytes: 0 })
})

test('read: however many lines at a time and however long, all of them come, in order', () => {
  const line = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('x'.repeat(1_100_000)))
  fc.assert(
    fc.property(
      fc.array(
        line.filter((one) => !one.includes('\n')),
        { maxLength: 6 },
      ),
      fc.integer({ min: 1, max: 7 }),
      (lines, most) => {
        const name = write(lines.map((one) => `${one}\n`).join(''))
        const seen: string[] = []
        for (let offset = 0; ; ) {
          const batch = source.read(name, offset, most)
          if (batch.offset === offset) break
          seen.push(...batch.lines)
          offset = batch.offset
        }
        expect(seen).toEqual(lines)
      },
    ),
    { numRuns: 50 },
  )
})

test('read: a segment longer than a chunk comes whole, and one that is not finished waits', () => {
  const facts = { subject: 'o', fromMs: 1, toMs: 2, expiresAtMs: 3 }
  const [small, large] = [
    { id: 's', ...facts, blob: Buffer.alloc(9, 1) },
    { id: 'l', ...facts, blob: Buffer.alloc(3e6, 2) },
  ]
  const [one, two] = [encodeSegment(small), encodeSegment(large)]
  const name = write(Buffer.concat([one, two, one.subarray(0, 20)]))
  const first = source.readSegments(name, 0)
  expect(first.segments.map(({ id }) => id)).toEqual(['s'])
  const second = source.readSegments(name, first.offset)
  expect(second.segments.map(({ id, blob }) => [id, blob.length])).toEqual([['l', 3e6]])
  expect(source.readSegments(name, second.offset)).toEqual({ segments: [], offset: second.offset, tornBytes: 20 })
})

test('files: oldest first; closed when the writer has a later one or is gone; strangers’ files are left alone', () => {
  writeFileSync(join(folder, 'spool', 'notes.txt'), 'mine')
  const newer = write('a\n', process.pid, 1)
  const older = write('ab\n', process.pid, 0)
  const dead = write('abc\n', NOBODY, 0, 2)
  expect(source.files()).toEqual([
    { name: older, kind: 'receipts', bytes: 3, closed: true },
    { name: newer, kind: 'receipts', bytes: 2, closed: false },
    { name: dead, kind: 'receipts', bytes: 4, closed: true },
  ])
  source.remove(older)
  source.remove(older)
  expect(existsSync(join(folder, 'spool', older))).toBe(false)
  expect(readFileSync(join(folder, 'spool', 'notes.txt'), 'utf8')).toBe('mine')
})

test('files: of a writer that is gone the size is the last one, also when it wrote a moment before', () => {
  const name = write('first\n', NOBODY)
  const kill = process.kill
  // Whoever asks for the writer finds it dead, and it has used the moment before.
  process.kill = (pid, signal) => {
    appendFileSync(join(folder, 'spool', name), 'last words\n')
    return kill.call(process, pid, signal)
  }
  try {
    expect(source.files()).toEqual([{ name, kind: 'receipts', bytes: 17, closed: true }])
  } finally {
    process.kill = kill
  }
})
