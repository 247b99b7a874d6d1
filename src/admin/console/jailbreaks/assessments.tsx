import { scoreText } from '../../../core/jailbreaks/severity/score.ts'
import type { ReportCell, ReportDetail } from '../../report-contract.ts'
import { Section } from '../parts/section.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { intervalWords } from './score.tsx'

/** Every party's word, per target and harm class; what they say together, or that they are too far apart. */
export function Assessments({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  return (
    <Section title={words('jb.assessments')} note={words('jb.assessments.note')}>
      {detail.cells.length === 0 ? <p className="text-ink-2">{words('jb.assessments.none')}</p> : null}
      {detail.cells.map((cell) => (
        <Cell key={`${cell.target} ${cell.harm}`} cell={cell} />
      ))}
    </Section>
  )
}

function Cell({ cell }: { readonly cell: ReportCell }) {
  const words = useWords()
  const { format } = useSettings()
  const counting = cell.assessments.filter(({ supersededBy }) => supersededBy === null)
  return (
    <>
      <p className="text-12 text-ink-3">
        <span className="mono">{cell.harm}</span>, {cell.target}
      </p>
      <table className="t flush wraps voices mb-3">
        <thead>
          <tr>
            <th scope="col">{words('jb.by')}</th>
            <th scope="col" className="r">
              {words('jb.score')}
            </th>
            <th scope="col">{words('jb.vector')}</th>
            <th scope="col">{words('jb.panel')}</th>
            <th scope="col">{words('jb.counts')}</th>
          </tr>
        </thead>
        <tbody>
          {cell.assessments.map((one) => (
            <tr key={one.id} className={one.supersededBy === null ? '' : 'text-ink-3'}>
              <td>
                <b className="font-strong">{one.by}</b> <span className="mono text-12">{one.id}</span>
                <br />
                <span className="text-12 text-ink-3 num">{format.when(one.atMs)}</span>
              </td>
              <td className="r">
                {one.tenths === null ? '–' : scoreText(one.tenths)}
                <br />
                <span className="text-11 text-ink-3 num">{intervalWords(one.interval, words)}</span>
              </td>
              <td className="mono text-12">{one.vector.slice('JSS:1.0/'.length)}</td>
              <td className="text-12">
                {one.panel === null ? (
                  words('jb.unpanelled')
                ) : (
                  <>
                    <span className="mono">{one.panel.ref.slice(0, one.panel.ref.indexOf('@'))}</span>
                    {one.stale ? <b> {words('jb.stale')}</b> : null}
                    <br />
                    <span className="text-ink-3">
                      {words('jb.tasks', { n: format.count(one.measured?.uplift?.tasks ?? 0) })}
                    </span>
                  </>
                )}
              </td>
              <td>
                {one.supersededBy === null ? words('jb.counting') : words('jb.superseded', { id: one.supersededBy })}
              </td>
            </tr>
          ))}
          {counting.length < 2 ? null : (
            <tr>
              <td>
                <b className="font-strong">{words('jb.together')}</b>
              </td>
              <td className="r">{cell.tenths === null ? '–' : scoreText(cell.tenths)}</td>
              <td className="mono text-12">{cell.consensus.slice('JSS:1.0/'.length)}</td>
              <td />
              <td>{cell.disputed ? <b>{words('jb.disputed')}</b> : null}</td>
            </tr>
          )}
        </tbody>
      </table>
      {cell.apart.length === 0 ? null : (
        <p className="note-bar">{words('jb.apart', { metrics: words.list(...cell.apart) })}</p>
      )}
    </>
  )
}
