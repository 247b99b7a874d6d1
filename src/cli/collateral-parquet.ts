import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { loadConfig } from '../io/config/config.ts'
import { openParquet } from '../io/parquet/duckdb-receipts.ts'
import { folderBook } from '../io/parquet/folder-book.ts'
import { CHUNK_RECEIPTS } from '../jobs/plan-replay.ts'
import { type ReplayPorts, workOn } from '../jobs/replay.ts'
import type { ReplayChunk } from '../jobs/replay-ports.ts'
import type { StoreReportOptions } from './collateral-store.ts'
import { embeddedBundle } from './judge.ts'
import { replayReport, replayWorld } from './replay-report.ts'

/**
 * The collateral report over receipts in Parquet files, read in place. Files hold no content: what findings do not give
 * is counted as not replayable. Stopped, it goes on where it stopped when the same files and bundles are named again.
 * @throws {ParquetError}
 */
export async function parquetReport(
  files: string,
  { before, after, settings, progress }: Omit<StoreReportOptions, 'days' | 'job' | 'unreadable'>,
): Promise<CollateralReport> {
  const receipts = await openParquet(files)
  try {
    const job = `rpl_${hash('sha256', JSON.stringify([files, receipts.rows, before.hash, after.hash])).slice(0, 16)}`
    const chunks = Array.from({ length: Math.ceil(receipts.rows / CHUNK_RECEIPTS) }, (_, seq): ReplayChunk => {
      const requests = Math.min(CHUNK_RECEIPTS, receipts.rows - seq * CHUNK_RECEIPTS)
      return { job, seq, requests, from: { atMs: 0, id: '' }, until: null }
    })
    const config = loadConfig(process.env, process.cwd())
    const book = folderBook(join(config.dataFolder, 'replay', job), chunks)
    const embedded = await embeddedBundle()
    const ports: ReplayPorts = {
      ...replayWorld(new Map([[embedded.label, embedded.bundle]]), config.segments, new Map()),
      book,
      receipts: ({ seq, requests }) => receipts.page(seq * CHUNK_RECEIPTS, requests),
      again: async () => null,
    }
    await workOn(job, 'files', { before: before.bundle, after: after.bundle }, ports, (state, left) =>
      progress(job, state, left),
    )
    const report = await replayReport(job, { before, after }, { source: files, window: null, settings }, ports)
    book.remove()
    return report
  } finally {
    receipts.close()
  }
}
