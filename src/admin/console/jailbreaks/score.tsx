import { BAND_FLOORS, BANDS, type Band, scoreText } from '../../../core/jailbreaks/severity/score.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { ReportRow } from '../../report-contract.ts'
import { useWords, type Words } from '../words.tsx'

/** The number in words, or why there is none: `Low (1.3)`, `Not measured: 0.0 to 8.0`. */
export function scoreWords({ headline, statutory, disputed, grade }: ReportRow, words: Words): string {
  const { tenths, band, upper } = headline
  if (statutory) return words('jb.statutory')
  if (tenths !== null && band !== null)
    return words('severity.h1', { band: severityWords(words.lang, `band.${band}`), score: scoreText(tenths) })
  if (grade === null) return words('jb.unassessed')
  return words(disputed ? 'jb.disputed.range' : 'jb.unknown', { hi: scoreText(upper) })
}

export function intervalWords([low, high]: readonly [number, number], words: Words): string {
  return words('jb.interval', { lo: scoreText(low), hi: scoreText(high) })
}

/** Number with its interval beneath, and the marks beside it. */
export function ScoreCell({ row }: { readonly row: ReportRow }) {
  const words = useWords()
  const { tenths, interval } = row.headline
  const marks = [
    ...(row.disputed ? [words('jb.disputed')] : []),
    ...(row.stale ? [words('jb.stale')] : []),
    ...(row.withdrawn === null ? [] : [words('jb.withdrawn')]),
  ]
  return (
    <>
      <b className="font-strong">{scoreWords(row, words)}</b>
      {tenths === null || interval === null ? null : (
        <span className="block text-11 text-ink-3 num">{intervalWords(interval, words)}</span>
      )}
      {marks.length === 0 ? null : <span className="block text-12">{words.list(...marks)}</span>}
    </>
  )
}

interface LadderProps {
  /** All in tenths. Null where there is no number. */
  readonly tenths: number | null
  readonly interval: readonly [number, number]
  readonly limit: number
  readonly limitText: string
}

/** Bands on one axis from 0 to 10: the interval as a line, the number as a diamond on it, the ceiling dashed. */
export function ScoreLadder({ tenths, interval: [low, high], limit, limitText }: LadderProps) {
  const words = useWords()
  const bands = BANDS.filter((band) => band !== 'Info')
  const from = (band: Band) => (band === 'Low' ? 0 : BAND_FLOORS[band])
  const to = (i: number) => (bands[i + 1] === undefined ? 100 : BAND_FLOORS[bands[i + 1]!])
  return (
    <svg className="plot bands" height="78" aria-hidden="true">
      {bands.map((band, i) => (
        <rect
          key={band}
          className={`step-${i}`}
          x={`${from(band)}%`}
          y="34"
          width={`${to(i) - from(band)}%`}
          height="10"
        />
      ))}
      {bands.map((band, i) => (
        <text key={band} x={`${(from(band) + to(i)) / 2}%`} y="74" textAnchor="middle">
          {severityWords(words.lang, `band.${band}`)}
        </text>
      ))}
      {Array.from({ length: 11 }, (_, i) => i).map((i) => (
        <g key={i}>
          <line className="axis" x1={`${i * 10}%`} x2={`${i * 10}%`} y1="44" y2="49" />
          <text x={`${i * 10}%`} y="60" textAnchor={i === 0 ? 'start' : i === 10 ? 'end' : 'middle'}>
            {i}
          </text>
        </g>
      ))}
      <line className="ci" x1={`${low}%`} x2={`${high}%`} y1="39" y2="39" />
      <line className="at" x1={`${limit}%`} x2={`${limit}%`} y1="28" y2="49" strokeDasharray="2 2" />
      <text x={`${limit}%`} y="22" textAnchor={limit > 60 ? 'end' : 'start'}>
        {limitText}
      </text>
      {tenths === null ? null : (
        <svg x={`${tenths}%`} y="39" overflow="visible" aria-hidden="true">
          <path className="pt" d="M0 -6 6 0 0 6 -6 0z" />
        </svg>
      )}
    </svg>
  )
}
