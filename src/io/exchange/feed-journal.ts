import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FeedRecord } from '../../jobs/feed/ports.ts'

/**
 * Receipts and alarms as lines of a file, until the record takes them: each is durable when it is said. A receipt that
 * is there is not written twice.
 */
export function feedJournal(path: string, nowMs: () => number): FeedRecord {
  const append = async (line: object) => {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a')
    try {
      await file.writeFile(`${JSON.stringify(line)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  return {
    async receipt(receipt) {
      const mark = `"origin":${JSON.stringify(receipt.origin)},"size":${receipt.size},"root":"${receipt.root}"`
      const written = await readFile(path, 'utf8').catch(() => '')
      if (written.includes(mark)) return
      const { origin, size, root, ...rest } = receipt
      await append({ kind: 'sync', origin, size, root, ...rest })
    },
    alarm: (alarm) => append({ kind: 'alarm', ...alarm, atMs: nowMs() }),
  }
}
