import { scoreText } from '../../../core/jailbreaks/severity/score.ts'
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

/** `0.0 to 1.4`; null is a number that somebody asserts, and nothing of it was measured. */
export function intervalWords(interval: readonly [number, number] | null, words: Words): string {
  if (interval === null) return words('jb.asserted')
  const [low, high] = interval
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
      {tenths === null ? null : <span className="block text-11 text-ink-3 num">{intervalWords(interval, words)}</span>}
      {marks.length === 0 ? null : <span className="block text-12">{words.list(...marks)}</span>}
    </>
  )
}
