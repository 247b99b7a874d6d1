import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
import { encodeSegment, findContent } from '../io/spool/segments.ts'
import { spoolName } from '../io/spool/spool-files.ts'
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
    segmentOf: ({ org }) => (org === 'default' ? 'coding' : 'other'),
    nowMs: () => 0,
    onReceipts: (rows) => void seen.push(...rows.map(({ head }) => head.id)),
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

/** A file whose writer is gone: above every limit of process ids, nobody has this one. */
function left(kind: 'receipts' | 'contents', sequence: number, bytes: string | Uint8Array): string {
  const name = spoolName(kind, 1, 99_999_999, sequence)
  writeFileSync(join(folder, 'spool', name), bytes)
  return name
}
const line = (n: number) => `${JSON.stringify(aReceipt({ n }))}\n`
const segment = (id: string) =>
  encodeSegment({ id, subject: 'o', fromMs: 1, toMs: 2, expiresAtMs: 3, blob: new Uint8Array(40) })

describe('drainer: ended at any point', () => {
  /** Steps of one drain, in order: each can be the last one of its process, before or after it took effect. */
  const steps = ['addContents', 'forgetPosition', 'remove', 'addReceipts', 'forgetPosition', 'remove'] as const
  const endings = steps.flatMap((step, at) => (['before', 'after'] as const).map((when) => ({ at, step, when })))

  for (const { at, step, when } of endings)
    test(`a drainer that ends ${when} step ${at + 1}, ${step}, leaves the next one all there is, once and in order`, async () => {
      left('contents', 0, segment('seg_a'))
      left('receipts', 0, line(1) + line(2))
      left('receipts', 1, line(3))
      let n = 0
      const taken: string[] = []
      const counted =
        <Args extends unknown[], T>(name: string, act: (...args: Args) => T) =>
        (...args: Args): T => {
          const last = n++ === at
          taken.push(name)
          if (last && when === 'before') throw new Error('ended')
          const result = act(...args)
          // What it began in the store is carried out, but nobody is left to hear of it.
          if (last) throw Object.assign(new Error('ended'), { result })
          return result
        }
      const source = openSpoolSource(folder)
      const ending = createDrainer({
        ...{ sha256: (text: string) => hash('sha256', text), nowMs: () => 0, report: () => undefined },
        ...{ onReceipts: () => undefined, segmentOf: () => 'other' as const },
        source: { ...source, remove: counted('remove', source.remove) },
        store: {
          ...store,
          addReceipts: counted('addReceipts', store.addReceipts),
          addContents: counted('addContents', store.addContents),
          forgetPosition: counted('forgetPosition', store.forgetPosition),
        },
      })
      const error = await ending.drainOnce().catch((cause: Error & { result?: unknown }) => cause)
      await (error as { result?: unknown }).result
      expect(taken.at(-1)).toBe(step)

      const known = new Set((await store.decisions({}, 10, null)).items.map(({ receipt }) => receipt.id))
      expect(await drainer().drainOnce()).toBe(3 - known.size)
      // A file that was not removed yet is read again: its receipts are shown again, never stored again.
      const all = [1, 2, 3].map((i) => aReceipt({ n: i }).id)
      expect([...seen].sort()).toEqual(seen)
      expect(all.filter((id) => known.has(id) || seen.includes(id))).toEqual(all)
      expect(await store.count({})).toBe(3)
      expect((await store.contentsAt('o', 1)).map(({ id }) => id)).toEqual(['seg_a'])
      expect(files().every((name) => name.includes(`-${process.pid}-`))).toBe(true)
      expect(await store.positions()).toEqual([])
    })
})

