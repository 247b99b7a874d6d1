import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { anAlarm, checkLog, ORIGIN, sealPorts } from '../../test/fakes/record-contract.ts'
import { entriesOf, newTiles, tilePath } from '../core/record/tile.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import { openRecordFiles } from '../io/record/record-files.ts'
import { openSqlite } from '../io/store/open-store.ts'
import { publishRecord } from './publish-record.ts'
import type { RecordFiles } from './record-ports.ts'
import { createRecordSealer } from './seal.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function aLog() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-record-'))
  folders.push(folder)
  const store = await openSqlite(join(folder, 'sluice.db'))
  await store.recordOrigin(ORIGIN)
  const nowMs = { now: Date.UTC(2026, 5, 12, 21) }
  const sealer = createRecordSealer(sealPorts(store, 'a', () => nowMs.now))
  const record = join(folder, 'record')
  const add = async (count: number) => {
    await store.addDrafts(Array.from({ length: count }, (_, i) => anAlarm(`about-${i}`)))
    await sealer.sealOnce()
  }
  return { folder, record, store, files: openRecordFiles(record), add, nowMs }
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

test('the folder holds every tile and bundle of its checkpoint, and nothing half-written', async () => {
  const { record, store, files, add, nowMs } = await aLog()
  await add(0)
  await publishRecord(store, files, sha256)
  await add(3)
  await publishRecord(store, files, sha256)
  expect(filesOf(record)).toEqual(['checkpoint', 'checkpoints/0', 'tile/0/000.p/3', 'tile/entries/000.p/3'])
  nowMs.now += 86_400_000
  await add(600)
  expect(await publishRecord(store, files, sha256)).toBe(603)
  const tiles = newTiles(0, 603).map(tilePath)
  // What a log of three had is full now, and its partial tiles are gone. The last checkpoint of the day before is kept.
  expect(filesOf(record)).toEqual(['checkpoint', 'checkpoints/0', 'checkpoints/3', ...tiles].sort())
  const bundle = entriesOf(readFileSync(join(record, 'tile/entries/002.p/91')))
  expect(bundle.map((entry) => Buffer.from(entry))).toEqual(
    (await store.entryBytes(512, 603)).map((e) => Buffer.from(e)),
  )
  await checkLog(store)
  await store.close()
})

test('ended before any one of its writes, the next run writes the rest, and the checkpoint never runs ahead', async () => {
  const { record, store, files, add } = await aLog()
  await add(2)
  await publishRecord(store, files, sha256)
  await add(300)
  for (let writes = 0; ; writes++) {
    let left = writes
    const once =
      <A extends unknown[]>(act: (...args: A) => Promise<void>) =>
      (...args: A) =>
        left-- > 0 ? act(...args) : Promise.reject(new Error('ended here'))
    const dying: RecordFiles = {
      ...files,
      writeTile: once(files.writeTile),
      writeCheckpoint: once(files.writeCheckpoint),
      keepCheckpoint: once(files.keepCheckpoint),
      dropPartials: once(files.dropPartials),
    }
    const before = readFileSync(join(record, 'checkpoint'), 'utf8')
    const done = await publishRecord(store, dying, sha256).then(
      () => true,
      () => false,
    )
    const size = Number(readFileSync(join(record, 'checkpoint'), 'utf8').split('\n')[1])
    const there = filesOf(record)
    if (size === 302) for (const path of newTiles(0, size).map(tilePath)) expect(there).toContain(path)
    else expect(readFileSync(join(record, 'checkpoint'), 'utf8')).toBe(before)
    if (done) {
      expect(writes).toBeGreaterThan(5)
      break
    }
  }
  await store.close()
})

test('a store that was put back to an earlier day does not become a second history', async () => {
  const { folder, record, store, files, add } = await aLog()
  await add(5)
  await publishRecord(store, files, sha256)
  await store.close()
  cpSync(join(folder, 'sluice.db'), join(folder, 'old.db'))
  const later = await openSqlite(join(folder, 'sluice.db'))
  const sealer = createRecordSealer(sealPorts(later, 'a', () => Date.now()))
  await later.addDrafts([anAlarm('published')])
  await sealer.sealOnce()
  await publishRecord(later, files, sha256)
  await later.close()
  const published = readFileSync(join(record, 'checkpoint'), 'utf8')
  const old = await openSqlite(join(folder, 'old.db'))
  await expect(publishRecord(old, files, sha256)).rejects.toMatchObject({ code: 'inconsistent' })
  await old.addDrafts([anAlarm('another history')])
  const signs = createRecordSealer({ ...sealPorts(old, 'a', () => Date.now()), published: files.checkpoint })
  await expect(signs.sealOnce()).rejects.toMatchObject({ code: 'inconsistent' })
  // Even where it had been signed elsewhere, it is not published over what is there.
  await createRecordSealer(sealPorts(old, 'a', () => Date.now())).sealOnce()
  await expect(publishRecord(old, files, sha256)).rejects.toMatchObject({ code: 'inconsistent' })
  expect(readFileSync(join(record, 'checkpoint'), 'utf8')).toBe(published)
  await old.close()
})
