import type { ReactNode } from 'react'
import type { CaseStatement } from '../../../core/jailbreaks/registry/case.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { Section } from '../parts/section.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { ReplyOffer } from './reply.tsx'

/** The reporter's words and what others say, side by side; the vendor's reply first. */
export function Statements({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const { case: one, row, nowMs } = detail
  const replies = one.statements.filter(({ kind }) => kind === 'reply')
  const others = one.statements.filter(({ kind }) => kind !== 'reply')
  return (
    <Section title={words('jb.statements')} note={words('jb.statements.note')}>
      <div className="said">
        <Said by={one.reporter.org} head={words('jb.said.report', { at: format.when(one.reportedAtMs) })}>
          {one.note === '' ? null : <p>{words.quote(one.note)}</p>}
        </Said>
        {replies.map((each) => (
          <Statement key={each.id} statement={each} />
        ))}
        {replies.length === 0 ? (
          <div className="rep">
            <ReplyOffer reply={row.reply} nowMs={nowMs} />
          </div>
        ) : null}
        {others.map((each) => (
          <Statement key={each.id} statement={each} />
        ))}
      </div>
    </Section>
  )
}

function Said({ by, head, children }: { readonly by: string; readonly head: string; readonly children?: ReactNode }) {
  return (
    <div className="rep">
      <p className="text-12">
        <b>{by}</b> <span className="text-ink-3">{head}</span>
      </p>
      {children}
    </div>
  )
}

function Statement({ statement }: { readonly statement: CaseStatement }) {
  const words = useWords()
  const { format } = useSettings()
  const at = format.when(statement.atMs)
  switch (statement.kind) {
    case 'reply':
      return (
        <Said by={statement.by} head={words('jb.said.reply', { at })}>
          <Texts {...statement.text} />
        </Said>
      )
    case 'dispute': {
      const { claim, settledAtMs } = statement
      const head =
        settledAtMs === null
          ? words('jb.said.dispute', { claim, at })
          : words('jb.said.dispute.settled', { claim, at, settled: format.when(settledAtMs) })
      return (
        <Said by={statement.by} head={head}>
          <p>{words.quote(statement.reason)}</p>
        </Said>
      )
    }
    case 'correction':
      return (
        <Said by={statement.by} head={words('jb.said.correction', { claim: statement.claim, at })}>
          <p>{words('jb.said.correction.text', { wrong: statement.wrong, right: statement.right })}</p>
        </Said>
      )
    case 'withdrawal_request':
      return (
        <Said by={statement.by} head={words('jb.said.withdrawal_request', { at })}>
          <p>{words.quote(statement.reason)}</p>
        </Said>
      )
  }
}

/** In the reader's language where it is there; else in the other, which then says what it is. */
export function Texts({ en, ja }: { readonly en?: string; readonly ja?: string }) {
  const words = useWords()
  const own = words.lang === 'ja' ? ja : en
  if (own !== undefined) return <p>{words.quote(own)}</p>
  const other = words.lang === 'ja' ? 'en' : 'ja'
  return (
    <p>
      <span lang={other}>{words.quote(en ?? ja ?? '')}</span>{' '}
      <span className="text-12 text-ink-3">{words(`jb.untranslated.${words.lang}`)}</span>
    </p>
  )
}
