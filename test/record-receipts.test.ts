import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyReceipt } from '../src/admin/verify.ts'
import { bytesOfHex, hex } from '../src/core/base/bytes.ts'
import { LABELS } from '../src/core/base/reasons.ts'
import { decide, isNothing, strictest } from '../src/core/policy/decide.ts'
import type { DecisionInput } from '../src/core/policy/decision.ts'
import { defaultPolicy } from '../src/core/policy/default-policy.ts'
import { parseEntry } from '../src/core/record/entry.ts'
import { receiptLeaves } from '../src/core/record/rollup.ts'
import { inclusionPath, leafHash, nodesOver, pathHashes } from '../src/core/record/tree.ts'
import { verifyInclusion } from '../src/core/record/tree-proof.ts'
import { sha256 } from '../src/io/keys/ed25519.ts'
import { openSqlite } from '../src/io/store/open-store.ts'
import { closeRollups, rollupName } from '../src/jobs/close-rollups.ts'
import { hasEntry, recordOfReceipt } from '../src/jobs/receipt-record.ts'
import { createRecordSealer } from '../src/jobs/seal.ts'
import { aReceipt } from './fakes/a-receipt.ts'
import { checkLog, ORIGIN, sealPorts } from './fakes/record-contract.ts'

const RECEIPTS = 10_000
const AT = Date.UTC(2026, 5, 12, 21)
const LINES = { clear: 500_000, act: 900_000, actPlus: 980_000 }
const POLICY = defaultPolicy({ harmInput: LINES, attackInput: LINES, output: LINES, exchange: LINES })
const PLACE = { part: 'user', trust: 'user', turn: 0, newest: true } as const

/** Mostly nothing, and now and then a label high enough for a rung. */
function aDecision(n: number) {
  const random = randomBytes(4)
  const ppm = LABELS.map((_, i) => (random[0]! < 30 && i === random[1]! % LABELS.length ? random[2]! * 3920 : i * 100))
  const input: DecisionInput = {
    stage: 'input',
    findings: [{ kind: 'scored', detector: 'judge', tier: 'second_opinion', stage: 'input', place: PLACE, ppm }],
    standing: { kind: 'ordinary', scopes: [] },
    mode: random[3]! < 128 ? 'observe' : 'enforce',
    fallbackModel: null,
    asksFallbackTarget: false,
  }
  const decided = decide(input, POLICY)
  const steps = [{ input, decision: isNothing(decided) ? null : decided }]
  return { ...aReceipt({ n, atMs: AT + n }), steps, decision: strictest([decided]), salt: hex(randomBytes(32)) }
}

test('RC-5: 10,000 random decisions are recomputed from their receipts, and each is proven by its entry or its minute', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-receipts-'))
  const store = await openSqlite(join(folder, 'sluice.db'))
  await store.recordOrigin(ORIGIN)
  let nowMs = AT
  const ports = {
    ...{ sha256, random: () => randomBytes(32), nowMs: () => nowMs },
    ...{ seal: async (_org: string, text: string) => Buffer.from(text), exchange: async () => null },
  }
  for (let from = 0; from < RECEIPTS; from += 2000) {
    const rows = Array.from({ length: 2000 }, (_, i) => {
      const head = aDecision(from + i)
      const line = JSON.stringify(head)
      return { segment: 'other' as const, head, line, hash: hex(sha256(Buffer.from(line))) }
    })
    const derived = []
    for (const row of rows) derived.push({ ...row, record: await recordOfReceipt(row, ports) })
    await store.addReceipts(derived, { file: 'r', offset: from + 1 })
    nowMs += 30_000
  }
  nowMs += 120_000
  await closeRollups(store, sha256, nowMs)
  await createRecordSealer(sealPorts(store, 'a', () => nowMs)).sealOnce()
  const size = await checkLog(store)

  const rollups = new Map<number, { hashes: readonly string[]; prove: (at: number, hash: string) => boolean }>()
  const rollupOf = async (id: number) => {
    const known = rollups.get(id)
    if (known !== undefined) return known
    const { index } = (await store.entryOf({ k: 'rollup', about: rollupName((await store.rollup(id))!) }))!
    const root = bytesOfHex(String(parseEntry((await store.entryBytes(index, index + 1))[0]!).d.receipts).slice(7))!
    const hashes = await store.rollupLeaves(id)
    const leaves = receiptLeaves(sha256, hashes)
    const nodes = nodesOver(sha256, leaves)
    const prove = (at: number, hash: string) => {
      const leaf = leafHash(sha256, bytesOfHex(hash)!)
      const proof = pathHashes(sha256, inclusionPath(at, leaves.length), nodes)
      return verifyInclusion(sha256, proof, { leaf, index: at, size: leaves.length, root })
    }
    rollups.set(id, { hashes, prove })
    return { hashes, prove }
  }
  const verifying = {
    sha256: (text: string) => hex(sha256(Buffer.from(text))),
    safeguardOf: () => ({ slot: 'base', release: 'base-test', policy: POLICY, model: '' }) as never,
  }
  let proven = 0
  let entries = 0
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page = await store.decisions({}, 500, cursor)
    for (const stored of page.items) {
      expect(verifyReceipt(stored, verifying)).toEqual({ hash: true, recomputed: true })
      const { rollup, position } = (await store.receiptLeaf(stored.receipt.id))!
      expect((await rollupOf(rollup)).prove(position, stored.hash)).toBe(true)
      const own = await store.entryOf({ k: 'decision', about: stored.receipt.id })
      expect(own !== null).toBe(hasEntry(sha256, stored.receipt))
      if (own !== null) {
        const entry = parseEntry((await store.entryBytes(own.index, own.index + 1))[0]!)
        expect(entry.h).toBe(`sha256:${stored.hash}`)
        expect(entry.d).toMatchObject({ action: stored.receipt.decision.action, would: stored.receipt.decision.would })
        entries++
      }
      proven++
    }
    cursor = page.next
  }
  expect(proven).toBe(RECEIPTS)
  expect(entries).toBeGreaterThan(100)
  expect(size).toBe(entries + rollups.size)
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}, 120_000)
