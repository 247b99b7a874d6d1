import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChunkBook, ReplayChunk } from '../../jobs/replay-ports.ts'

/**
 * Which chunks of a replay over files are done, kept in a folder: one file per chunk. For one worker; it goes on where it
 * was stopped, since a result is there whole or not at all.
 */
export function folderBook(folder: string, chunks: readonly ReplayChunk[]): ChunkBook & { remove(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (seq: number) => join(folder, `${seq}.chunk`)
  const done = new Set(
    readdirSync(folder).flatMap((name) => (/^\d+\.chunk$/.test(name) ? [Number(name.split('.')[0])] : [])),
  )
  const requests = (list: readonly ReplayChunk[]) => list.reduce((sum, one) => sum + one.requests, 0)
  return {
    leaseChunk: async () => chunks.find(({ seq }) => !done.has(seq)) ?? null,
    renewChunk: async () => true,
    async finishChunk({ seq }, _worker, result) {
      writeFileSync(`${fileOf(seq)}.part`, result, { mode: 0o600, flush: true })
      renameSync(`${fileOf(seq)}.part`, fileOf(seq))
      done.add(seq)
      return true
    },
    replayProgress: async () => ({
      ...{ chunks: chunks.length, requests: requests(chunks) },
      chunksDone: chunks.filter(({ seq }) => done.has(seq)).length,
      requestsDone: requests(chunks.filter(({ seq }) => done.has(seq))),
    }),
    chunkResult: async (_job, seq) => (existsSync(fileOf(seq)) ? new Uint8Array(readFileSync(fileOf(seq))) : null),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
