import { BAND_FLOORS, BANDS, type Band, scoreText } from '../../../core/jailbreaks/severity/score.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import { useWords } from '../words.tsx'

interface BandLadderProps {
  /** All in tenths. Null where there is no number. */
  readonly tenths: number | null
  /** Drawn as a line; null where nothing was measured. */
  readonly interval: readonly [number, number] | null
  readonly limit: number
  readonly limitText: string
}

/** Bands on one axis from 0 to 10: the interval as a line, the number as a diamond on it, the ceiling dashed. */
export function BandLadder({ tenths, interval, limit, limitText }: BandLadderProps) {
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
      {interval === null ? null : <line className="ci" x1={`${interval[0]}%`} x2={`${interval[1]}%`} y1="39" y2="39" />}
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

/** Tenths with the name of their band. */
export function useBandWords(): (tenths: number, band: Band) => string {
  const words = useWords()
  return (tenths, band) =>
    words('severity.h1', { band: severityWords(words.lang, `band.${band}`), score: scoreText(tenths) })
}
