import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aReceipt } from '../../../test/fakes/a-receipt.ts'
import type { ReceiptSpool } from '../../gateway/ports.ts'
import { openSpoolSource } from './read-spool.ts'
import { openReceiptSpool } from './receipt-spool.ts'

let folder: string
let reports: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-spool-'))
  reports = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function open(
  dataKey: () => Promise<Uint8Array> = () => Promise.resolve(randomBytes(32)),
  maxBytes = 1e9,
): ReceiptSpool {
  const report = (event: string) => void reports.push(event)
  return openReceiptSpool({ dataFolder: folder, maxBytes, retentionMs: 1000, dataKey, report })
}
const files = (kind: 'receipts' | 'contents') =>
  readdirSync(join(folder, 'spool'))
    .filter((name) => name.startsWith(kind))
    .sort()
const linesOf = (name: string) => readFileSync(join(folder, 'spool', name), 'utf8').split('\n')

/** Imports of the child processes, which run apart from the test runner. */
const imports = `
  import { writeSync } from 'node:fs'
  import { aReceipt } from ${JSON.stringify(import.meta.resolve('../../../test/fakes/a-receipt.ts'))}
  import { openReceiptSpool } from ${JSON.stringify(import.meta.resolve('./receipt-spool.ts'))}
  const open = (dataFolder) => openReceiptSpool({
    dataFolder, maxBytes: 1e9, retentionMs: 1, dataKey: async () => new Uint8Array(32), report: () => undefined
  })`

describe('spool: a writer that is killed', () => {
  const POINTS = 20
  const code = `${imports}
    const [folder, from] = process.argv.slice(1)
    const spool = open(folder)
    for (let n = Number(from); ; n += 3)
      await Promise.all([n, n + 1, n + 2].map(async (i) => {
        const receipt = aReceipt({ n: i, model: 'm'.repeat(1 + (i % 900)) })
        const { hash, written } = spool.append(receipt)
        await written
        writeSync(1, receipt.id + ' ' + hash + '\\n')
      }))`

  async function killedAfter(ms: number, from: number): Promise<string[]> {
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', code, folder, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    child.stdout!.on('data', (chunk: Buffer) => (told += chunk.toString()))
    const ended = once(child, 'close')
    await Promise.race([once(child.stdout!, 'data'), ended])
    await new Promise((resolve) => setTimeout(resolve, ms))
    child.kill('SIGKILL')
    await ended
    // The last one may be cut: it was told only if its line is whole.
    return told.split('\n').slice(0, -1)
  }

  test(`GW-33: kill -9 at ${POINTS} random points loses no receipt that was said to be written`, {
    timeout: 120_000,
  }, async () => {
    let owed = 0
    for (let point = 0; point < POINTS; point++) {
      const told = await killedAfter(Math.random() * 60, point * 1_000_000)
      const [name] = files('receipts').slice(-1)
      const lines = linesOf(name!).slice(0, -1)
      const kept = new Map(lines.map((line) => [(JSON.parse(line) as { id: string }).id, hash('sha256', line)]))
      expect(told.length).toBeGreaterThan(0)
      for (const [id, hashed] of told.map((line) => line.split(' '))) expect(kept.get(id!)).toBe(hashed)
      owed += told.length
    }
    expect(files('receipts')).toHaveLength(POINTS)
    expect(
      openSpoolSource(folder)
        .files()
        .every(({ closed }) => closed),
    ).toBe(true)
    expect(owed).toBeGreaterThan(POINTS)
  })
})

test('spool: a file of 8 MB is left for the next one, and no receipt is in both or in none', async () => {
  const spool = open()
  const model = 'm'.repeat(50_000)
  for (let n = 0; n < 90; n++) await spool.append(aReceipt({ n, model })).written
  await spool.synced()
  const names = files('receipts')
  expect(names).toHaveLength(2)
  expect(statSync(join(folder, 'spool', names[0]!)).size).toBeGreaterThanOrEqual(8 * 1024 * 1024)
  const ids = names.flatMap((name) => linesOf(name).slice(0, -1)).map((line) => (JSON.parse(line) as { id: string }).id)
  expect(ids).toEqual(Array.from({ length: 90 }, (_, n) => aReceipt({ n }).id))
  expect(
    openSpoolSource(folder)
      .files()
      .map(({ closed }) => closed),
  ).toEqual([true, false])
  await spool.close()
})

