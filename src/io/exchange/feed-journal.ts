import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FeedRecord, SyncReceipt } from '../../jobs/feed/ports.ts'

export interface FeedJournal extends FeedRecord {
  /** Is this receipt in it? */
  has(receipt: SyncReceipt): Promise<boolean>
}

/**
 * Receipts and alarms as lines of a file beside the partner's state, each durable when it is said. A receipt that is
 * there is not written twice.
 */
export function feedJournal(path: string, nowMs: () => number): FeedJournal {
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
  const has = async ({ origin, size, root }: SyncReceipt) => {
    const mark = `"origin":${JSON.stringify(origin)},"size":${size},"root":"${root}"`
    return (await readFile(path, 'utf8').catch(() => '')).includes(mark)
  }
  return {
    has,
    async receipt(receipt) {
      if (await has(receipt)) return
      const { origin, size, root, ...rest } = receipt
      await append({ kind: 'sync', origin, size, root, ...rest })
    },
    alarm: (alarm) => append({ kind: 'alarm', ...alarm, atMs: nowMs() }),
  }
}
