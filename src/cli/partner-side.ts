import { join } from 'node:path'
import type { PartnerAdmin } from '../admin/partner-admin.ts'
import type { PartnerFeed } from '../admin/partner-contract.ts'
import { utf8Text } from '../core/base/utf8.ts'
import { type Level, tlpOf } from '../core/jailbreaks/exchange/tlp.ts'
import type { Config } from '../io/config/config.ts'
import { type KnownPartner, readPartners } from '../io/exchange/partners.ts'
import { EXCHANGE_TOOLS } from '../io/exchange/tools.ts'
import { readWhole } from '../io/exchange/whole-file.ts'
import { createFeedTimer, type FeedTimer, type FeedTimerPorts } from '../jobs/feed/feed-timer.ts'
import { keptChain, openProvider, PROVIDER_PATH } from '../jobs/feed/walk-roots.ts'
import type { Store } from '../jobs/ports.ts'
import { OwnFeedError, openOwnFeed } from './own-feed.ts'
import { allApplied, allRecordViews, type FeedStatus, feedStatuses, findPartner, syncOne } from './partner-feeds.ts'

const HOUR_MS = 3_600_000
const MOST_NOTE_BYTES = 65_536

/**
 * What the console shows of partners: their copies as the last sync left them; nothing is fetched.
 * @param reads How the timer's last reads went; none where there is no timer.
 */
export function openPartners(dataFolder: string, reads: PartnerAdmin['reads'] = () => []): PartnerAdmin {
  return {
    reads,
    async self() {
      try {
        return (await openOwnFeed(dataFolder)).name
      } catch (error) {
        if (error instanceof OwnFeedError && error.code === 'missing') return null
        throw error
      }
    },
    async pinned() {
      return (await readPartners(dataFolder)).map(({ partner: { tokenEnv, ...shown } }) => shown)
    },
    async feeds(nowMs) {
      const partners = new Map((await readPartners(dataFolder)).map((one) => [one.partner.name, one]))
      const statuses = await feedStatuses(dataFolder, nowMs)
      return Promise.all(statuses.map((status) => feedOf(status, partners.get(status.partner)!)))
    },
    applied: () => allApplied(dataFolder),
    views: () => allRecordViews(dataFolder),
  }
}

async function feedOf(status: FeedStatus, known: KnownPartner): Promise<PartnerFeed> {
  const { stopped, freshUntilMs } = status
  const maxAgeH = await maxAgeOf(known, status.level)
  const note = async (name: string) => {
    const bytes = await readWhole(join(known.folder, 'evidence', name), MOST_NOTE_BYTES)
    return bytes === null ? null : utf8Text(bytes)
  }
  return {
    ...status,
    stopped: stopped === null ? null : { ...stopped, notes: await Promise.all(stopped.evidence.map(note)) },
    maxAgeH,
    seenAtMs: freshUntilMs === null || maxAgeH === null ? null : freshUntilMs - maxAgeH * HOUR_MS,
  }
}

/** As the kept copy of the provider file says, which its newest root must still sign. */
async function maxAgeOf({ partner, store }: KnownPartner, level: Level): Promise<number | null> {
  const [file, chain] = await Promise.all([store.read(PROVIDER_PATH), keptChain(store, partner.root, EXCHANGE_TOOLS)])
  const latest = chain.at(-1)
  const provider = file === null || latest === undefined ? null : openProvider(file, latest, EXCHANGE_TOOLS)
  if (provider === null || typeof provider === 'string') return null
  return provider.feeds.find(({ tlp }) => tlp === tlpOf(level))?.max_age_h ?? null
}

/** Reads the feeds of whoever is pinned by a timer, into the record of this instance. */
export function openFeedTimer({
  config: { dataFolder, feedSyncMs },
  store,
  report,
}: {
  readonly config: Config
  readonly store: Store
  readonly report: FeedTimerPorts['report']
}): FeedTimer {
  return createFeedTimer({
    everyMs: feedSyncMs,
    partners: async () => (await readPartners(dataFolder)).map(({ partner }) => partner.name),
    async sync(name, once, signal) {
      // Loaded with the first feed: most instances have no partner.
      const [{ openSource }, { feedRecordOf }] = await Promise.all([
        import('../io/exchange/feed-source.ts'),
        import('./feed-record.ts'),
      ])
      const known = await findPartner(dataFolder, name)
      const record = once(feedRecordOf(known.folder, (draft) => store.addDrafts([draft])))
      return (await syncOne(dataFolder, known, Date.now, record, openSource, signal)).levels
    },
    nowMs: Date.now,
    random: Math.random,
    report,
  })
}
