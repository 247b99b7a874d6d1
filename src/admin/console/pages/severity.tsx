import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { explain } from '../../../core/jailbreaks/severity/explain.ts'
import { isScored, METRICS, type Metric, type SeverityVector } from '../../../core/jailbreaks/severity/levels.ts'
import { formulaOf, formulaText } from '../../../core/jailbreaks/severity/report.ts'
import { ceilingOf, rate, scoreText, upperBoundOf } from '../../../core/jailbreaks/severity/score.ts'
import { formatVector, readVector } from '../../../core/jailbreaks/severity/vector.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import { EXAMPLE_VECTOR } from '../../views.ts'
import { Mark } from '../parts/mark.tsx'
import { Section } from '../parts/section.tsx'
import { BandLadder, useBandWords } from '../severity/band-ladder.tsx'
import { Fault } from '../severity/fault.tsx'
import { LevelRow } from '../severity/level-row.tsx'
import { OtherScales } from '../severity/other-scales.tsx'
import { StepsTable } from '../severity/steps-table.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** The severity calculator. It computes here, with the same code as the server; the vector is the address. */
export function SeverityPage({ text }: { readonly text: string | null }) {
  const words = useWords()
  const navigate = useNavigate()
  const bandWords = useBandWords()
  const given = text ?? EXAMPLE_VECTOR
  const read = readVector(given)
  const go = (typed: string) => {
    const known = readVector(typed)
    const vector = 'code' in known ? typed : formatVector(known)
    void navigate({ to: '/severity', search: { vector }, replace: true })
  }
  const title = 'code' in read ? words('severity.h1.fault') : headline(read)
  useTitle(`${words('nav.severity')} · ${title}`)
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{title}</h1>
          <p className="lede">{words('severity.lede')}</p>
        </div>
      </div>
      <VectorForm text={given} onRead={go} />
      {'code' in read ? (
        <>
          <Fault text={given} fault={read} />
          <button type="button" className="btn" onClick={() => go(EXAMPLE_VECTOR)}>
            {words('severity.start')}
          </button>
        </>
      ) : (
        <Calculator vector={read} onChange={(changed) => go(formatVector(changed))} />
      )}
    </>
  )

  function headline(vector: SeverityVector): string {
    const { tenths, band, range } = rate(vector)
    if (tenths !== null) return bandWords(tenths, band)
    return words('severity.h1.range', { lo: scoreText(range[0]), hi: scoreText(range[1]) })
  }
}

/** The vector as text, to paste another. */
function VectorForm({ text, onRead }: { readonly text: string; onRead(text: string): void }) {
  const words = useWords()
  const [typed, setTyped] = useState(text)
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    setTyped(text)
    setCopied(false)
  }, [text])
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    onRead(typed)
  }
  return (
    <form className="filter vector-form" onSubmit={onSubmit}>
      <input
        className="mono"
        value={typed}
        aria-label={words('severity.vector')}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="btn">
        {words('severity.use')}
      </button>
      <button
        type="button"
        className="btn quiet"
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
      >
        <Mark name="copy" />
        <span aria-live="polite">{words(copied ? 'severity.copied' : 'severity.copy')}</span>
      </button>
    </form>
  )
}

function Calculator({ vector, onChange }: { readonly vector: SeverityVector; onChange(vector: SeverityVector): void }) {
  const words = useWords()
  const take = (metric: Metric, level: string | null) => onChange({ ...vector, [metric]: level })
  const rows = (metrics: readonly Metric[]) =>
    metrics.map((metric) => (
      <LevelRow key={metric} metric={metric} level={vector[metric]} onChoose={(level) => take(metric, level)} />
    ))
  return (
    <div className="cols">
      <div className="col-span-8">
        <Score vector={vector} />
        <Section title={words('severity.choices')} note={words('severity.choices.note')}>
          {rows(METRICS.slice(0, 6))}
        </Section>
        <Section title={words('severity.beside')} note={words('severity.beside.note')}>
          {rows(METRICS.slice(6))}
        </Section>
      </div>
      <aside className="col-span-4">
        <Section title={words('severity.steps')}>
          {isScored(vector) ? (
            <StepsTable vector={vector} onTake={take} />
          ) : (
            <p className="text-ink-2">{words('severity.steps.none')}</p>
          )}
        </Section>
        <Section title={words('severity.others')}>
          <OtherScales vector={vector} />
        </Section>
        <p className="caption">{severityWords(words.lang, 'jss.label')}</p>
      </aside>
    </div>
  )
}

/** The number on its ladder, the formula with its numbers, and why. */
function Score({ vector }: { readonly vector: SeverityVector }) {
  const words = useWords()
  const { tenths } = rate(vector)
  const limit = isScored(vector) ? ceilingOf(vector) : upperBoundOf(vector)
  const limitText = words(isScored(vector) ? 'severity.ceiling' : 'severity.upper', { score: scoreText(limit) })
  const { sentences } = explain(vector, null, words.lang)
  const guard = sentences.filter(({ key }) => key.startsWith('jss.lg.'))
  // The steps have a table of their own, and the head is the heading.
  const told = sentences.filter(({ key }) => !/^jss\.(lg|step|head)/.test(key))
  return (
    <Section title={words('severity.score')} note={words('severity.score.note')}>
      <BandLadder tenths={tenths} interval={tenths === null ? [0, limit] : null} limit={limit} limitText={limitText} />
      <p className="caption mono">{words('severity.formula')}</p>
      <p className="mono" data-formula>
        {formulaText(formulaOf(vector), tenths ?? limit)}
      </p>
      <p className="read mt-3">{words.join(...told.map(({ text }) => text))}</p>
      {guard.map(({ key, text }) => (
        <div key={key} className="note-bar k-flag mt-3">
          <span className="act k-flag">
            <Mark name="flag" />
            LG:{vector.LG}
          </span>
          <span>{text}</span>
        </div>
      ))}
    </Section>
  )
}
