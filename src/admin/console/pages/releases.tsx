import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReleaseList } from '../../release-contract.ts'
import { Section } from '../parts/section.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { releasesQuery } from '../release/api.ts'
import { stageWords } from '../release/stage.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

const ON_THE_WAY: ReadonlySet<string> = new Set(['draft', 'evaluated', 'review', 'shadow', 'canary'])

/** What decides now, and what is on its way. */
export function ReleasesPage() {
  const words = useWords()
  const { data: list, error, refetch } = useQuery(releasesQuery)
  useTitle(words('nav.releases'))
  if (list === undefined)
    return error === null ? <Loading rows={8} /> : <Failed error={error} onRetry={() => void refetch()} />
  const label = list.slots
    .map((slot) => slot.label)
    .filter((one) => one !== null)
    .join(', ')
  const n = list.items.filter(({ state }) => ON_THE_WAY.has(state.stage)).length
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{n === 0 ? words('releases.h1', { label }) : words('releases.h1.more', { label, n: String(n) })}</h1>
          <p className="lede">{words('releases.lede')}</p>
        </div>
        <div className="tools">
          <Link className="btn" to="/draft">
            {words('nav.draft')}
          </Link>
          <Link className="btn" to="/usefulness">
            {words('nav.usefulness')}
          </Link>
        </div>
      </div>
      {list.singlePerson ? (
        <div className="note-bar k-flag">
          <b className="mono">{words('releases.alone')}</b>
          <span>{words('releases.alone.text')}</span>
        </div>
      ) : null}
      <Section title={words('releases.list')} note={words('releases.list.note')}>
        {list.items.length === 0 ? (
          <Empty title={words('releases.none')}>
            <p className="text-ink-2">{words('releases.none.text')}</p>
            <pre className="mono text-12">
              {
                'sluice safeguard export my-safeguard\nsluice plan my-safeguard\nsluice release draft my-safeguard -m "…"'
              }
            </pre>
          </Empty>
        ) : (
          <ReleaseTable list={list} />
        )}
      </Section>
      <Section title={words('releases.slots')}>
        <table className="t flush">
          <thead>
            <tr>
              <th scope="col">{words('releases.slot')}</th>
              <th scope="col">{words('release.name')}</th>
            </tr>
          </thead>
          <tbody>
            {list.slots.map(({ slot, label: name, release }) => (
              <tr key={slot}>
                <td className="mono">{slot}</td>
                <td>
                  {name === null ? (
                    '–'
                  ) : release === null ? (
                    <>
                      <span className="mono">{name}</span>{' '}
                      <span className="text-ink-3">{words('releases.shipped')}</span>
                    </>
                  ) : (
                    <Link className="mono" to="/releases/$id" params={{ id: release }}>
                      {name}
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </>
  )
}

function ReleaseTable({ list }: { readonly list: ReleaseList }) {
  const words = useWords()
  const { format } = useSettings()
  return (
    <table className="t flush wraps">
      <thead>
        <tr>
          <th scope="col">{words('release.name')}</th>
          <th scope="col">{words('release.stage')}</th>
          <th scope="col" className="max-p2:hidden">
            {words('release.tier')}
          </th>
          <th scope="col" className="max-p2:hidden">
            {words('release.by')}
          </th>
          <th scope="col">{words('release.since')}</th>
        </tr>
      </thead>
      <tbody>
        {list.items.map((row) => (
          <tr key={row.id}>
            <td className="mono">
              <Link to="/releases/$id" params={{ id: row.id }}>
                {row.label ?? `${row.slot} ${row.id.slice(0, 10)}…`}
              </Link>
            </td>
            <td>{row.inForce ? <b className="font-strong">{stageWords(row, words)}</b> : stageWords(row, words)}</td>
            <td className="max-p2:hidden!">{row.tier}</td>
            <td className="max-p2:hidden!">{row.proposer}</td>
            <td className="num text-ink-3">{format.when(row.stageSinceMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
