import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Entry } from '../../../core/record/entry.ts'
import { Act } from '../parts/act.tsx'
import { Facts, mono } from '../parts/facts.tsx'
import { isAction } from '../parts/is-action.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { documentPath, documentQuery } from './api.ts'

/** One entry decoded: its members under their own names, with links to what they name. */
export function EntryFacts({ entry }: { readonly entry: Entry }) {
  const words = useWords()
  const { format } = useSettings()
  const { k, at, who, about, h, d, prev } = entry
  return (
    <Facts
      rows={[
        [words('record.one.kind'), words(`record.kind.${k}`)],
        [words('record.at'), format.stamp(Date.parse(at))],
        [words('record.who'), mono(who)],
        [words('record.about'), <Named key="about" id={about} />],
        ...Object.entries(d).map(([name, value]): [string, ReactNode] => [name, <Value key={name} value={value} />]),
        [words('record.one.document'), h === undefined ? null : <Document key="h" name={h} />],
        [
          words('record.one.prev'),
          prev === undefined
            ? null
            : prev.map((one) => (
                <span key={one} className="mono text-12 break block">
                  {one}
                </span>
              )),
        ],
      ]}
    />
  )
}

/** The page of what is named, where it has one. */
function Named({ id }: { readonly id: string }) {
  const text = <span className="mono break">{id}</span>
  if (/^dec_[0-9A-Z]{26}$/.test(id))
    return (
      <Link to="/decisions/$id" params={{ id }}>
        {text}
      </Link>
    )
  if (/^apl_[0-9A-Z]{26}$/.test(id))
    return (
      <Link to="/appeals/$id" params={{ id }}>
        {text}
      </Link>
    )
  if (/^rel_\w+$/.test(id))
    return (
      <Link to="/releases/$id" params={{ id }}>
        {text}
      </Link>
    )
  if (/^JRX-\d{4}-\d{6,}$/.test(id))
    return (
      <Link to="/jailbreaks/$id" params={{ id }}>
        {text}
      </Link>
    )
  return text
}

function Value({ value }: { readonly value: unknown }) {
  const { format } = useSettings()
  if (typeof value === 'string') return isAction(value) ? <Act action={value} /> : <Named id={value} />
  if (typeof value === 'number') return <span className="num">{format.count(value)}</span>
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return value.length === 0 ? '–' : value.map((one) => <span key={one}>{mono(one)} </span>)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = Object.entries(value)
    return members.length === 0
      ? '–'
      : members.map(([name, one]) => (
          <span key={name} className="block">
            <span className="text-ink-3">{name}</span>{' '}
            <span className="mono break">{typeof one === 'string' ? one : JSON.stringify(one)}</span>
          </span>
        ))
  }
  return mono(JSON.stringify(value))
}

/** What the entry points to by its hash: fetched, and hashed here. */
function Document({ name }: { readonly name: string }) {
  const words = useWords()
  const { format } = useSettings()
  const { data } = useQuery(documentQuery(name))
  return (
    <>
      <span className="mono text-12 break">{name}</span>
      <span className="block text-12">
        {data === undefined ? (
          '…'
        ) : data === null ? (
          <span className="text-ink-3">{words('record.document.none')}</span>
        ) : data.same ? (
          <a href={`/record/${documentPath(name)}`}>
            {words('record.document.same', { n: format.count(data.length) })}
          </a>
        ) : (
          <b className="verdict fail">{words('record.document.wrong')}</b>
        )}
      </span>
    </>
  )
}
