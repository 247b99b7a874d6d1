import { type ReactNode, useId } from 'react'

interface SectionProps {
  readonly title: string
  readonly note?: ReactNode
  readonly span?: 4 | 8 | 12
  readonly children: ReactNode
}

const SPAN = { 4: 'col-span-4', 8: 'col-span-8', 12: 'col-span-12' } as const

/** Hangs from a rule: a head, what was measured and how, then the thing itself. */
export function Section({ title, note, span, children }: SectionProps) {
  const id = useId()
  return (
    <section className={`sec${span === undefined ? '' : ` ${SPAN[span]}`}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className="note">{note}</span>}
      </header>
      {children}
    </section>
  )
}
