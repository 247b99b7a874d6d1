import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { collateralListQuery } from '../collateral/api.ts'
import { OutcomeMark } from '../collateral/outcome.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** Every report made of this store, newest first. */
export function CollateralListPage() {
  const words = useWords()
  const { format } = useSettings()
  const { data, error, refetch } = useQuery(collateralListQuery)
  const title = words('nav.collateral')
  useTitle(title)
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{title}</h1>
          <p className="lede">{words('collateral.lede')}</p>
        </div>
      </div>
      {data === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <Empty title={words('collateral.none')}>
          <code>sluice collateral --after BUNDLE --store</code>
        </Empty>
      ) : (
        <div className="scroll-x">
          <table className="t flush">
            <thead>
              <tr>
                <th scope="col">{words('collateral.report')}</th>
                <th scope="col">{words('collateral.outcome')}</th>
                <th scope="col" className="r">
                  {words('home.requests')}
                </th>
                <th scope="col">{words('collateral.made')}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map(({ id, before, after, outcome, requests, createdAtMs }) => (
                <tr key={id}>
                  <td>
                    <Link to="/collateral/$id" params={{ id }}>
                      {before} → {after}
                    </Link>
                  </td>
                  <td>
                    <OutcomeMark outcome={outcome} />
                  </td>
                  <td className="r">{format.count(requests)}</td>
                  <td>{format.when(createdAtMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