test('spool: where no next file can be made, the full one goes on', async () => {
  const spool = open()
  await spool.append(aReceipt({ n: 0, model: 'm'.repeat(9_000_000) })).written
  renameSync(join(folder, 'spool'), join(folder, 'away'))
  await spool.append(aReceipt({ n: 1 })).written
  renameSync(join(folder, 'away'), join(folder, 'spool'))
  expect(files('receipts').map((name) => linesOf(name).length - 1)).toEqual([2])
  await spool.append(aReceipt({ n: 2 })).written
  expect(files('receipts').map((name) => linesOf(name).length - 1)).toEqual([2, 1])
  await spool.close()
})

test.skipIf(process.platform === 'win32')(
  'spool: a disk that is full is told to every answer it holds up, also at the end',
  () => {
    const code = `${imports}
    const spool = open(process.argv[1])
    const told = []
    const one = (n) => spool.append(aReceipt({ n })).written.then(() => told.push('written'), (error) => told.push(error.code))
    await one(0)
    await Promise.all([one(1), one(2), one(3), one(4)])
    await one(5)
    const last = [one(6), one(7), one(8)]
    const closed = await spool.close().then(() => 'closed', (error) => error.code)
    await Promise.all(last)
    process.stdout.write(JSON.stringify({ told, closed }))`
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 8 && exec "$0" "$@"', process.execPath, '--input-type=module', '-e', code, folder],
      { encoding: 'utf8' },
    )
    expect(stdout, stderr).not.toBe('')
    const full = 'spool_unwritable'
    // 4,096 bytes hold three receipts and a part: four at once go in whole or not at all.
    expect(JSON.parse(stdout)).toEqual({
      told: ['written', full, full, full, full, 'written', full, full, full],
      closed: 'closed',
    })
    const lines = linesOf(files('receipts')[0]!)
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([0, 5].map((n) => aReceipt({ n }).id))
  },
)

describe('spool: content', () => {
  const content = (n: number, text: string, subject = 'default') => {
    const { id, atMs } = aReceipt({ n })
    return { id, atMs, subject, request: text, answer: '' }
  }

  test('content waits for its key, asked for again when the store did not have it', async () => {
    let asked = 0
    const spool = open(() => (++asked === 1 ? Promise.reject(new Error('down')) : Promise.resolve(randomBytes(32))))
    spool.keep(content(1, 'zebra'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([asked, files('contents').length]).toEqual([1, 0])
    spool.keep(content(2, 'lantern'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    const [file] = openSpoolSource(folder)
      .files()
      .filter(({ kind }) => kind === 'contents')
    expect(openSpoolSource(folder).readSegments(file!.name, 0).segments).toHaveLength(1)
    expect(spool.droppedContents).toBe(0)
    await spool.close()
  })

  test('content whose key never came is counted as dropped at the end', async () => {
    const spool = open(() => new Promise(() => undefined))
    spool.keep(content(1, 'zebra'))
    spool.keep(content(2, 'lantern'))
    await spool.close()
    expect([spool.droppedContents, files('contents').length]).toEqual([2, 0])
    expect(reports).toEqual(['spool.contents_dropped'])
  })

  test('one subject whose key is missing does not hold the others up', async () => {
    const spool = openReceiptSpool({
      dataFolder: folder,
      maxBytes: 1e9,
      retentionMs: 1000,
      dataKey: (subject) => (subject === 'slow' ? new Promise(() => undefined) : Promise.resolve(randomBytes(32))),
      report: () => undefined,
    })
    spool.keep(content(1, 'zebra', 'slow'))
    spool.keep(content(2, 'lantern', 'fast'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const source = openSpoolSource(folder)
    const [file] = source.files().filter(({ kind }) => kind === 'contents')
    expect(source.readSegments(file!.name, 0).segments.map(({ subject }) => subject)).toEqual(['fast'])
    await spool.close()
  })

  test('while a key is missing, keeping stays as cheap as ever: it never goes through all that waits', async () => {
    const spool = open(() => new Promise(() => undefined))
    const MANY = 60_000
    // Every 256 KB all of it may be looked at once, so work grows with the bytes, not with the square of the count.
    const text = 'x'.repeat(400)
    const started = performance.now()
    for (let n = 0; n < MANY; n++) spool.keep({ ...content(0, text), atMs: n })
    expect((performance.now() - started) / MANY).toBeLessThan(0.05)
    await spool.close()
  }, 60_000)

  test('a contents file of 8 MB is left for the next one', async () => {
    const spool = open()
    for (let n = 0; n < 10; n++) {
      spool.keep(content(n, 'x'.repeat(1_000_000)))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await spool.close()
    expect(files('contents')).toHaveLength(2)
    expect(spool.droppedContents).toBe(0)
  })
})
