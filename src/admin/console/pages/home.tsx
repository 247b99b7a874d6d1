import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { statusQuery, summaryQuery } from '../api.ts'
import { HomeHead } from '../home/home-head.tsx'
import type { HomeWindow } from '../home/window.ts'
import { WouldTable } from '../home/would-table.tsx'
import { Section } from '../parts/section.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { Histogram } from '../plots/histogram.tsx'
import { Ladder } from '../plots/ladder.tsx'
import { useSettings } from '../settings.tsx'
import { Notices } from '../shell/notices.tsx'
import { useWords, type Words } from '../words.tsx'

/** Traffic by action, what observe mode would have stopped, and what Sluice adds. */
export function HomePage({ window }: { readonly window: HomeWindow }) {
  const words = useWords()
  const { format } = useSettings()
  const navigate = useNavigate()
  const { data: status } = useQuery(statusQuery)
  const { data: summary, error, refetch } = useQuery(summaryQuery(window))
  const observe = status?.mode === 'observe'
  return (
    <>
      <HomeHead
        window={window}
        summary={summary}
        observe={observe}
        onWindow={(next) => void navigate({ to: '/', search: next === '24h' ? {} : { window: next } })}
      />
      <Notices />
      {status !== undefined && summary !== undefined && status.modeSinceMs > summary.sinceMs && summary.requests > 0 ? (
        <p className="caption">{words('mode.mixed', { at: format.when(status.modeSinceMs) })}</p>
      ) : null}
      {summary === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <Section
            title={words('home.ladder')}
            note={words.list(
              observe ? words('home.ladder.would') : '',
              words('home.ladder.note', { bucket: bucketName(summary.bucketMs, words) }),
            )}
          >
            <Ladder summary={summary} />
          </Section>
          <div className="cols">
            {observe || summary.would.length > 0 ? (
              <Section title={words('home.would')} note={words('home.would.note')} span={8}>
                <WouldTable summary={summary} />
              </Section>
            ) : null}
            <Section
              title={words('home.overhead')}
              note={words('home.overhead.note', { n: format.count(summary.overhead.n) })}
              span={observe || summary.would.length > 0 ? 4 : 8}
            >
              <Histogram overhead={summary.overhead} />
            </Section>
          </div>
        </>
      )}
    </>
  )
}

function bucketName(ms: number, words: Words): string {
  if (ms % 86_400_000 === 0) return words('bucket.d', { n: String(ms / 86_400_000) })
  if (ms % 3_600_000 === 0) return words('bucket.h', { n: String(ms / 3_600_000) })
  if (ms % 60_000 === 0) return words('bucket.min', { n: String(ms / 60_000) })
  return words('bucket.s', { n: String(ms / 1000) })
}
