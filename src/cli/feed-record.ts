import { join } from 'node:path'
import type { EntryDraft } from '../core/record/draft.ts'
import { loadConfig } from '../io/config/config.ts'
import { feedJournal } from '../io/exchange/feed-journal.ts'
import { openStore } from '../io/store/open-store.ts'
import type { FeedRecord } from '../jobs/feed/ports.ts'
import { alarmDraft, syncDraft } from '../jobs/feed/record-drafts.ts'

/** What feeds tell the record, and how to let the store go. */
export interface OpenFeedRecord {
  tell(draft: EntryDraft): Promise<void>
  /** Of one partner: also a line in its journal, which says in words what the entry says in codes. */
  of(folder: string): FeedRecord
  close(): Promise<void>
}

/** The local record, by the store that the instance uses: entries wait there for the sealer. */
export async function openFeedRecord(): Promise<OpenFeedRecord> {
  const config = loadConfig(process.env, process.cwd())
  const store = await openStore(config.databaseUrl, config.dataFolder)
  const tell = (draft: EntryDraft) => store.addDrafts([draft])
  return { tell, of: (folder) => feedRecordOf(folder, tell), close: () => store.close() }
}

/** What the feeds of one partner tell the record and their journal. @param folder Of the partner. */
export function feedRecordOf(folder: string, tell: OpenFeedRecord['tell']): FeedRecord {
  const journal = feedJournal(join(folder, 'journal.jsonl'), Date.now)
  return {
    async receipt(receipt) {
      // The journal is written last: what it has, the record has. Stopped in between, the record has it twice.
      if (await journal.has(receipt)) return
      await tell(syncDraft(receipt))
      await journal.receipt(receipt)
    },
    async alarm(alarm) {
      await tell(alarmDraft(alarm))
      await journal.alarm(alarm)
    },
  }
}
