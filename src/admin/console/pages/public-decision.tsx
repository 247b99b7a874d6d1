import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { PublicDecision } from '../../contract.ts'
import { ApiFault, publicAddress, publicQuery } from '../api.ts'
import { AppealSection } from '../decision/appeal-section.tsx'
import { publicHeading } from '../decision/heading.tsx'
import { placeName } from '../decision/names.ts'
import { PublicFacts } from '../decision/public-facts.tsx'
import { RecordPlace } from '../decision/record-place.tsx'
import { Act, Would } from '../parts/act.tsx'
import { CopyId } from '../parts/copy-id.tsx'
import { Logo } from '../parts/mark.tsx'
import { MarkedText } from '../parts/marked-text.tsx'
import { Section } from '../parts/section.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Closeness } from '../plots/closeness.tsx'
import { WordBars } from '../plots/word-bars.tsx'
import { useSettings } from '../settings.tsx'
import { LanguageSwitch, ThemeSwitch, ZoneSwitch } from '../shell/switches.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

const ADDRESS = publicAddress(location)

/** What a refused or diverted caller sees: no login, no rail, no figure that would show where the threshold lies. */
export function PublicDecisionPage() {
  const words = useWords()
  const { data: decision, error, refetch } = useQuery(publicQuery(ADDRESS.json))
  const missing = error instanceof ApiFault && (error.status === 404 || error.status === 403)
  return (
    <>
      <header className="public-top">
        <span className="brand">
          <Logo />
          Sluice
        </span>
        <span className="text-ink-3 max-p2:hidden">{words('public.for', { host: location.host })}</span>
        <span className="flex-1" />
        <ZoneSwitch className="max-p2:hidden" />
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main className="public-main">
        {decision !== undefined ? (
          <Page decision={decision} />
        ) : missing ? (
          <Empty title={words('public.missing')}>
            <p className="text-ink-2">{words('public.missing.text')}</p>
          </Empty>
        ) : error !== null ? (
          <Failed error={error} onRetry={() => void refetch()} />
        ) : (
          <Loading rows={10} />
        )}
      </main>
    </>
  )
}

function Page({ decision }: { readonly decision: PublicDecision }) {
  const words = useWords()
  const { lang, format, suggestLang } = useSettings()
  const { content, trust } = decision
  const heading = publicHeading(decision, words)
  useTitle(heading.text)
  useEffect(() => suggestLang(decision.lang), [decision.lang, suggestLang])
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 text-12 text-ink-3 mb-2">
        <CopyId id={decision.id} />
        <a href={ADDRESS.json}>{words('decision.json')}</a>
        <span className="num">{format.stamp(decision.atMs)}</span>
      </p>
      <h1>{heading.rich}</h1>
      <p className="read text-ink-2 mt-2">
        {words.join(
          decision.explanation[lang],
          words('public.not_wrongdoing'),
          decision.labelled ? '' : words('public.training'),
        )}
      </p>
      <p className="flex flex-wrap items-center gap-2 mt-3">
        <Act action={decision.action} box />
        <Would action={decision.action} would={decision.would} />
        {decision.band === null ? null : <span className="chip">{words(`band.${decision.band}`)}</span>}
        {decision.reason === null ? null : <span className="chip mono">{decision.reason}</span>}
        <span className="chip">
          {words('public.paid')} <b>{decision.servedModel ?? words('public.paid.nothing')}</b>
        </span>
      </p>
      <div className="cols">
        <div className="col-span-8">
          {content === null ? null : (
            <Section
              title={words('decision.words')}
              note={words.list(placeName(content, words), words('public.words.note'))}
            >
              <p className="quote" lang={decision.lang}>
                <MarkedText content={content} />
              </p>
              <WordBars content={content} action={decision.would} />
              <p className="caption">{words('decision.words.cap')}</p>
            </Section>
          )}
          {decision.band === null ? null : (
            <Section title={words('public.close')}>
              <Closeness band={decision.band} action={decision.would} />
              <p className="text-ink-2">{words(`public.close.${decision.band}`)}</p>
            </Section>
          )}
          <AppealSection decision={decision} path={ADDRESS.appeal} withdrawPath={ADDRESS.withdraw} />
        </div>
        <aside className="col-span-4">
          <Section title={words('decision.facts')}>
            <PublicFacts decision={decision} />
          </Section>
          <Section title={words('decision.record')}>
            <p className="note">{words('decision.hash')}</p>
            <p className="mono text-12">{decision.receiptHash}</p>
            <RecordPlace place={decision.record} />
          </Section>
          {trust === null ? null : (
            <Section title={words('public.trust')}>
              <p className="text-ink-2">
                {words('public.trust.text', { scope: trust.scope })}{' '}
                <a href={trust.enrollUrl}>{words('public.trust.link')}</a>
              </p>
            </Section>
          )}
        </aside>
      </div>
    </>
  )
}
