import type { BurnDown } from '../../../core/safeguards/usefulness.ts'
import type { UsefulnessReport } from '../../../jobs/usefulness-report.ts'
import { IntervalPlot } from '../collateral/interval-plot.tsx'
import { Mark } from '../parts/mark.tsx'
import { Section } from '../parts/section.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

const SHAPE = { met: 'pass', on_track: 'pass', off_track: 'fail', INCONCLUSIVE: 'inconclusive' } as const

/** Share of reviewed interventions that hit legitimate work, day by day, against the target and its day. */
export function BurnDownSection({ report: { reviewed, burnDown } }: { readonly report: UsefulnessReport }) {
  const words = useWords()
  const { format } = useSettings()
  const note = words('use.burn.note', {
    reviewed: format.count(reviewed.reviewed),
    all: format.count(reviewed.interventions),
    wrong: format.count(reviewed.falsePositives),
  })
  return (
    <Section title={words('use.burn')} note={note}>
      {burnDown === null ? (
        <p className="text-ink-2">{words('use.burn.no_target')}</p>
      ) : reviewed.reviewed === 0 ? (
        <p className="text-ink-2">{words('use.burn.none')}</p>
      ) : (
        <BurnDownTable down={burnDown} />
      )}
    </Section>
  )
}

function BurnDownTable({ down }: { readonly down: BurnDown }) {
  const words = useWords()
  const { format } = useSettings()
  const { days, state, target, projected } = down
  const shape = SHAPE[state]
  return (
    <>
      <p className="flex flex-wrap gap-x-3 items-baseline mb-2">
        <span className={`verdict ${shape}`}>
          <Mark name={shape} />
          <b>{words(`use.burn.state.${state}`)}</b>
        </span>
        <span>{words('use.burn.target', { share: format.percent(target.share, 1), day: target.day })}</span>
        <span className="text-ink-2">
          {projected === null
            ? words('use.burn.few')
            : words('use.burn.projected', { share: format.percent(Math.min(1, projected), 1) })}
        </span>
      </p>
      <table className="t flush">
        <thead>
          <tr>
            <th scope="col">{words('use.burn.day')}</th>
            <th scope="col" className="r">
              {words('use.burn.reviewed')}
            </th>
            <th scope="col" className="w-1/2 max-p2:hidden">
              <span className="hide">{words('use.burn.share')}</span>
            </th>
            <th scope="col">{words('use.burn.share')}</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={day.day}>
              <td className="num">{day.day}</td>
              <td className="r num">{format.count(day.n)}</td>
              <td className="max-p2:hidden!">
                <IntervalPlot value={day} from={0} to={1} limit={target.share} />
              </td>
              <td className="num">
                <b>{format.percent(day.value, 1)}</b>{' '}
                <span className="text-11 text-ink-3">{format.bounds(day.lo, day.hi, 1)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
