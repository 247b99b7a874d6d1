import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOfHex, hex } from '../../src/core/base/bytes.ts'
import { utf8Bytes } from '../../src/core/base/utf8.ts'
import { parseCheckpointBody } from '../../src/core/record/checkpoint.ts'
import type { EntryDraft } from '../../src/core/record/draft.ts'
import { parseEntry } from '../../src/core/record/entry.ts'
import { parseNote } from '../../src/core/record/note.ts'
import { verifierKey } from '../../src/core/record/note-key.ts'
import { minuteOf, receiptLeaves } from '../../src/core/record/rollup.ts'
import { inclusionPath, leafHash, nodesOver, pathHashes, treeRoot } from '../../src/core/record/tree.ts'
import { verifyInclusion } from '../../src/core/record/tree-proof.ts'
import { sha256, signingKey } from '../../src/io/keys/ed25519.ts'
import { closeRollups, rollupName } from '../../src/jobs/close-rollups.ts'
import type { Store } from '../../src/jobs/ports.ts'
import type { LogKey, RecordStore, SealedBatch, SealPorts } from '../../src/jobs/record-ports.ts'
import { createRecordSealer } from '../../src/jobs/seal.ts'
import { spooled } from './store-contract.ts'

export const ORIGIN = 'log.example/test'
const AT = 1_795_500_000_000

export function aLogKey(n = 5): LogKey {
  const { publicKey, sign } = signingKey(new Uint8Array(32).fill(n))
  return { key: verifierKey(sha256, ORIGIN, 'note', publicKey), sign }
}

export function anAlarm(about: string, answers?: EntryDraft['answers']): EntryDraft {
  return { k: 'alarm', who: 'system:test', about, d: { code: 'test' }, ...(answers === undefined ? {} : { answers }) }
}

/** What a sealer needs beside its store; nothing is published. */
export function sealPorts(store: RecordStore, holder: string, nowMs: () => number): SealPorts {
  return { store, published: async () => null, log: aLogKey(), sha256, holder, nowMs, report: () => undefined }
}

/** Judges the whole log: every entry parses, the tiles and the signed root are those of the entries. */
export async function checkLog(store: RecordStore): Promise<number> {
  const head = (await store.logHead())!
  const entries = await store.entryBytes(0, head.size)
  const leaves = entries.map((entry) => leafHash(sha256, entry))
  const body = parseCheckpointBody(parseNote(utf8Bytes(head.checkpoint)).text)
  expect(entries).toHaveLength(head.size)
  expect(body.size).toBe(head.size)
  expect(hex(body.root)).toBe(hex(treeRoot(sha256, leaves)))
  for (let n = 0; n * 256 < leaves.length; n++) {
    const own = leaves.slice(n * 256, (n + 1) * 256)
    expect(Buffer.from((await store.hashTile(0, n, own.length))!)).toEqual(Buffer.concat(own))
  }
  const times = entries.map((entry) => Date.parse(parseEntry(entry).at))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  return head.size
}

