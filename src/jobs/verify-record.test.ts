import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aLogKey, anAlarm, ORIGIN, sealPorts } from '../../test/fakes/record-contract.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import { checkpointBody } from '../core/record/checkpoint.ts'
import type { EntryDraft } from '../core/record/draft.ts'
import { cosignNote, formatNote, parseNote, signNote } from '../core/record/note.ts'
import { verifierKey } from '../core/record/note-key.ts'
import { bundleOf, entriesOf } from '../core/record/tile.ts'
import { formatPolicy, type Policy } from '../core/record/witness-policy.ts'
import { sha256, signingKey, verifyEd25519 } from '../io/keys/ed25519.ts'
import { openFolder } from '../io/record/folder-reader.ts'
import { openRecordFiles } from '../io/record/record-files.ts'
import { openSqlite } from '../io/store/open-store.ts'
import { publishRecord } from './publish-record.ts'
import { bodyOf } from './published.ts'
import { createRecordSealer } from './seal.ts'
import { verifyRecord } from './verify-record.ts'

const CRYPTO = { sha256, verify: verifyEd25519 }
const DAY_MS = 86_400_000
const SIZE = 302

const witness = signingKey(new Uint8Array(32).fill(9))
const witnessKey = verifierKey(sha256, 'witness.example/w', 'cosignature', witness.publicKey)
const policy: Policy = {
  logs: [{ key: aLogKey().key, url: null }],
  witnesses: [{ name: 'w', key: witnessKey, url: null }],
  groups: [],
  quorum: 'w',
}

const decision = (about: string, label: string, decided: string): EntryDraft => {
  const none = { reasons: [], skipped: [], unavailable: [] }
  const d = {
    action: 'flag',
    would: 'flag',
    mode: 'enforce',
    decided,
    safeguards: { base: label },
    asked: 'm',
    ...none,
  }
  return { k: 'decision', who: 'system:test', about, d: { ...d, org: `hmac-sha256:${'0'.repeat(64)}` } }
}
const shipped: EntryDraft = {
  ...{ k: 'safeguard', who: 'system:version', about: 'shipped/base/base-1' },
  d: { move: 'ship', from: 'none', to: 'enforcing', slot: 'base', label: 'base-1' },
}

/** A record of two days, cosigned, with one document. @param extra Last entries. */
async function aRecord(extra: readonly EntryDraft[] = []): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'))
  const store = await openSqlite(join(folder, 'sluice.db'))
  await store.recordOrigin(ORIGIN)
  const files = openRecordFiles(join(folder, 'record'))
  let nowMs = Date.UTC(2026, 5, 12, 21)
  const sealer = createRecordSealer(sealPorts(store, 'a', () => nowMs))
  const cosigned = async () => {
    const head = (await store.logHead())!
    const note = parseNote(utf8Bytes(head.checkpoint))
    const own = cosignNote(note.text, witnessKey, Math.floor(nowMs / 1000), witness.sign)
    await store.replaceCheckpoint(head.size, formatNote({ text: note.text, signatures: [...note.signatures, own] }))
    await publishRecord(store, files, sha256)
  }
  await store.addDrafts([shipped, decision('dec_1', 'base-1', '2026-06-12T20:59:59.000Z'), anAlarm('x')])
  await sealer.sealOnce()
  await cosigned()
  nowMs += DAY_MS
  await store.addDrafts(Array.from({ length: SIZE - 3 - extra.length }, (_, i) => anAlarm(`alarm-${i}`)))
  await store.addDrafts(extra)
  await sealer.sealOnce()
  await cosigned()
  const text = utf8Bytes('{"a":"document"}')
  await files.writeDocument(Buffer.from(sha256(text)).toString('hex'), text)
  await files.writePolicy(formatPolicy(policy))
  await store.close()
  return folder
}

const check = (folder: string) => verifyRecord(openFolder(join(folder, 'record')), formatPolicy(policy), CRYPTO)

