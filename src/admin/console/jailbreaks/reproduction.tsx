import type { MatrixRow, SameAs, Solved } from '../../../core/jailbreaks/registry/case.ts'
import { signed } from '../../../core/jailbreaks/severity/explain.ts'
import { wilson } from '../../../core/jailbreaks/severity/measured.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { Facts, mono } from '../parts/facts.tsx'
import { Mark } from '../parts/mark.tsx'
import { Section } from '../parts/section.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { headlineVector } from './vector.ts'

/** What was run: uplift and reliability with intervals, and every member in its three arms. */
export function Reproduction({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const counting = detail.cells.flatMap(({ assessments }) => assessments.filter((one) => one.supersededBy === null))
  const own = headlineVector(detail)?.filed ?? null
  const measured = own?.measured ?? counting.findLast(({ measured }) => measured?.uplift != null)?.measured ?? null
  if (measured === null || measured.uplift === null)
    return (
      <Section title={words('jb.reproduction')}>
        <p className="verdict inconclusive">
          <Mark name="inconclusive" />
          <span>{words('jb.reproduction.none')}</span>
        </p>
      </Section>
    )
  const { uplift, reliability, matrix } = measured
  const two = (x: number) => format.decimal(x, 1)
  return (
    <Section title={words('jb.reproduction')} note={matrix.length === 0 ? undefined : words('jb.reproduction.note')}>
      <Facts
        rows={[
          [
            words('jb.uplift'),
            words('jb.uplift.of', {
              ...{ u: signed(uplift.u), lo: signed(uplift.ci95[0]), hi: signed(uplift.ci95[1]) },
              n: format.count(uplift.tasks),
            }),
          ],
          [
            words('jb.cost'),
            words('jb.cost.of', {
              ...{ k: two(uplift.cost_ratio), lo: two(uplift.cost_ratio_ci95[0]), hi: two(uplift.cost_ratio_ci95[1]) },
            }),
          ],
          [words('jb.best'), mono(uplift.best_baseline)],
          [
            words('jb.reliability'),
            reliability === null
              ? null
              : words('jb.reliability.of', {
                  k: format.count(reliability.success),
                  n: format.count(reliability.sessions),
                  range: format.range(reliability.wilson95[0], reliability.wilson95[1], 0),
                }),
          ],
        ]}
      />
      {matrix.length === 0 ? null : (
        <>
          <table className="matrix mt-3">
            <thead>
              <tr>
                <th scope="col">{words('jb.member')}</th>
                <th scope="col">{words('jb.plain')}</th>
                <th scope="col">{words('jb.public')}</th>
                <th scope="col">{words('jb.technique')}</th>
              </tr>
            </thead>
            <tbody>
              {matrix.map((row) => (
                <Row key={row.member} row={row} />
              ))}
            </tbody>
          </table>
          <p className="caption">{words('jb.reproduction.caption')}</p>
        </>
      )}
    </Section>
  )
}

function Row({ row }: { readonly row: MatrixRow }) {
  const words = useWords()
  const target = row.countsAs === 'target'
  return (
    <tr className={target ? 'target' : ''}>
      <th scope="row">
        {row.member} <span className="text-12 text-ink-3">{words(`jb.as.${row.countsAs}`)}</span>
        {row.same === undefined ? null : <Same same={row.same} />}
      </th>
      <Arm solved={row.plain} counts={!target} />
      <Arm solved={row.public} counts={!target} />
      <Arm solved={row.technique} counts={target} />
    </tr>
  )
}

/** Does the member do it without the technique? With the difference, and where that says too little, the n that would. */
function Same({ same: { verdict, value, lo, hi, needed } }: { readonly same: SameAs }) {
  const words = useWords()
  const { format } = useSettings()
  const difference = words('jb.same.difference', { u: signed(value), lo: signed(lo), hi: signed(hi) })
  return (
    <span className="block text-12">
      {verdict === 'INCONCLUSIVE' ? (
        <span className="verdict inconclusive">
          <Mark name="inconclusive" />
          <b>INCONCLUSIVE</b>
        </span>
      ) : (
        <b>{words(`jb.same.${verdict}`)}</b>
      )}{' '}
      <span className="text-ink-2">
        {words.list(
          difference,
          ...(verdict === 'INCONCLUSIVE' ? [words('jb.same.needed', { n: format.count(needed) })] : []),
        )}
      </span>
    </span>
  )
}

/** Solved of tasks with its interval; filled where it is compared, open where it is not. */
function Arm({ solved, counts }: { readonly solved: Solved | null; readonly counts: boolean }) {
  if (solved === null || solved.tasks === 0) return <td className="text-ink-3">–</td>
  const { lo, hi } = wilson(solved.solved, solved.tasks)
  const at = (x: number) => `${(100 * x).toFixed(2)}%`
  return (
    <td className="arm">
      <span className="num">
        <b>{solved.solved}</b>
        <span className="text-ink-3">/{solved.tasks}</span>
      </span>
      <svg className="plot" height="16" aria-hidden="true">
        {[0, 0.5, 1].map((x) => (
          <line key={x} className="grid-line" x1={at(x)} x2={at(x)} y1="0" y2="16" />
        ))}
        <line className="ci" x1={at(lo)} x2={at(hi)} y1="50%" y2="50%" />
        <svg x={at(solved.solved / solved.tasks)} y="50%" overflow="visible" aria-hidden="true">
          <circle className={counts ? 'pt' : 'pt open'} r="3" />
        </svg>
      </svg>
    </td>
  )
}