/** What every store must do for the record, whatever is below it. */
export function recordContract(name: string, open: () => Promise<{ store: Store; remove: () => Promise<void> }>): void {
  describe(`record on ${name}`, () => {
    let store: Store
    let remove: () => Promise<void>
    let nowMs = AT
    beforeAll(async () => {
      ;({ store, remove } = await open())
      expect(await store.recordOrigin(ORIGIN)).toBe(ORIGIN)
    })
    afterAll(async () => {
      await store?.close()
      await remove?.()
    })

    test('the first origin stays, and an empty log is signed', async () => {
      expect(await store.recordOrigin('other.example')).toBe(ORIGIN)
      expect(await store.logHead()).toBeNull()
      expect(await createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()).toBe(0)
      expect(await checkLog(store)).toBe(0)
    })

    test('drafts are sequenced in their order, once, and know those that they answer', async () => {
      await store.addDrafts([anAlarm('one'), anAlarm('two', [{ k: 'alarm', about: 'one' }])])
      const sealer = createRecordSealer(sealPorts(store, 'a', () => nowMs))
      expect(await sealer.sealOnce()).toBe(2)
      expect(await sealer.sealOnce()).toBe(0)
      await store.addDrafts([
        anAlarm('three', [
          { k: 'alarm', about: 'two' },
          { k: 'key', about: 'none' },
        ]),
      ])
      nowMs -= 10_000
      expect(await sealer.sealOnce()).toBe(1)
      nowMs += 10_000
      expect(await checkLog(store)).toBe(3)
      const bytes = await store.entryBytes(0, 3)
      const [, two, three] = bytes.map(parseEntry)
      expect(two!.prev).toEqual([`sha256:${hex(leafHash(sha256, bytes[0]!))}`])
      expect(three!.prev).toEqual([`sha256:${hex(leafHash(sha256, bytes[1]!))}`])
      expect(await store.entryOf({ k: 'alarm', about: 'two' })).toMatchObject({ index: 1 })
      expect(await store.entryOf({ k: 'key', about: 'two' })).toBeNull()
      expect((await store.recentEntries(2, null)).map(({ index }) => index)).toEqual([2, 1])
      expect((await store.recentEntries(2, 1)).map(({ index }) => index)).toEqual([0])
    })

    test('many at once fill tiles; a sealer that starts anew goes on from what is stored', async () => {
      await store.addDrafts(Array.from({ length: 1203 }, (_, i) => anAlarm(`many-${i}`)))
      expect(await createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()).toBe(1203)
      await store.addDrafts(Array.from({ length: 70 }, (_, i) => anAlarm(`more-${i}`)))
      expect(await createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()).toBe(70)
      expect(await checkLog(store)).toBe(1276)
      expect(await store.hashTile(1, 0, 4)).not.toBeNull()
      expect(await store.hashTile(1, 0, 5)).toBeNull()
      expect(await store.hashTile(0, 99, 1)).toBeNull()
    })

    test('one sealer at a time: who lost the lock writes nothing, even while it believes to hold it', async () => {
      const size = await checkLog(store)
      const first = (await store.lockRecord('a', nowMs, nowMs + 100))!
      expect(await store.lockRecord('b', nowMs, nowMs + 100)).toBeNull()
      expect(await createRecordSealer(sealPorts(store, 'b', () => nowMs)).sealOnce()).toBe(0)
      nowMs += 100_000
      const second = (await store.lockRecord('b', nowMs, nowMs + 100))!
      expect(second).toBeGreaterThan(first)
      const head = (await store.logHead())!
      const late: SealedBatch = {
        ...{ token: first, before: size, entries: [], tiles: [], day: '2026-11-24', drafts: [] },
        head: { ...head, size: size + 1 },
      }
      expect(await store.sealBatch(late)).toBe(false)
      expect(await store.sealBatch({ ...late, token: second, before: size - 1 })).toBe(false)
      expect(await store.logHead()).toEqual(head)
      nowMs += 100_000
    })

    test('a log that is not what was signed is not signed again', async () => {
      const token = (await store.lockRecord('forger', nowMs, nowMs + 10))!
      const head = (await store.logHead())!
      const forged = { level: 0, n: Math.floor(head.size / 256), hashes: [new Uint8Array(randomBytes(32))] }
      const n = forged.n
      const kept = (await store.hashTile(0, n, head.size % 256))!
      const hashes = Array.from({ length: head.size % 256 }, (_, i) => kept.slice(32 * i, 32 * (i + 1)))
      const batch = { token, before: head.size, entries: [], head, day: '2026-11-24', drafts: [] }
      const altered = hashes.map((hash, i) => (i === 0 ? forged.hashes[0]! : hash))
      expect(await store.sealBatch({ ...batch, tiles: [{ level: 0, n, hashes: altered }] })).toBe(true)
      nowMs += 100_000
      await store.addDrafts([anAlarm('waits')])
      await expect(createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()).rejects.toMatchObject({
        code: 'inconsistent',
      })
      expect(await store.logHead()).toEqual(head)
      const again = (await store.lockRecord('forger', nowMs + 100_000, nowMs + 100_001))!
      expect(await store.sealBatch({ ...batch, token: again, tiles: [{ level: 0, n, hashes }] })).toBe(true)
      nowMs += 200_000
      expect(await createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()).toBe(1)
      await checkLog(store)
    })

    test('checkpoints of days are kept, and take cosignatures', async () => {
      const head = (await store.logHead())!
      const kept = await store.keptCheckpoints()
      expect(kept[0]).toMatchObject({ day: 'first', size: 0 })
      expect(kept.at(-1)!.size).toBe(head.size)
      expect(await store.replaceCheckpoint(head.size, `${head.checkpoint}more\n`)).toBe(true)
      expect((await store.logHead())!.checkpoint).toBe(`${head.checkpoint}more\n`)
      expect((await store.keptCheckpoints()).at(-1)!.checkpoint).toBe(`${head.checkpoint}more\n`)
      await store.replaceCheckpoint(head.size, head.checkpoint)
      expect(await store.replaceCheckpoint(head.size - 1, 'x')).toBe(false)
      expect(await store.logHead()).toEqual(head)
    })

    test('RC-5: each new receipt is under the root of its minute exactly once, and its entry comes with it', async () => {
      const minuteMs = minuteOf(AT)
      const rows = Array.from({ length: 450 }, (_, i) => {
        const action = i % 50 === 0 ? ('refuse' as const) : ('allow' as const)
        const one = spooled({ n: 70_000 + i, action, category: action === 'refuse' ? 'bio' : null })
        const segment = i % 3 === 0 ? 'debugging' : 'other'
        const { id } = one.head
        const draft = action === 'refuse' ? anAlarm(id) : null
        const salt = { k: 'alarm' as const, about: id, member: 'org', subject: 'o', blob: new Uint8Array([i % 256]) }
        const salts = draft === null ? [] : [salt]
        return { ...one, record: { segment, minuteMs, inputTokens: i, outputTokens: 1, draft, salts } }
      })
      expect(await store.addReceipts(rows.slice(0, 300), { file: 'r', offset: 1 })).toBe(300)
      // A file that is read again, and another one with the same receipts.
      expect(await store.addReceipts(rows.slice(100, 400), { file: 'r', offset: 2 })).toBe(100)
      expect(await store.addReceipts(rows, { file: 's', offset: 1 })).toBe(50)
      expect(await store.drafts(1000)).toHaveLength(9)
      expect(await store.salts({ k: 'alarm', about: rows[0]!.head.id })).toEqual(rows[0]!.record.salts)
      expect(await store.openRollups(minuteMs)).toEqual([])
      const open = await store.openRollups(minuteMs + 1)
      expect(open.map(({ segment, count }) => [segment, count])).toEqual([
        ['debugging', 150],
        ['other', 300],
      ])
      expect(open[1]).toMatchObject({ actions: { allow: 294, refuse: 6 }, outputTokens: 300 })
      expect(open[0]!.inputTokens + open[1]!.inputTokens).toBe((449 * 450) / 2)
      // Closed, and then more of the same minute: they go on in the next one.
      expect(await closeRollups(store, sha256, minuteMs + 60_000)).toBe(2)
      const late = [{ ...spooled({ n: 80_000 }), record: { ...rows[1]!.record, draft: null, salts: [] } }]
      expect(await store.addReceipts(late, { file: 'r', offset: 3 })).toBe(1)
      expect(await store.openRollups(minuteMs + 120_000)).toMatchObject([{ minuteMs: minuteMs + 60_000, count: 1 }])
      expect(await store.closeRollup(open[0]!, anAlarm('twice'))).toBe(false)
      await createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()
      await checkLog(store)
      for (const rollup of open) {
        const { index } = (await store.entryOf({ k: 'rollup', about: rollupName(rollup) }))!
        const [bytes] = await store.entryBytes(index, index + 1)
        const d = parseEntry(bytes!).d
        const hashes = await store.rollupLeaves(rollup.id)
        const leaves = receiptLeaves(sha256, hashes)
        const nodes = nodesOver(sha256, leaves)
        const root = bytesOfHex(String(d.receipts).slice(7))!
        for (const { head, hash } of rows) {
          const place = (await store.receiptLeaf(head.id))!
          if (place.rollup !== rollup.id) continue
          expect(hashes[place.position]).toBe(hash)
          const proof = pathHashes(sha256, inclusionPath(place.position, leaves.length), nodes)
          const leaf = leafHash(sha256, bytesOfHex(hash)!)
          const claim = { leaf, index: place.position, size: Number(d.count), root }
          expect(verifyInclusion(sha256, proof, claim)).toBe(true)
        }
      }
      expect(await store.receiptLeaf('dec_none')).toBeNull()
    })

    test('keys are made once; a witness moves on only from where it was', async () => {
      const keys = await Promise.all(Array.from({ length: 5 }, () => store.recordKey('log', () => randomBytes(60))))
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1)
      expect(await store.witnessed('o')).toBeNull()
      expect(await store.witness('o', null, 3, 'three')).toBe(true)
      expect(await store.witness('o', null, 4, 'four')).toBe(false)
      expect(await store.witness('o', 2, 4, 'four')).toBe(false)
      expect(await store.witness('o', 3, 4, 'four')).toBe(true)
      expect(await store.witnessed('o')).toEqual({ size: 4, checkpoint: 'four' })
    })
  })
}
