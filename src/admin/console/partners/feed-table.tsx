import type { Level } from '../../../core/jailbreaks/exchange/tlp.ts'
import type { FeedRead } from '../../../jobs/feed/feed-read.ts'
import type { PartnerFeed, PartnerList, PinnedPartner } from '../../partner-contract.ts'
import { lasting } from '../parts/lasting.ts'
import { Mark } from '../parts/mark.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

const HOUR_MS = 3_600_000

/** Every log of every partner: how new it is against what its partner promises, and what became of its objects. */
export function FeedTable({ list }: { readonly list: PartnerList }) {
  const words = useWords()
  const unread = list.partners.filter(({ name }) => !list.feeds.some(({ partner }) => partner === name))
  return (
    <table className="t flush wraps feeds">
      <thead>
        <tr>
          <th scope="col">{words('pt.partner')}</th>
          <th scope="col">{words('pt.level')}</th>
          <th scope="col">{words('pt.state')}</th>
          <th scope="col">{words('pt.freshness')}</th>
          <th scope="col" className="r">
            {words('pt.applied')}
          </th>
          <th scope="col" className="r">
            {words('pt.aside')}
          </th>
          <th scope="col" className="r">
            {words('pt.pending')}
          </th>
        </tr>
      </thead>
      <tbody>
        {list.feeds.map((feed) => (
          <Row
            key={`${feed.partner} ${feed.level}`}
            feed={feed}
            failed={failedOf(list.reads, feed.partner, feed.level)}
            nowMs={list.nowMs}
          />
        ))}
        {unread.map((partner) => (
          <tr key={partner.name}>
            <td className="partner">{partner.name}</td>
            <td colSpan={6} className="rest text-ink-3">
              {words('pt.unread')} <LastRead failed={failedOf(list.reads, partner.name)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly feed: PartnerFeed
  /** The last read by the timer, where it did not go well. */
  readonly failed: FeedRead | null
  readonly nowMs: number
}

function failedOf(reads: readonly FeedRead[], partner: string, level: Level | null = null): FeedRead | null {
  const own = reads.filter(
    (one) => one.partner === partner && (level === null || one.level === null || one.level === level),
  )
  return own.find(({ kind }) => kind !== 'synced' && kind !== 'unchanged') ?? null
}

/** What went wrong when the timer read last, and when. */
function LastRead({ failed }: { readonly failed: FeedRead | null }) {
  const words = useWords()
  const { format } = useSettings()
  if (failed === null || failed.kind === 'synced' || failed.kind === 'unchanged') return null
  return (
    <span className="block text-12">
      {words('pt.read', { at: format.when(failed.atMs), outcome: words(`pt.read.${failed.kind}`) })}
    </span>
  )
}

function Row({ feed, failed, nowMs }: RowProps) {
  const words = useWords()
  const { format } = useSettings()
  const expired = feed.rootExpiresMs !== null && nowMs >= feed.rootExpiresMs
  const number = (name: 'pt.applied' | 'pt.aside' | 'pt.pending', n: number) => (
    <td className="r num">
      <span className="label">{words(name)} </span>
      {format.count(n)}
    </td>
  )
  return (
    <tr data-feed={`${feed.partner}/${feed.level}`}>
      <td className="partner">
        {feed.partner}
        <span className="block text-11 text-ink-3 mono">{feed.origin}</span>
      </td>
      <td className="level">{feed.level.toUpperCase()}</td>
      <td className="state-of">
        <FeedState feed={feed} />
        {feed.disputedBy.length === 0 ? null : (
          <span className="block text-12">{words('pt.disputed', { names: words.list(...feed.disputedBy) })}</span>
        )}
      </td>
      <td className="fresh">
        <Age feed={feed} nowMs={nowMs} />
        <span className="block text-11 text-ink-3 num">
          {expired
            ? words('pt.root.expired', { at: format.when(feed.rootExpiresMs!) })
            : words('pt.synced', { at: format.when(feed.syncedAtMs) })}
        </span>
        <LastRead failed={failed} />
      </td>
      {number('pt.applied', feed.applied)}
      {number('pt.aside', feed.quarantined.length)}
      {number('pt.pending', feed.pending)}
    </tr>
  )
}

function FeedState({ feed: { stopped, fresh } }: { readonly feed: PartnerFeed }) {
  const words = useWords()
  if (stopped !== null)
    return (
      <span className="verdict fail">
        <Mark name="fail" />
        {words('pt.stopped')}
      </span>
    )
  return fresh ? (
    <span className="verdict pass">
      <Mark name="pass" />
      {words('pt.fresh')}
    </span>
  ) : (
    <span className="act k-flag">
      <Mark name="flag" />
      {words('pt.stale')}
    </span>
  )
}

/** Age of the last cosigned checkpoint against the hours that one counts, and the same as a bar. */
function Age({ feed: { seenAtMs, maxAgeH }, nowMs }: { readonly feed: PartnerFeed; readonly nowMs: number }) {
  const words = useWords()
  if (seenAtMs === null) return <span>{words('pt.age.never')}</span>
  const age = lasting(nowMs - seenAtMs, words)
  if (maxAgeH === null) return <span>{words('pt.age.open', { age })}</span>
  const share = Math.min(1, Math.max(0, (nowMs - seenAtMs) / (maxAgeH * HOUR_MS)))
  return (
    <>
      <span>{words('pt.age', { age, max: String(maxAgeH) })}</span>
      <svg className="plot age" height="5" aria-hidden="true">
        <rect className="whole" width="100%" height="5" />
        <rect className={share < 1 ? 'used' : 'used over'} width={`${100 * share}%`} height="5" />
      </svg>
    </>
  )
}

/** Who compared which hash, and how: what all trust in a partner rests on. */
export function Pinned({ partners }: { readonly partners: readonly PinnedPartner[] }) {
  const words = useWords()
  return (
    <ul className="caption">
      {partners.map(({ name, by, how, at }) => (
        <li key={name}>
          <b>{name}</b> {words('pt.pinned', { by, how, at: at.slice(0, 10) })}
        </li>
      ))}
    </ul>
  )
}
