import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useId } from 'react'
import { CATEGORIES } from '../../../core/base/harm.ts'
import { LEVELS } from '../../../core/jailbreaks/severity/levels.ts'
import { type SeverityKey, severityWords } from '../../../core/jailbreaks/severity/words.ts'
import { fileReport } from '../jailbreaks/api.ts'
import { IntakeFault } from '../jailbreaks/intake-fault.tsx'
import { reportFrom } from '../jailbreaks/report-from.ts'
import { Section } from '../parts/section.tsx'
import { useWho } from '../parts/who.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** The form of a report. It asks what happens and what can be shown; words of severity are refused with their place. */
export function JailbreakNewPage() {
  const words = useWords()
  const queries = useQueryClient()
  const [who] = useWho()
  useTitle(words('jb.new'))
  const send = useMutation({
    mutationFn: (form: FormData) => fileReport(reportFrom(form), who),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['reports'] }),
  })
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    send.mutate(new FormData(event.currentTarget))
  }
  const done = send.data
  return (
    <>
      <p className="text-12 mb-2">
        <Link to="/jailbreaks">{words('jb.back')}</Link>
      </p>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{words('jb.new.h1')}</h1>
          <p className="lede">{words('jb.new.lede')}</p>
        </div>
      </div>
      {done === undefined ? null : (
        <div className="note-bar" role="status">
          <b>{words('jb.new.taken', { id: done.report.case.id })}</b>
          {done.adjustments.map((one) => (
            <span key={one}>{words(`jb.adjusted.${one}`)}</span>
          ))}
          <Link to="/jailbreaks/$id" params={{ id: done.report.case.id }}>
            {words('jb.new.open')}
          </Link>
        </div>
      )}
      {send.error === null ? null : <IntakeFault error={send.error} />}
      <form onSubmit={onSubmit}>
        <Section title={words('jb.new.about')} note={words('jb.new.summary.note')}>
          <div className="report-form">
            <Field name="summary.en" label={words('jb.new.summary.en')} most={200} />
            <Field name="summary.ja" label={words('jb.new.summary.ja')} most={200} />
            <div className="whole">
              <Field name="note" label={words('jb.new.note')} most={8000} area />
            </div>
            <Field
              name="technique"
              label={words('jb.new.technique')}
              note={words('jb.new.technique.note')}
              most={64}
              mono
            />
            <Choice name="harm" label={words('jb.new.harm')}>
              {CATEGORIES.map((one) => (
                <option key={one} value={one}>
                  {words.category(one)}
                </option>
              ))}
            </Choice>
            <Field name="vendor" label={words('jb.new.vendor')} most={128} />
            <Field name="model" label={words('jb.new.name')} most={128} />
            <Field name="version" label={words('jb.new.version')} most={128} />
            <Field name="safeguard" label={words('jb.new.safeguard')} most={128} />
            <Field name="org" label={words('jb.new.org')} most={128} />
            <Field name="contact" label={words('jb.new.contact')} most={200} />
          </div>
        </Section>
        <Section title={words('jb.new.severity')} note={words('jb.new.severity.note')}>
          <div className="report-form">
            <div className="whole">
              <Field name="vector" label={words('jb.new.vector')} most={128} mono />
            </div>
            <fieldset className="whole">
              <legend className="font-strong">{words('jb.new.levels')}</legend>
              <div className="levels">
                {(['HD', 'UN', 'EF', 'RE', 'DI', 'LG'] as const).map((metric) => (
                  <Choice
                    key={metric}
                    name={`level.${metric}`}
                    label={`${metric} ${severityWords(words.lang, `metric.${metric}`)}`}
                  >
                    <option value="">{words('jb.new.none')}</option>
                    {LEVELS[metric].map((level) => (
                      <option key={level} value={level}>
                        {level} {severityWords(words.lang, `level.${metric}.${level}` as SeverityKey)}
                      </option>
                    ))}
                  </Choice>
                ))}
              </div>
            </fieldset>
            <Field name="artefact" label={words('jb.new.artefact')} most={64} mono />
            <Field name="access" label={words('jb.new.access')} most={200} />
          </div>
        </Section>
        <p className="mt-4">
          <button type="submit" className="btn primary" disabled={send.isPending}>
            {words('jb.new.send')}
          </button>
        </p>
      </form>
    </>
  )
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly most: number
  readonly note?: string
  readonly area?: boolean
  readonly mono?: boolean
}

function Field({ name, label, most, note, area = false, mono = false }: FieldProps) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      {area ? (
        <textarea id={id} name={name} rows={4} maxLength={most} />
      ) : (
        <input id={id} name={name} className={mono ? 'field mono' : 'field'} maxLength={most} autoComplete="off" />
      )}
      {note === undefined ? null : <p className="caption">{note}</p>}
    </div>
  )
}

function Choice({
  name,
  label,
  children,
}: {
  readonly name: string
  readonly label: string
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="field">
        {children}
      </select>
    </div>
  )
}
