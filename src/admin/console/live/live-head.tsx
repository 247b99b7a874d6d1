import type { Mode } from '../../../core/policy/policy.ts'
import type { Summary } from '../../contract.ts'
import { digitsOf, type Format, knownShare, SHARE_NEEDS } from '../format.ts'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords, type Words } from '../words.tsx'

interface LiveHeadProps {
  readonly summary: Summary | undefined
  readonly mode: Mode | undefined
  readonly pausedAtMs: number | null
  readonly held: number
  readonly exportPath: string
  onPause(): void
}

/** The finding of the last 15 minutes, with its interval and n. */
export function LiveHead({ summary, mode, pausedAtMs, held, exportPath, onPause }: LiveHeadProps) {
  const words = useWords()
  const { format } = useSettings()
  const title = summary === undefined ? words('nav.live') : headingOf(summary, mode, words, format)
  useTitle(title)
  return (
    <div className="page-head mb-2!">
      <div className="min-w-0">
        <h1>{title}</h1>
        {summary === undefined || summary.requests === 0 ? null : (
          <p className="lede">{ledeOf(summary, words, format)}</p>
        )}
        {pausedAtMs === null ? null : (
          <p className="lede" role="status">
            {words('live.lede.paused', { at: format.stamp(pausedAtMs), n: format.count(held) })}
          </p>
        )}
      </div>
      <div className="tools">
        <button type="button" className="btn" aria-pressed={pausedAtMs !== null} onClick={onPause}>
          {words(pausedAtMs === null ? 'live.pause' : 'live.continue')} <kbd>P</kbd>
        </button>
        <a className="btn max-p2:hidden" href={exportPath} download title={words('live.export.title')}>
          {words('live.export')}
        </a>
      </div>
    </div>
  )
}

function headingOf(summary: Summary, mode: Mode | undefined, words: Words, format: Format): string {
  const { touchedRequests: touched } = summary
  if (mode === 'off' && touched.n === 0) return words('live.h1.off')
  if (touched.n === 0) return words('live.h1.none')
  const known = knownShare(touched)
  if (known === null) return words('live.h1.few', { n: format.count(touched.n) })
  const minutes = (summary.untilMs - summary.sinceMs) / 60_000
  const rate = touched.n / minutes
  return words(mode === 'observe' ? 'live.h1.would' : 'live.h1', {
    rate: rate < 10 ? format.decimal(rate, 1) : format.count(Math.round(rate)),
    share: format.percent(known.share, digitsOf(touched)),
  })
}

function ledeOf({ touchedRequests: touched }: Summary, words: Words, format: Format): string {
  const known = knownShare(touched)
  if (known === null) return words('live.lede.few', { k: format.count(touched.k), needed: String(SHARE_NEEDS) })
  return words('live.lede', { range: format.range(known.lo, known.hi, digitsOf(touched)), n: format.count(touched.n) })
}
