import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aReceipt } from '../../test/fakes/a-receipt.ts'
import type { DecisionId } from '../core/base/ids.ts'
import type { ReceiptSpool } from '../gateway/ports.ts'
import { createSealer } from '../io/keys/sealer.ts'
import { loadSecrets } from '../io/keys/secrets.ts'
import { openSpoolSource } from '../io/spool/read-spool.ts'
import { openReceiptSpool } from '../io/spool/receipt-spool.ts'
import { findContent } from '../io/spool/segments.ts'
import { openSqlite } from '../io/store/open-store.ts'
import { createDrainer, type Drainer } from './drain.ts'
import type { Store } from './ports.ts'

let folder: string
let store: Store
let spool: ReceiptSpool
let reports: string[]
let seen: string[]
let sealer: ReturnType<typeof createSealer>
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-drain-'))
  store = await openSqlite(join(folder, 'sluice.db'))
  reports = []
  seen = []
  sealer = createSealer({ master: (await loadSecrets(folder)).master, store })
  spool = open()
})
afterEach(async () => {
  await spool.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(maxBytes = 1e9): ReceiptSpool {
  const report = (event: string) => void reports.push(event)
  return openReceiptSpool({
    dataFolder: folder,
    maxBytes,
    retentionMs: 1000,
    dataKey: (subject) => sealer.dataKey(subject),
    report,
  })
}
function drainer(over: Store = store): Drainer {
  return createDrainer({
    source: openSpoolSource(folder),
    store: over,
    sha256: (line) => hash('sha256', line),
    nowMs: () => 0,
    onReceipts: (rows) => void seen.push(...rows.map(({ receipt }) => receipt.id)),
    report: (event) => void reports.push(event),
  })
}
const files = () => readdirSync(join(folder, 'spool'))

describe('spool and drainer', () => {
  test('a receipt’s hash is that of its line, and it arrives in the store once, however often the drainer starts anew', async () => {
    const hashes = new Map<string, string>()
    for (let n = 0; n < 50; n++) {
      const receipt = aReceipt({ n })
      const { hash: name, written } = spool.append(receipt)
      hashes.set(receipt.id, name)
      await written
      if (n % 7 === 0) await drainer().drainOnce()
    }
    await drainer().drainOnce()
    expect(await drainer().drainOnce()).toBe(0)
    expect(await store.count({})).toBe(50)
    for (const [id, name] of hashes) expect((await store.receipt(id as DecisionId))?.hash).toBe(name)
    expect(seen).toHaveLength(50)
  })

  test('receipts of one turn of the event loop share one write, in order', async () => {
    const all = Array.from({ length: 20 }, (_, n) => spool.append(aReceipt({ n })).written)
    await Promise.all(all)
    expect(new Set(all).size).toBe(1)
    const lines = readFileSync(join(folder, 'spool', files().find((name) => name.endsWith('.jsonl'))!), 'utf8')
      .trim()
      .split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
      Array.from({ length: 20 }, (_, n) => aReceipt({ n }).id),
    )
  })

  test('a line without its end waits; a whole line that is no receipt is reported and passed over', async () => {
    const name = 'receipts-000000001-999999-000000.jsonl'
    const line = JSON.stringify(aReceipt({ n: 1 }))
    writeFileSync(join(folder, 'spool', name), `not a receipt\n${line}\n${line.slice(0, 50)}`)
    await drainer().drainOnce()
    expect(await store.count({})).toBe(1)
    expect(reports).toEqual(expect.arrayContaining(['spool.unreadable', 'spool.torn']))
    // Its writer is gone, so what could be read has been read: the file goes.
    expect(files()).not.toContain(name)
  })

  test('a store that is down for a while loses nothing and keeps the order', async () => {
    let down = true
    const flaky: Store = {
      ...store,
      addReceipts: (rows, position) =>
        down
          ? Promise.reject(Object.assign(new Error('down'), { code: 'store_unavailable' }))
          : store.addReceipts(rows, position),
    }
    await Promise.all([1, 2, 3].map((n) => spool.append(aReceipt({ n })).written))
    const one = drainer(flaky)
    await expect(one.drainOnce()).rejects.toThrow('down')
    expect(await one.lagBytes()).toBeGreaterThan(0)
    down = false
    expect(await drainer(flaky).drainOnce()).toBe(3)
    expect(seen).toEqual([1, 2, 3].map((n) => aReceipt({ n }).id))
  })

  test('RC-8: content is never plain on disk, and opens again under its key alone', async () => {
    const { id, atMs } = aReceipt({ n: 9 })
    spool.keep({ id, atMs, subject: 'default', request: '{"q":"zebra-4471 日本"}', answer: 'lantern\nnext line' })
    spool.keep({ id: aReceipt({ n: 10 }).id, atMs, subject: 'default', request: '', answer: '' })
    await spool.close()
    for (const name of files()) expect(readFileSync(join(folder, 'spool', name)).includes('zebra')).toBe(false)
    await drainer().drainOnce()
    const [segment] = await store.contentsAt('default', atMs)
    const text = (await sealer.open('default', segment!.blob)).toString()
    expect(findContent(text, id)).toEqual({ request: '{"q":"zebra-4471 日本"}', answer: 'lantern\nnext line' })
    expect(findContent(text, 'dec_other')).toBeNull()
    await expect(sealer.open('another', segment!.blob)).rejects.toThrow()
    spool = open()
  })

  test('content that comes faster than it can be written is dropped and counted, receipts never', async () => {
    const big = 'x'.repeat(20 * 1024 * 1024)
    const { id, atMs } = aReceipt({ n: 1 })
    // The key has not arrived yet, so all of this waits.
    for (let i = 0; i < 4; i++) spool.keep({ id, atMs, subject: 'slow', request: big, answer: '' })
    expect(spool.droppedContents).toBeGreaterThan(0)
    await spool.append(aReceipt({ n: 2 })).written
  })

  test('the share of the bound in use is told', async () => {
    await spool.close()
    spool = open(10_000)
    expect(spool.fill).toBeLessThan(0.2)
    await Promise.all(Array.from({ length: 10 }, (_, n) => spool.append(aReceipt({ n })).written))
    expect(spool.fill).toBeGreaterThan(1)
  })
})
