import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpoint } from '../src/core/record/checkpoint.ts'
import type { EntryDraft } from '../src/core/record/draft.ts'
import { leafHash } from '../src/core/record/tree.ts'
import { verifyInclusion } from '../src/core/record/tree-proof.ts'
import { formatPolicy } from '../src/core/record/witness-policy.ts'
import { sha256, verifyEd25519 } from '../src/io/keys/ed25519.ts'
import { openFolder } from '../src/io/record/folder-reader.ts'
import { openRecordFiles } from '../src/io/record/record-files.ts'
import { openSqlite } from '../src/io/store/open-store.ts'
import { proveInclusion, readTile } from '../src/jobs/prove-record.ts'
import { publishRecord } from '../src/jobs/publish-record.ts'
import { createRecordSealer } from '../src/jobs/seal.ts'
import { verifyRecord } from '../src/jobs/verify-record.ts'
import { aLogKey, ORIGIN, sealPorts } from '../test/fakes/record-contract.ts'
import { quantile } from './parts/load.ts'

/**
 * The record on SQLite: entries per second that are stored, sealed and published once a second, for a while; then, at a
 * million entries, a proof from the files, and the check of all of them. `nice -n 10 node bench/record.ts` (`--json`,
 * `--entries N`, `--seconds N`).
 */
const option = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const ENTRIES = option('--entries', 1_000_000)
const SECONDS = option('--seconds', 20)
const PROOFS = 500
const AT_ONCE = 1000

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-record-'))
try {
  const store = await openSqlite(join(folder, 'sluice.db'))
  await store.recordOrigin(ORIGIN)
  const record = join(folder, 'record')
  const files = openRecordFiles(record)
  await files.writePolicy(
    formatPolicy({ logs: [{ key: aLogKey().key, url: null }], witnesses: [], groups: [], quorum: null }),
  )
  const sealer = createRecordSealer({ ...sealPorts(store, 'a', () => Date.now()), published: files.checkpoint })
  await store.addDrafts([shipped()])
  await sealer.sealOnce()

  // As the control thread does: drafts come all the time, and once a second what is there is sealed and published.
  let n = 0
  const sealMs: number[] = []
  const started = performance.now()
  let published = 0
  for (let second = 1; second <= SECONDS; second++) {
    while (performance.now() - started < second * 1000 - 400) {
      await store.addDrafts(Array.from({ length: AT_ONCE }, () => decision(n++)))
      if (n >= ENTRIES) break
    }
    const before = performance.now()
    await sealer.sealOnce()
    published = await publishRecord(store, files, sha256)
    sealMs.push(performance.now() - before)
  }
  const elapsed = (performance.now() - started) / 1000
  const perSecond = published / elapsed

  while (n < ENTRIES) {
    await store.addDrafts(Array.from({ length: Math.min(AT_ONCE, ENTRIES - n) }, () => decision(n++)))
    await sealer.sealOnce()
  }
  const size = await publishRecord(store, files, sha256)
  const reader = openFolder(record)
  const policy = formatPolicy({ logs: [{ key: aLogKey().key, url: null }], witnesses: [], groups: [], quorum: null })
  const head = openCheckpoint(
    (await reader.read('checkpoint'))!,
    { logs: [{ key: aLogKey().key, url: null }], witnesses: [], groups: [], quorum: null },
    verifyEd25519,
  )
  if (head.kind === 'rejected') throw new Error(head.reason)
  const proofMs: number[] = []
  for (let i = 0; i < PROOFS; i++) {
    const index = Math.floor((i + 0.5) * (size / PROOFS))
    const before = performance.now()
    const proof = await proveInclusion(sha256, index, size, (tile) => readTile(reader, tile))
    proofMs.push(performance.now() - before)
    const leaf = leafHash(sha256, (await store.entryBytes(index, index + 1))[0]!)
    if (!verifyInclusion(sha256, proof, { leaf, index, size, root: head.checkpoint.root })) throw new Error('no proof')
  }
  const before = performance.now()
  const verdict = await verifyRecord(reader, policy, { sha256, verify: verifyEd25519 })
  const verifyS = (performance.now() - before) / 1000
  await store.close()
  const result = {
    perSecond: Math.round(perSecond),
    seconds: SECONDS,
    sealAndPublishMs: { p50: quantile(sorted(sealMs), 0.5), max: Math.max(...sealMs) },
    entries: size,
    proofs: PROOFS,
    proofMs: { p50: quantile(sorted(proofMs), 0.5), p99: quantile(sorted(proofMs), 0.99) },
    verify: verdict.kind,
    verifyS,
  }
  process.stdout.write(
    process.argv.includes('--json') ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}

function shipped(): EntryDraft {
  const d = { move: 'ship', from: 'none', to: 'enforcing', slot: 'base', label: 'base-1' }
  return { k: 'safeguard', who: 'system:version', about: 'shipped/base/base-1', d }
}

/** An entry of about 550 bytes, as decisions are. */
function decision(i: number): EntryDraft {
  const d = {
    ...{ action: 'flag', would: 'flag', mode: 'enforce', reasons: ['harm.cyber'], category: 'cyber' },
    ...{ decided: '2026-06-12T20:59:59.000Z', safeguards: { base: 'base-1' }, asked: 'model-a', served: 'model-a' },
    ...{ skipped: ['judge'], unavailable: [], org: `hmac-sha256:${i.toString(16).padStart(64, '0')}` },
  }
  return { k: 'decision', who: 'system:gateway', about: `dec_${i}`, h: `sha256:${i.toString(16).padStart(64, 'a')}`, d }
}
