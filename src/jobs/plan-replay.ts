import type { CollateralStore, ReplayJob } from './replay-ports.ts'

/** Receipts per chunk: a few seconds of work, so that a worker that dies loses no more than that. */
export const CHUNK_RECEIPTS = 10_000

/** Cuts a job's window into chunks and stores both. @returns how many requests it will replay. */
export async function planReplay(job: ReplayJob, store: CollateralStore, size = CHUNK_RECEIPTS): Promise<number> {
  const starts = await store.chunkStarts(job.sinceMs, job.untilMs, size)
  const chunks = starts.map(({ from, requests }, seq) => ({
    ...{ job: job.id, seq, from, requests },
    until: starts[seq + 1]?.from ?? null,
  }))
  await store.addReplay(job, chunks)
  return chunks.reduce((sum, { requests }) => sum + requests, 0)
}
