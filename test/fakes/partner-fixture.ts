import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { partnerRoutes } from '../../src/admin/partners.ts'
import { ownKeys } from '../../src/cli/own-feed.ts'
import { openPartners } from '../../src/cli/partner-side.ts'
import type { Case } from '../../src/core/jailbreaks/registry/case.ts'
import type { FeedRead } from '../../src/jobs/feed/feed-read.ts'
import { anAssessment, aRecord, coalition, copyOf, type Member, member as memberAt, NOW } from '../parts/feeds.ts'
import { append, forged } from '../parts/forged.ts'

const HOUR = 3_600_000

/**
 * The real routes over real feeds: one partner fresh with something set aside, one stale, one whose log split, and what they say of each other's records.
 * Gives how to remove it all.
 */
export async function partnerFixture(
  app: Hono,
  cases: () => Promise<readonly Case[]>,
  size: 'day' | 'few' | 'none',
): Promise<() => void> {
  if (size !== 'day') {
    const data = mkdtempSync(join(tmpdir(), 'sluice-no-partner-'))
    partnerRoutes(app, { partners: openPartners(data), cases, nowMs: () => NOW })
    return () => rmSync(data, { recursive: true, force: true })
  }
  const all = await coalition('lab-b', 'partner-a', 'partner-c', 'partner-d')
  const [self, a, c, d] = all.members as [Member, Member, Member, Member]
  const [first] = await a.publish('clear', aRecord(1), aRecord(2, { transfer: [], modified: '2026-06-15T08:00:00Z' }))
  await a.publish(
    'amber',
    aRecord(7, { tlp: 'AMBER', summary: { en: 'A role play over several turns', ja: '数ターンにわたる役割演技' } }),
  )
  const about = { publisher: 'partner-a', id: 'JRX-2026-000001', sha256: first! }
  const at = '2026-06-16T00:00:00Z'
  const said = (object: object) => ({ type: 'statement' as const, object: { about, at, ...object } })
  const reason = { en: 'our write-up took 40 minutes', ja: 'こちらの手順書では40分かかった' }
  await c.publish(
    'clear',
    said({ kind: 'assessment', assessment: anAssessment('partner-c', { at }) }),
    said({ kind: 'dispute', claim: 'EF', reason, evidence: [`sha256:${'a'.repeat(64)}`] }),
  )
  await append(a, 'clear', forged(a, 'statement', JSON.stringify({ id: 'STM-2026-000009', at, kind: 'dispute' })))
  await self.witness(a)
  await self.sync(a)
  await d.publish('green', aRecord(8, { tlp: 'GREEN' }))
  await self.pin(d, d.feed, ['green'])
  await self.witness(d, NOW - 22 * HOUR)
  await self.sync(d)
  // Another history of partner C's log, larger, cosigned by a witness that does not remember.
  const data = copyOf(c.data, join(all.folder, 'twin', 'data'))
  const feed = copyOf(c.feed, join(all.folder, 'twin', 'feed'))
  writeFileSync(join(ownKeys(data), 'own.json'), JSON.stringify({ folder: feed, name: c.name }))
  const twin = memberAt(c.name, data, feed)
  await c.publish('clear', aRecord(3))
  await twin.publish('clear', aRecord(4), aRecord(5))
  await a.witness(c)
  await self.sync(c)
  rmSync(join(a.data, 'feeds', 'witness'), { recursive: true })
  await a.witness(twin)
  await self.pin(c, twin.feed)
  await self.sync(c)
  // Three hours later: what was cosigned twenty-two hours before is stale.
  const failing: FeedRead = {
    ...{ partner: 'partner-a', level: 'amber', atMs: NOW + 2 * HOUR, kind: 'unreachable', reason: 'does not answer' },
    ...{ fresh: true, goodAtMs: NOW, failures: 2 },
  }
  partnerRoutes(app, { partners: openPartners(self.data, () => [failing]), cases, nowMs: () => NOW + 3 * HOUR })
  return () => all.remove()
}
