import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ApiFault, decisionQuery } from '../api.ts'
import { FindingsTable } from '../decision/findings-table.tsx'
import { operatorHeading } from '../decision/heading.tsx'
import { placeName } from '../decision/names.ts'
import { ReceiptFacts } from '../decision/receipt-facts.tsx'
import { RecordMarks } from '../decision/record-marks.tsx'
import { StepsList } from '../decision/steps-list.tsx'
import { Act, Would } from '../parts/act.tsx'
import { Blurred } from '../parts/blurred.tsx'
import { CopyId } from '../parts/copy-id.tsx'
import { MarkedText } from '../parts/marked-text.tsx'
import { Section } from '../parts/section.tsx'
import { Failed, Loading, Missing } from '../parts/states.tsx'
import { WordBars } from '../plots/word-bars.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** Everything about one decision, for the operator. */
export function DecisionPage({ id }: { readonly id: string }) {
  const words = useWords()
  const { format } = useSettings()
  const { data: detail, error, refetch } = useQuery(decisionQuery(id))
  const heading = detail === undefined ? null : operatorHeading(detail.row, words)
  useTitle(heading?.text ?? words('nav.decision'))
  if (detail === undefined) {
    if (error === null) return <Loading rows={10} />
    if (!(error instanceof ApiFault) || error.status !== 404)
      return <Failed error={error} onRetry={() => void refetch()} />
    return (
      <Missing title={words('decision.missing', { id })} text={words('decision.missing.text')}>
        <Link to="/live">{words('missing.decision.back')}</Link>
      </Missing>
    )
  }
  const { row, receipt, content } = detail
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 text-12 text-ink-3 mb-2">
        <Link to="/live">{words('decision.back')}</Link>
        <CopyId id={row.id} />
        <a href={detail.publicUrl}>{words('decision.public')}</a>
        <span className="num">{format.stamp(row.atMs)}</span>
      </p>
      <h1>{heading?.rich}</h1>
      <p className="flex flex-wrap items-center gap-2 mt-3">
        <Act action={row.action} box />
        <Would action={row.action} would={row.would} />
        {row.category === null ? null : <span className="chip">{words.category(row.category)}</span>}
        {row.band === null ? null : <span className="chip">{words(`band.${row.band}`)}</span>}
        {row.reason === null ? null : <span className="chip mono">{row.reason}</span>}
      </p>
      <div className="cols">
        <div className="col-span-8">
          <Section title={words('decision.steps')} note={words('decision.steps.note')}>
            <StepsList receipt={receipt} />
          </Section>
          <Section title={words('decision.findings')} note={words('decision.findings.note')}>
            <FindingsTable receipt={receipt} />
          </Section>
          <Section title={words('decision.words')} note={content === null ? undefined : placeName(content, words)}>
            {content === null ? (
              <p className="text-ink-2">{words('decision.words.none')}</p>
            ) : (
              <>
                <Blurred anywhere lang={receipt.lang}>
                  <MarkedText content={content} />
                  <WordBars content={content} action={row.would} />
                </Blurred>
                <p className="caption">{words('decision.words.cap')}</p>
              </>
            )}
          </Section>
        </div>
        <aside className="col-span-4">
          <Section title={words('decision.facts')}>
            <ReceiptFacts detail={detail} />
          </Section>
          <Section title={words('decision.record')}>
            <RecordMarks detail={detail} />
          </Section>
        </aside>
      </div>
    </>
  )
}
