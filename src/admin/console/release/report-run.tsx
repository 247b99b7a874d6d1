import { Link } from '@tanstack/react-router'
import type { ReportRun } from '../../../jobs/report-runs.ts'
import { Section } from '../parts/section.tsx'
import { WordForWord } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** How far the report is, with the time left; then where it is. */
export function ReportProgress({ run }: { readonly run: ReportRun }) {
  const words = useWords()
  const { format } = useSettings()
  const { state, days, requests, requestsDone, secondsLeft, report, error } = run
  const counted = words('release.report.running', {
    done: format.count(requestsDone),
    all: format.count(requests),
  })
  return (
    <Section title={words('release.report')} note={words('release.report.note', { days: String(days) })}>
      {state === 'running' ? (
        <div role="status">
          <progress
            className="w-full"
            aria-label={words('release.report')}
            max={Math.max(1, requests)}
            value={requestsDone}
          />
          <p className="caption">
            {requests === 0
              ? words('release.report.planning')
              : words.list(
                  counted,
                  secondsLeft === null ? '' : words('release.report.left', { seconds: String(Math.ceil(secondsLeft)) }),
                )}
          </p>
        </div>
      ) : null}
      {state === 'done' && report !== null ? (
        <p>
          {words('release.report.done')}{' '}
          <Link to="/collateral/$id" params={{ id: report }}>
            {words('release.report.open')}
          </Link>
        </p>
      ) : null}
      {state === 'failed' ? (
        <div role="alert">
          <p>{words('release.report.failed')}</p>
          {error === null ? null : <WordForWord text={error} />}
        </div>
      ) : null}
    </Section>
  )
}
