import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aLogKey, anAlarm, ORIGIN, sealPorts } from '../../test/fakes/record-contract.ts'
import { hex } from '../core/base/bytes.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import { formatAddCheckpoint } from '../core/record/add-checkpoint.ts'
import { checkpointBody, openCheckpoint } from '../core/record/checkpoint.ts'
import { formatNote, signNote } from '../core/record/note.ts'
import { formatVerifierKey, verifierKey } from '../core/record/note-key.ts'
import { type Policy, parsePolicy } from '../core/record/witness-policy.ts'
import { sha256, signingKey, verifyEd25519 } from '../io/keys/ed25519.ts'
import { openSqlite } from '../io/store/open-store.ts'
import { askWitnesses, type WitnessSizes } from './ask-witnesses.ts'
import type { Store } from './ports.ts'
import { createRecordSealer } from './seal.ts'
import { addCheckpoint, type WitnessPorts, witnessedCheckpoint } from './witness.ts'

let folder: string
let log: Store
let partner: Store
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-witness-'))
  log = await openSqlite(join(folder, 'log.db'))
  partner = await openSqlite(join(folder, 'partner.db'))
  await log.recordOrigin(ORIGIN)
})
afterAll(async () => {
  await log.close()
  await partner.close()
  rmSync(folder, { recursive: true, force: true })
})

const own = signingKey(new Uint8Array(32).fill(11))
const key = verifierKey(sha256, 'partner.example/witness', 'cosignature', own.publicKey)
const ports = (): WitnessPorts => ({
  ...{ store: partner, logs: [aLogKey().key], witness: { key, sign: own.sign }, sha256, verify: verifyEd25519 },
  nowMs: () => 1_781_435_100_000,
})
const policy = (): Policy =>
  parsePolicy(
    sha256,
    `log ${formatVerifierKey(aLogKey().key)}\nwitness p ${formatVerifierKey(key)} https://partner.example/witness\nquorum p\n`,
  )
const grow = async (n: number) => {
  await log.addDrafts(Array.from({ length: n }, (_, i) => anAlarm(`a${n}-${i}`)))
  await createRecordSealer(sealPorts(log, 'a', () => Date.now())).sealOnce()
}
const asked: string[] = []
const ask = (sizes: WitnessSizes) =>
  askWitnesses(
    {
      ...{ store: log, policy: policy(), sha256, verify: verifyEd25519, report: (event) => asked.push(event) },
      post: async (url, body) => {
        asked.push(url)
        const { status, body: text } = await addCheckpoint(body, ports())
        return { status, body: text }
      },
    },
    sizes,
  )

test('a partner cosigns what grows, also after either side has forgotten where it was', async () => {
  await grow(3)
  const sizes: WitnessSizes = new Map()
  expect(await ask(sizes)).toBe(1)
  const head = (await log.logHead())!
  const opened = openCheckpoint(utf8Bytes(head.checkpoint), policy(), verifyEd25519)
  expect(opened).toMatchObject({ kind: 'verified', witnesses: [{ key, timeS: 1_781_435_100 }] })
  // Nothing new: nobody is asked.
  const before = asked.length
  expect(await ask(sizes)).toBe(1)
  expect(asked).toHaveLength(before)
  await grow(600)
  expect(await ask(new Map())).toBe(1)
  expect(asked).not.toContain('witness.refused')
  const latest = await witnessedCheckpoint(hex(sha256(utf8Bytes(ORIGIN))), ports())
  expect(latest).toBe((await log.logHead())!.checkpoint)
  expect(await witnessedCheckpoint('00', ports())).toBeNull()
})

test('a second history is not cosigned, and neither is what no known log signed', async () => {
  const { size } = (await partner.witnessed(ORIGIN))!
  const sign = (head: { size: number; root: Uint8Array; origin?: string }, n = 5) => {
    const text = checkpointBody({ origin: ORIGIN, ...head })
    const signer = aLogKey(n)
    return formatNote({ text, signatures: [signNote(text, signer.key, signer.sign)] })
  }
  const root = new Uint8Array(32).fill(1)
  const of = async (old: number, checkpoint: string, proof: Uint8Array[] = []) => {
    const { status, type, body } = await addCheckpoint(formatAddCheckpoint({ old, proof, checkpoint }), ports())
    return status === 409 ? [status, type, body] : [status]
  }
  expect(await of(size, sign({ size, root }))).toEqual([422])
  expect(await of(size, sign({ size: size + 1, root }), [root])).toEqual([422])
  expect(await of(0, sign({ size: size + 1, root }))).toEqual([409, 'text/x.tlog.size', `${size}\n`])
  expect(await of(size + 9, sign({ size, root }))).toEqual([400])
  expect(await of(size, sign({ size: size + 1, root }, 6))).toEqual([403])
  expect(await of(size, sign({ size, root, origin: 'other.example' }))).toEqual([404])
  expect((await addCheckpoint(utf8Bytes('old x\n\n'), ports())).status).toBe(400)
  expect((await partner.witnessed(ORIGIN))!.size).toBe(size)
})

test('of two histories asked for at once, one is cosigned', async () => {
  const fresh = await openSqlite(join(folder, 'fresh.db'))
  const note = (n: number) => {
    const text = checkpointBody({ origin: ORIGIN, size: 1, root: new Uint8Array(32).fill(n) })
    return formatNote({ text, signatures: [signNote(text, aLogKey().key, aLogKey().sign)] })
  }
  const replies = await Promise.all(
    [1, 2, 3].map((n) =>
      addCheckpoint(formatAddCheckpoint({ old: 0, proof: [], checkpoint: note(n) }), { ...ports(), store: fresh }),
    ),
  )
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  await fresh.close()
})

test('a witness that is away is reported, and holds nothing up', async () => {
  await grow(1)
  const before = (await log.logHead())!.checkpoint
  const reports: string[] = []
  const cosigned = await askWitnesses(
    {
      ...{ store: log, policy: policy(), sha256, verify: verifyEd25519, report: (event) => reports.push(event) },
      post: () => Promise.reject(new Error('away')),
    },
    new Map(),
  )
  expect(cosigned).toBe(0)
  expect(reports).toEqual(['witness.unreachable'])
  expect((await log.logHead())!.checkpoint).toBe(before)
})
