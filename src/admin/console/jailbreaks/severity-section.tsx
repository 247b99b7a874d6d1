import { Link } from '@tanstack/react-router'
import { asMeasurements } from '../../../core/jailbreaks/registry/evidence.ts'
import { explain } from '../../../core/jailbreaks/severity/explain.ts'
import { isScored, METRICS } from '../../../core/jailbreaks/severity/levels.ts'
import { formulaOf, formulaText } from '../../../core/jailbreaks/severity/report.ts'
import { ceilingOf, scoreText, upperBoundOf } from '../../../core/jailbreaks/severity/score.ts'
import { parseVector } from '../../../core/jailbreaks/severity/vector.ts'
import { type SeverityKey, severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { Mark } from '../parts/mark.tsx'
import { Section } from '../parts/section.tsx'
import { BandLadder } from '../severity/band-ladder.tsx'
import { useWords } from '../words.tsx'
import { intervalWords, scoreWords } from './score.tsx'
import { headlineVector } from './vector.ts'

/** The headline: number with interval on its ladder, the vector level by level, and why in sentences. */
export function SeveritySection({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const found = headlineVector(detail)
  const { headline } = detail.row
  if (found === null) return null
  const { filed, parties } = found
  const vector = parseVector(found.vector)
  const { tenths, interval } = headline
  const measured =
    filed?.measured == null
      ? null
      : asMeasurements(filed.measured, filed.panel, detail.nowMs, `${detail.case.id}/${filed.id}`)
  const { sentences, notes } = explain(vector, measured, words.lang)
  const guard = sentences.filter(({ key }) => key.startsWith('jss.lg.'))
  const told = sentences.filter(({ key }) => !/^jss\.(lg|step|head|range)/.test(key))
  const limit =
    tenths !== null && isScored(vector) ? ceilingOf(vector) : tenths === null ? headline.upper : upperBoundOf(vector)
  const say = (key: string) => severityWords(words.lang, key as SeverityKey)
  return (
    <Section
      title={words('jb.severity')}
      note={
        filed === null
          ? words('jb.severity.together', { n: String(parties) })
          : words('jb.severity.note', { id: filed.id, by: filed.by })
      }
    >
      <p className="score-line">
        <b className="num">{tenths === null ? '–' : scoreText(tenths)}</b>
        <b>{tenths === null ? scoreWords(detail.row, words) : severityWords(words.lang, `band.${headline.band!}`)}</b>
        {tenths === null ? null : <span className="text-ink-3 num">{intervalWords(interval, words)}</span>}
      </p>
      <BandLadder
        tenths={tenths}
        interval={tenths === null ? [0, headline.upper] : interval}
        limit={limit}
        limitText={words(tenths === null ? 'jb.upper' : 'jb.ceiling', { score: scoreText(limit) })}
      />
      <p className="mono text-12 mt-2" data-vector>
        {found.vector}
      </p>
      <p className="caption mono">
        {words('jb.formula', { formula: formulaText(formulaOf(vector), tenths ?? limit) })}
      </p>
      <p className="read mt-3">{words.join(...told.map(({ text }) => text), ...notes.map(({ text }) => text))}</p>
      {guard.map(({ key, text }) => (
        <div key={key} className="note-bar k-flag mt-3">
          <span className="act k-flag">
            <Mark name="flag" />
            LG:{vector.LG}
          </span>
          <span>{text}</span>
        </div>
      ))}
      <table className="t flush wraps mt-3">
        <thead>
          <tr>
            <th scope="col">{words('jb.metric')}</th>
            <th scope="col">{words('jb.level')}</th>
            <th scope="col" className="max-p2:hidden">
              {words('jb.asks')}
            </th>
          </tr>
        </thead>
        <tbody>
          {METRICS.map((metric) =>
            vector[metric] === null ? null : (
              <tr key={metric}>
                <td>
                  <b className="mono">{metric}</b> {say(`metric.${metric}`)}
                </td>
                <td className="whole">
                  <b className="mono">{vector[metric]}</b>
                  {metric === 'CF' ? null : <> {say(`level.${metric}.${vector[metric]}`)}</>}
                </td>
                <td className="text-ink-2 text-12 max-p2:hidden!">{say(`criterion.${metric}.${vector[metric]}`)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      <p className="mt-2">
        <Link to="/severity" search={{ vector: found.vector }}>
          {words('jb.calculator')}
        </Link>
      </p>
    </Section>
  )
}