describe('verifying a folder', () => {
  let whole: string
  const folders: string[] = []
  beforeAll(async () => {
    whole = await aRecord()
  })
  afterAll(() => {
    for (const folder of [whole, ...folders]) rmSync(folder, { recursive: true, force: true })
  })
  /** A copy with something done to it. */
  async function altered(act: (record: string) => void) {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'))
    folders.push(folder)
    cpSync(join(whole, 'record'), join(folder, 'record'), { recursive: true })
    act(join(folder, 'record'))
    return check(folder)
  }
  const rebundled = (act: (entries: Uint8Array[]) => Uint8Array[]) => (record: string) => {
    const path = join(record, 'tile/entries/000')
    writeFileSync(path, bundleOf(act([...entriesOf(readFileSync(path))])))
  }

  test('what is whole is verified, with what was counted', async () => {
    const verdict = await check(whole)
    expect(verdict).toMatchObject({ kind: 'verified', size: SIZE, origin: ORIGIN, keptCheckpoints: 1, documents: 1 })
    expect(verdict).toMatchObject({ witnesses: ['witness.example/w'] })
    expect((await altered(() => undefined)).kind).toBe('verified')
  })

  test('RC-3: every changed bit is found, wherever it is', async () => {
    const record = join(whole, 'record')
    const paths = readdirSync(record, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'log.policy')
      .map((entry) => join(entry.parentPath, entry.name).slice(record.length + 1))
    const originals = new Map(paths.map((path) => [path, readFileSync(join(record, path))]))
    let seed = 20_260_612
    const next = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const missed: string[] = []
    for (let i = 0; i < 100; i++) {
      const path = paths[next(paths.length)]!
      const bit = next(originals.get(path)!.length * 8)
      const reader = {
        ...openFolder(record),
        async read(name: string) {
          const bytes = Buffer.from(originals.get(name) ?? [])
          if (name === path) bytes[bit >> 3]! ^= 1 << (bit & 7)
          return originals.has(name) ? new Uint8Array(bytes) : null
        },
      }
      const verdict = await verifyRecord(reader, formatPolicy(policy), CRYPTO)
      if (verdict.kind !== 'tampered') missed.push(`${path} bit ${bit}: ${verdict.kind}`)
    }
    expect(missed).toEqual([])
  }, 60_000)

  test.each<[string, (entries: Uint8Array[]) => Uint8Array[], number]>([
    ['an entry altered', (all) => all.with(70, utf8Bytes('{}')), 70],
    ['an entry removed', (all) => all.toSpliced(41, 1), 41],
    ['an entry twice', (all) => all.toSpliced(41, 1, all[40]!), 41],
    ['two entries swapped', (all) => all.with(5, all[6]!).with(6, all[5]!), 5],
    ['entries cut off', (all) => all.slice(0, 200), 200],
  ])('RC-3: %s: the first bad index is named', async (_name, act, index) => {
    const verdict = await altered(rebundled(act))
    expect(verdict.kind).toBe('tampered')
    if (verdict.kind === 'tampered') expect(verdict.index).toBe(index)
  })

  test('RC-3: what is missing is incomplete, and no proof of anything', async () => {
    for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/001.p/46', 'tile/1/000.p/1'])
      expect(await altered((record) => rmSync(join(record, path)))).toMatchObject({ kind: 'incomplete' })
  })

  test('RC-3: a second history signed by the log itself is found by its witness, or by what was kept', async () => {
    const { root } = bodyOf(readFileSync(join(whole, 'record/checkpoint'), 'utf8'))
    const other = root.with(0, root[0]! ^ 1)
    const log = aLogKey()
    const forged = checkpointBody({ origin: ORIGIN, size: SIZE, root: other })
    const note = formatNote({ text: forged, signatures: [signNote(forged, log.key, log.sign)] })
    expect(await altered((record) => writeFileSync(join(record, 'checkpoint'), note))).toMatchObject({
      ...{ kind: 'tampered', what: 'checkpoint: quorum' },
    })
    const kept = checkpointBody({ origin: ORIGIN, size: 3, root: other })
    const then = formatNote({ text: kept, signatures: [signNote(kept, log.key, log.sign)] })
    expect(await altered((record) => writeFileSync(join(record, 'checkpoints/3'), then))).toMatchObject({
      ...{ kind: 'tampered', what: expect.stringContaining('fork') },
    })
    const later = checkpointBody({ origin: ORIGIN, size: 9999, root: other })
    const rolled = formatNote({ text: later, signatures: [signNote(later, log.key, log.sign)] })
    expect(await altered((record) => writeFileSync(join(record, 'checkpoints/9999'), rolled))).toMatchObject({
      ...{ kind: 'tampered', what: expect.stringContaining('rollback') },
    })
  })

  test('a document that is not what its name says is found, also one too many', async () => {
    const name = join('documents', 'ab', 'ab'.repeat(32))
    const verdict = await altered((record) => {
      mkdirSync(dirname(join(record, name)), { recursive: true })
      writeFileSync(join(record, name), 'x')
    })
    expect(verdict).toMatchObject({ kind: 'tampered', what: expect.stringContaining('documents/ab/') })
  })

  test.each<[string, EntryDraft]>([
    ['never released', decision('dec_2', 'base-2', '2026-06-13T20:00:00.000Z')],
    ['of another slot', { ...decision('dec_2', 'base-1', '2026-06-13T20:00:00.000Z'), about: 'dec_3' }],
  ])('a decision by a safeguard that was %s is found', async (name, draft) => {
    const wrong = name === 'of another slot' ? { ...draft, d: { ...draft.d, safeguards: { bio: 'base-1' } } } : draft
    const folder = await aRecord([wrong])
    folders.push(folder)
    expect(await check(folder)).toMatchObject({
      kind: 'tampered',
      index: SIZE - 1,
      what: expect.stringContaining('released'),
    })
  })

  test('a safeguard that was rolled back decides no more, ten minutes later', async () => {
    const back: EntryDraft = {
      ...{ k: 'safeguard', who: 'system:test', about: 'rel_1' },
      d: { move: 'rollback', from: 'enforcing', to: 'rolled_back', slot: 'base', label: 'base-1' },
    }
    const soon = await aRecord([back, decision('dec_2', 'base-1', '2026-06-13T21:05:00.000Z')])
    const late = await aRecord([back, decision('dec_2', 'base-1', '2026-06-13T21:30:00.000Z')])
    folders.push(soon, late)
    expect((await check(soon)).kind).toBe('verified')
    expect(await check(late)).toMatchObject({ kind: 'tampered', what: expect.stringContaining('no longer in force') })
  })
})
