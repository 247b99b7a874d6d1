import type { Summary } from '../../contract.ts'
import { digitsOf, type Format, knownShare } from '../format.ts'
import { Seg } from '../parts/seg.tsx'
import { Inconclusive } from '../parts/share.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords, type Words } from '../words.tsx'
import { type HomeWindow, WINDOWS } from './window.ts'

interface HomeHeadProps {
  readonly window: HomeWindow
  readonly summary: Summary | undefined
  /** Decisions have no effect: the figures are what would have been. */
  readonly observe: boolean
  onWindow(window: HomeWindow): void
}

/** The finding of the window, with interval and n below it, and the window itself. */
export function HomeHead({ window, summary, observe, onWindow }: HomeHeadProps) {
  const words = useWords()
  const { format } = useSettings()
  const title = summary === undefined ? words('nav.home') : headingOf(summary, window, observe, words, format)
  useTitle(title)
  const touched = summary?.touchedRequests
  return (
    <div className="page-head">
      <div className="min-w-0">
        <h1>{title}</h1>
        {summary === undefined || summary.requests === 0 ? null : (
          <p className="lede">{ledeOf(summary, words, format)}</p>
        )}
        {touched !== undefined && touched.n > 0 && knownShare(touched) === null ? (
          <Inconclusive share={touched} />
        ) : null}
      </div>
      <div className="tools">
        <Seg
          label={words('window')}
          value={window}
          options={WINDOWS.map((value) => ({ value, text: words(`window.${value}`) }))}
          onChoose={onWindow}
        />
      </div>
    </div>
  )
}

function headingOf(
  { touchedRequests: touched }: Summary,
  window: HomeWindow,
  observe: boolean,
  words: Words,
  format: Format,
): string {
  const last = words(`window.${window}.last`)
  if (touched.n === 0) return words('home.h1.none', { last })
  const known = knownShare(touched)
  if (known === null) return words('home.h1.few', { last })
  if (known.k === 0) return words(observe ? 'home.h1.zero.would' : 'home.h1.zero', { last })
  return words(observe ? 'home.h1.would' : 'home.h1', { share: format.percent(known.share, digitsOf(touched)), last })
}

function ledeOf(summary: Summary, words: Words, format: Format): string {
  const { touchedRequests: touched, touchedSessions } = summary
  const known = knownShare(touched)
  if (known === null) return words('home.lede.few', { n: format.count(touched.n), k: format.count(touched.k) })
  const first = words('home.lede', {
    requests: format.count(summary.requests),
    sessions: format.count(summary.sessions),
    until: format.when(summary.untilMs),
    range: format.range(known.lo, known.hi, digitsOf(touched)),
  })
  const sessions = knownShare(touchedSessions)
  if (sessions === null) return first
  const digits = digitsOf(touchedSessions)
  const second = words('home.lede.sessions', {
    share: format.percent(sessions.share, digits),
    range: format.range(sessions.lo, sessions.hi, digits),
  })
  return words.join(first, second)
}
