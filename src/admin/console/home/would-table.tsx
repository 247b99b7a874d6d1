import { Link } from '@tanstack/react-router'
import type { Summary } from '../../contract.ts'
import { knownShare } from '../format.ts'
import { Act } from '../parts/act.tsx'
import { Inconclusive } from '../parts/share.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

const PER = 10_000

/** What would have been diverted or refused, per category and action, with a way to the very requests. */
export function WouldTable({ summary }: { readonly summary: Summary }) {
  const words = useWords()
  const { format } = useSettings()
  if (summary.would.length === 0) return <p className="text-ink-2">{words('home.would.none')}</p>
  return (
    <table className="t flush two">
      <thead>
        <tr>
          <th scope="col">{words('home.would.category')}</th>
          <th scope="col" className="r">
            {words('home.requests')}
          </th>
          <th scope="col" className="r">
            {words('home.would.per')}
          </th>
          <th scope="col">
            <span className="hide">{words('home.view')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {summary.would.map(({ category, action, requests, share }) => {
          const known = knownShare(share)
          const name = words.category(category)
          return (
            <tr key={`${category} ${action}`}>
              <td>
                {name}
                <br />
                <span className="text-12">
                  <Act action={action} />
                </span>
              </td>
              <td className="r font-strong">{format.count(requests)}</td>
              <td className="r">
                {known === null ? (
                  <Inconclusive share={share} />
                ) : (
                  <>
                    {format.decimal(known.share * PER, 1)}
                    <br />
                    <span className="text-11 text-ink-3">{format.bounds(known.lo, known.hi, 1, PER)}</span>
                  </>
                )}
              </td>
              <td className="r">
                <Link
                  className="btn"
                  to="/live"
                  search={{ category, would: action }}
                  aria-label={`${words('home.view')}: ${name}, ${words.action(action)}`}
                >
                  {words('home.view')}
                </Link>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