describe('drainer: what cannot be read', () => {
  const poor: [what: string, text: string][] = [
    ['no JSON', 'half a receip'],
    ['JSON that is no object', 'null'],
    ['an object without a decision', '{"id":"dec_1","atMs":1}'],
    ['a receipt without its time', JSON.stringify({ ...aReceipt(), atMs: null })],
    ['a receipt without its model', JSON.stringify({ ...aReceipt(), requestedModel: undefined })],
    ['an empty line', ''],
  ]
  for (const [what, text] of poor)
    test(`${what} is reported and passed over, and what stands around it is kept`, async () => {
      left('receipts', 0, `${line(1)}${text}\n${line(2)}`)
      expect(await drainer().drainOnce()).toBe(2)
      expect(reports).toEqual(['spool.unreadable'])
      expect(seen).toEqual([1, 2].map((n) => aReceipt({ n }).id))
    })

  test('contents that a power cut left as zeros hold no receipt up', async () => {
    left('contents', 0, Buffer.concat([segment('seg_a'), new Uint8Array(4096)]))
    left('receipts', 0, line(1))
    const one = drainer()
    expect(await one.drainOnce()).toBe(1)
    expect(await store.contentsAt('o', 1)).toHaveLength(1)
    expect(reports).toEqual(['spool.torn'])
    expect(await one.lagBytes()).toBe(0)
  })

  test('a torn line is left alone while its writer lives, and reported once when it is gone', async () => {
    const writer = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' })
    const name = spoolName('receipts', 1, writer.pid!, 0)
    const path = join(folder, 'spool', name)
    writeFileSync(path, line(1) + line(2).slice(0, 70))
    const one = drainer()
    expect(await one.drainOnce()).toBe(1)
    expect(await one.drainOnce()).toBe(0)
    expect(await one.lagBytes()).toBe(70)
    appendFileSync(path, line(2).slice(70) + line(3).slice(0, 9))
    expect(await one.drainOnce()).toBe(1)
    expect([reports, files().includes(name)]).toEqual([[], true])
    const ended = once(writer, 'exit')
    writer.kill('SIGKILL')
    await ended
    expect(await one.drainOnce()).toBe(0)
    expect(await one.drainOnce()).toBe(0)
    expect([reports, files().includes(name)]).toEqual([['spool.torn'], false])
    expect(await one.lagBytes()).toBe(0)
  })
})

describe('drainer: left running', () => {
  const until = async (holds: () => boolean | Promise<boolean>) => {
    for (let i = 0; i < 200 && !(await holds()); i++) await new Promise((resolve) => setTimeout(resolve, 25))
    expect(await holds()).toBe(true)
  }

  test('a store that is away is reported once, and so is its return; nobody has to ask', async () => {
    let away = true
    const down = () => Promise.reject(Object.assign(new Error('down'), { code: 'store_unavailable' }))
    const one = drainer({ ...store, positions: () => (away ? down() : store.positions()) })
    await spool.append(aReceipt({ n: 1 })).written
    one.start()
    one.start()
    await until(() => reports.includes('drain.failed'))
    await new Promise((resolve) => setTimeout(resolve, 1200))
    away = false
    await until(() => reports.includes('drain.recovered'))
    expect(reports).toEqual(['drain.failed', 'drain.recovered'])
    expect(seen).toEqual([aReceipt({ n: 1 }).id])
    await one.stop()
  })

  test('what was written before the end is taken over at the end', async () => {
    const one = drainer()
    one.start()
    await until(async () => (await one.lagBytes()) === 0)
    await spool.append(aReceipt({ n: 2 })).written
    await one.stop()
    expect(await store.count({})).toBe(1)
    await spool.append(aReceipt({ n: 3 })).written
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await store.count({})).toBe(1)
  })

  test('two drainers over one folder and one store take every receipt over once', async () => {
    const [one, two] = [drainer(), drainer()]
    let added = 0
    for (let n = 0; n < 60; n++) {
      await spool.append(aReceipt({ n })).written
      const [a, b] = await Promise.all([one.drainOnce(), n % 3 === 0 ? two.drainOnce() : 0])
      added += a + b
    }
    expect([added, await store.count({})]).toEqual([60, 60])
  })
})
