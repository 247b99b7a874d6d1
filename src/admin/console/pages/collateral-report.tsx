import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { COLLATERAL_WORDS, headingOf, ledeOf } from '../../../core/briefs/collateral/html.ts'
import { limitsOf } from '../../../core/briefs/collateral/limits.ts'
import { count, percent, percentInterval, points, pointsInterval } from '../../../core/briefs/collateral/numbers.ts'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import { ApiFault } from '../api.ts'
import { collateralQuery, reportPath } from '../collateral/api.ts'
import { GatesTable } from '../collateral/gates-table.tsx'
import { Movements } from '../collateral/movements.tsx'
import { OutcomeMark } from '../collateral/outcome.tsx'
import { RequestsTable } from '../collateral/requests-table.tsx'
import { SlicesTable } from '../collateral/slices-table.tsx'
import { Section } from '../parts/section.tsx'
import { Failed, Loading, Missing } from '../parts/states.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** One report: may this safeguard ship? */
export function CollateralReportPage({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(collateralQuery(id))
  const words = useWords()
  useTitle(words('nav.collateral'))
  if (data !== undefined) return <Report id={id} report={data} />
  if (error === null) return <Loading />
  if (!(error instanceof ApiFault) || error.status !== 404)
    return <Failed error={error} onRetry={() => void refetch()} />
  return (
    <Missing title={words('missing.collateral', { id })} text={words('missing.collateral.text')}>
      <Link to="/collateral">{words('missing.collateral.back')}</Link>
    </Missing>
  )
}

function Report({ id, report }: { readonly id: string; readonly report: CollateralReport }) {
  const console = useWords()
  const words = COLLATERAL_WORDS[console.lang]
  const { section, note } = words
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{headingOf(report, words)}</h1>
          <p className="lede">{ledeOf(report, words)}</p>
          <OutcomeMark outcome={report.outcome} />
        </div>
        <div className="tools">
          <a className="btn" href={`${reportPath(id)}.html?lang=${console.lang}`}>
            {console('collateral.file')}
          </a>
        </div>
      </div>
      <Section title={section.movements} note={note.movements}>
        <Movements report={report} />
      </Section>
      <Section title={section.gates} note={note.gates}>
        <GatesTable gates={report.gates} />
      </Section>
      <Section title={section.slices} note={note.slices}>
        <SlicesTable slices={report.slices} sliceLimit={report.sliceLimit} />
      </Section>
      <Section title={section.requests}>
        <RequestsTable moved={report.moved} />
      </Section>
      <Section title={section.gains} note={note.gains}>
        <Gains report={report} />
      </Section>
      <Section title={section.limits}>
        <ul className="list-disc pl-5">
          {limitsOf(report, words).map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      </Section>
    </>
  )
}

function Gains({ report }: { readonly report: CollateralReport }) {
  const words = COLLATERAL_WORDS[useWords().lang]
  if (report.attacks.length === 0) return <p className="text-ink-2">{words.limits.oneSided}</p>
  return (
    <div className="scroll-x">
      <table className="t flush">
        <thead>
          <tr>
            <th scope="col">{words.column.family}</th>
            <th scope="col" className="r">
              n
            </th>
            <th scope="col" className="r">
              {words.column.after}
            </th>
            <th scope="col" className="r">
              {words.column.difference}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.attacks.map(({ name, n, before, after, difference }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="r">{count(n)}</td>
              <td className="r">
                {percent(before.share, words)} → {percent(after.share, words)} ({percentInterval(after, words)})
              </td>
              <td className="r">
                {points(difference.value)} ({pointsInterval(difference, words)})
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
