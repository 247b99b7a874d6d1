import { checkedDraft, type EntryDraft, hashName } from '../../core/record/draft.ts'
import type { FeedAlarm, SyncReceipt } from './ports.ts'

/** What the local record says of the exchange: names of partners and logs, sizes and hashes, and no text of theirs. */
const WHO = 'system:feed'

/** One sync that brought something. */
export function syncDraft({ origin, fromSize, size, root, applied, quarantined }: SyncReceipt): EntryDraft {
  const d = { origin, before: fromSize, size, root: hashName(root), applied, quarantined }
  return checkedDraft({ k: 'sync', who: WHO, about: origin, d })
}

export function alarmDraft({ partner, level, code }: FeedAlarm): EntryDraft {
  const about = level === null ? partner : `${partner}/${level}`
  return checkedDraft({ k: 'alarm', who: WHO, about, d: { code: `feed_${code}`, subject: about } })
}

/** A person compared the hash of a partner's first root over a second channel, and pinned it. */
export function pinDraft(partner: string, root: string): EntryDraft {
  const d = { key: root, move: 'pinned', purpose: 'root of a partner' }
  return checkedDraft({ k: 'key', who: 'authority:operator', about: partner, h: hashName(root), d })
}
