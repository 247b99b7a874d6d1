import { createSecretKey } from 'node:crypto'
import type { BatchItem, BatchListing, BatchRecord } from '../core/protocols/batch-record.ts'
import { type Sealer, seal } from '../io/keys/sealer.ts'
import type { Store } from '../jobs/ports.ts'

/** Batches as gateways ask for them; what is remembered of their items is sealed under the organisation's key. */
export function batchBook(store: Store, sealer: Sealer) {
  return {
    async rememberBatch({ record, items }: { record: BatchRecord; items: readonly BatchItem[] }): Promise<void> {
      const key = createSecretKey(await sealer.dataKey(record.org))
      await store.addBatch(record, seal(key, JSON.stringify(items)))
    },
    findBatch: (id: string): Promise<BatchRecord | null> => store.batch(id),
    async batchItems(id: string): Promise<readonly BatchItem[]> {
      const record = await store.batch(id)
      const blob = record === null ? null : await store.batchItems(id)
      if (record === null || blob === null) return []
      return JSON.parse((await sealer.open(record.org, blob)).toString()) as BatchItem[]
    },
    listBatches: (listing: BatchListing): Promise<readonly BatchRecord[]> => store.batches(listing),
    forgetBatch: (id: string): Promise<void> => store.forgetBatch(id),
  }
}
