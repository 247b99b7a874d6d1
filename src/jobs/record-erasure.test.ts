import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aReceipt } from '../../test/fakes/a-receipt.ts'
import { aLogKey, checkLog, ORIGIN, sealPorts } from '../../test/fakes/record-contract.ts'
import { recordAdmin } from '../cli/record-admin.ts'
import { bytesOfHex } from '../core/base/bytes.ts'
import { commitment } from '../core/record/commitment.ts'
import { parseEntry } from '../core/record/entry.ts'
import { verifyProof } from '../core/record/offline-proof.ts'
import { leafHash } from '../core/record/tree.ts'
import { parsePolicy } from '../core/record/witness-policy.ts'
import { sha256, verifyEd25519 } from '../io/keys/ed25519.ts'
import { createSealer, seal } from '../io/keys/sealer.ts'
import { openSqlite } from '../io/store/open-store.ts'
import { recordOfReceipt } from './receipt-record.ts'
import { createRecordSealer } from './seal.ts'

test('RC-8: a destroyed key leaves content and salts unreadable, and a log that verifies as before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-erasure-'))
  const path = join(folder, 'sluice.db')
  const store = await openSqlite(path)
  await store.recordOrigin(ORIGIN)
  const sealer = createSealer({ master: randomBytes(32), store })
  const nowMs = Date.UTC(2026, 5, 12)
  let forgotten = 0
  const log = aLogKey()
  const policy = { logs: [{ key: log.key, url: null }], witnesses: [], groups: [], quorum: null }
  const admin = recordAdmin({
    ...{ store, folder, log, policy, witness: null, witnessFor: [] },
    forgotten: async () => void forgotten++,
  })
  const head = { ...aReceipt({ n: 1, atMs: nowMs, action: 'refuse', category: 'bio' }), contentKept: true }
  const line = JSON.stringify(head)
  const row = { segment: 'other' as const, head, line, hash: Buffer.from(sha256(Buffer.from(line))).toString('hex') }
  const key = createSecretKey(await sealer.dataKey('default'))
  const content = seal(key, 'what was said')
  await store.addContents(
    [{ id: 's', subject: 'default', fromMs: nowMs, toMs: nowMs, expiresAtMs: nowMs * 2, blob: content }],
    { file: 'c', offset: 1 },
  )
  const record = await recordOfReceipt(row, {
    ...{ sha256, random: () => randomBytes(32), nowMs: () => nowMs, exchange: async () => 'what was said' },
    seal: async (org, text) => seal(createSecretKey(await sealer.dataKey(org)), text),
  })
  await store.addReceipts([{ ...row, record }], { file: 'r', offset: 1 })
  const sealing = createRecordSealer(sealPorts(store, 'a', () => nowMs))
  await sealing.sealOnce()

  // Before: whoever has the key can open the commitment, and show that it is the entry's.
  const [salt] = await store
    .salts({ k: 'decision', about: row.head.id })
    .then((all) => all.filter((s) => s.member === 'org'))
  const opened = JSON.parse((await sealer.open('default', salt!.blob)).toString()) as { salt: string; value: string }
  const { index } = (await store.entryOf({ k: 'decision', about: row.head.id }))!
  const [entry] = await store.entryBytes(index, index + 1)
  expect(opened.value).toBe('default')
  expect(parseEntry(entry!).d.org).toBe(commitment(sha256, bytesOfHex(opened.salt)!, 'org', opened.value))
  expect(parseEntry(entry!).d.exchange).toMatch(/^hmac-sha256:/)
  const proof = (await admin.proof(index))!
  const wrapped = await store.dataKey('default', () => new Uint8Array())

  expect(await admin.shred('default', 'asked by the organisation')).toEqual({ shredded: true, salts: 2 })
  expect(forgotten).toBe(1)
  expect(await admin.shred('nobody', 'x')).toEqual({ shredded: false, salts: 0 })
  await sealing.sealOnce()

  await expect(sealer.open('default', content)).rejects.toThrow()
  await expect(sealer.open('default', salt!.blob)).rejects.toThrow()
  expect(await store.salts({ k: 'decision', about: row.head.id })).toEqual([])
  // Nothing of the wrapped key is left in the file either, nor in what was written ahead of it.
  const left = Buffer.concat([path, `${path}-wal`].map((file) => readIfThere(file)))
  expect(left.includes(Buffer.from(wrapped))).toBe(false)
  await store.close()
  const again = await openSqlite(path)
  await checkLog(again)
  const leaf = leafHash(sha256, entry!)
  const old = verifyProof(proof.proof, leaf, parsePolicy(sha256, proof.policy), { sha256, verify: verifyEd25519 })
  expect(old).toMatchObject({ kind: 'proven', index })
  const erased = parseEntry((await again.recentEntries(1, null))[0]!.bytes)
  expect(erased).toMatchObject({ k: 'key', d: { move: 'destroyed', purpose: 'erasure' } })
  expect(JSON.stringify(erased)).not.toContain('default')
  await again.close()
  rmSync(folder, { recursive: true, force: true })
})

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
