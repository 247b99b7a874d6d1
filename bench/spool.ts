import { hash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReceiptSpool } from '../src/io/spool/receipt-spool.ts'
import { openSqlite } from '../src/io/store/open-store.ts'
import type { SpooledReceipt } from '../src/jobs/spool-ports.ts'
import { aReceipt } from '../test/fakes/a-receipt.ts'
import { quantile } from './parts/load.ts'

/**
 * What the record costs: an append with its hash, alone and in one turn with others, and rows per second into SQLite.
 * Medians of rounds. `node bench/spool.ts` (`--json`).
 */
const ROUNDS = 9
const APPENDS = 5000
const TOGETHER = 16
const BATCH = 500
const BATCHES = 40
const LINE_BYTES = 1500

/** A receipt of about 1.5 KB, as most are. */
function sized(n: number) {
  const short = JSON.stringify(aReceipt({ n })).length
  // The name stands in it twice: asked for and served.
  return aReceipt({ n, model: 'm'.repeat(Math.max(1, Math.round((LINE_BYTES - short) / 2) + 7)) })
}

async function median(round: (n: number) => Promise<number>): Promise<number> {
  await round(0) // warm
  const values: number[] = []
  for (let n = 1; n <= ROUNDS; n++) values.push(await round(n))
  return quantile(values, 0.5)
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-spool-'))
try {
  const receipts = Array.from({ length: APPENDS }, (_, n) => sized(n))
  const spool = openReceiptSpool({
    ...{ dataFolder: folder, maxBytes: 1e12, retentionMs: 1, report: () => undefined },
    dataKey: async () => randomBytes(32),
  })
  const appended = (together: number) => async () => {
    const started = performance.now()
    for (let n = 0; n < APPENDS; n += together)
      await Promise.all(receipts.slice(n, n + together).map((receipt) => spool.append(receipt).written))
    return ((performance.now() - started) * 1000) / APPENDS
  }
  const aloneUs = await median(appended(1))
  const togetherUs = await median(appended(TOGETHER))
  const syncedMs = await median(async () => {
    await spool.append(receipts[0]!).written
    const started = performance.now()
    await spool.synced()
    return performance.now() - started
  })
  await spool.close()

  const store = await openSqlite(join(folder, 'sluice.db'))
  const rowsPerSecond = await median(async (round) => {
    const batches = Array.from({ length: BATCHES }, (_, batch) =>
      Array.from({ length: BATCH }, (_, i): SpooledReceipt => {
        const receipt = sized((round * BATCHES + batch) * BATCH + i)
        const line = JSON.stringify(receipt)
        return { head: receipt, line, hash: hash('sha256', line), segment: 'other' }
      }),
    )
    let offset = 0
    const started = performance.now()
    for (const rows of batches) {
      const added = await store.addReceipts(rows, { file: 'bench', offset: ++offset })
      if (added !== BATCH) throw new Error(`${added} of ${BATCH} rows were new`)
    }
    return (BATCH * BATCHES * 1000) / (performance.now() - started)
  })
  await store.close()

  const bytes = JSON.stringify(receipts[0]).length
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ bytes, aloneUs, togetherUs, syncedMs, rowsPerSecond })}\n`)
  else
    process.stdout.write(
      `append of ${bytes} bytes, hash included: ${aloneUs.toFixed(1)} µs alone, ${togetherUs.toFixed(1)} µs with ${TOGETHER} of one turn\n` +
        `sync after one append: ${syncedMs.toFixed(2)} ms\n` +
        `SQLite, batches of ${BATCH}: ${Math.round(rowsPerSecond)} rows/s\n`,
    )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
