import { useQuery } from '@tanstack/react-query'
import type { PartnerList } from '../../partner-contract.ts'
import { partnersQuery } from '../partners/api.ts'
import { Evidence, SetAside } from '../partners/evidence.tsx'
import { FeedTable, Pinned } from '../partners/feed-table.tsx'
import { ObjectTable } from '../partners/object-table.tsx'
import { Section } from '../parts/section.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { useTitle } from '../use-title.ts'
import { useWords, type Words } from '../words.tsx'

/** Whose feeds are read, how far each can be relied on, what they hold, and who disputes what. */
export function PartnersPage() {
  const words = useWords()
  const { data: list, error, refetch } = useQuery(partnersQuery)
  const heading = list === undefined ? words('nav.partners') : headline(list, words)
  useTitle(`${words('nav.partners')} · ${heading}`)
  if (list === undefined)
    return error === null ? <Loading rows={8} /> : <Failed error={error} onRetry={() => void refetch()} />
  const { partners, feeds, objects, others } = list
  const stopped = feeds.filter((feed) => feed.stopped !== null)
  const aside = feeds.filter(({ quarantined }) => quarantined.length > 0)
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{heading}</h1>
          <p className="lede">{words('pt.lede')}</p>
        </div>
      </div>
      {stopped.map((feed) => (
        <Evidence key={feed.origin} feed={feed} />
      ))}
      {partners.length === 0 ? (
        <Empty title={words('pt.h1.none')}>
          <p className="text-ink-2">{words('pt.none')}</p>
          <pre className="mono text-12">sluice feed pin NAME SOURCE --root HEX --how TEXT</pre>
        </Empty>
      ) : (
        <Section title={words('pt.feeds')} note={words('pt.feeds.note')}>
          <FeedTable list={list} />
          <Pinned partners={partners} />
        </Section>
      )}
      {aside.length === 0 ? null : (
        <Section title={words('pt.aside.title')} note={words('pt.aside.note')}>
          <SetAside feeds={aside} />
        </Section>
      )}
      {partners.length === 0 && objects.length === 0 ? null : (
        <Section title={words('pt.objects')} note={words('pt.objects.note')}>
          {objects.length === 0 ? (
            <p className="text-ink-2">{words('pt.objects.none')}</p>
          ) : (
            <ObjectTable objects={objects} />
          )}
          {others.length === 0 ? null : (
            <p className="caption">{words('pt.others', { list: words.list(...others.map(otherWords)) })}</p>
          )}
        </Section>
      )}
    </>
  )

  function otherWords({ publisher, type, count }: PartnerList['others'][number]): string {
    return words(`pt.other.${type}`, { n: String(count), by: publisher })
  }
}

/** The worst of the feeds is the finding: stopped before stale, stale before fresh. */
function headline({ partners, feeds }: PartnerList, words: Words): string {
  const stopped = feeds.filter((feed) => feed.stopped !== null).length
  const stale = feeds.filter(({ fresh }) => !fresh).length
  const n = String(feeds.length)
  if (partners.length === 0) return words('pt.h1.none')
  if (feeds.length === 0) return words('pt.h1.unread', { n: String(partners.length) })
  if (stopped > 0) return words('pt.h1.stopped', { k: String(stopped) })
  if (stale > 0) return words('pt.h1.stale', { k: String(stale), n })
  return words('pt.h1.fresh', { n })
}
