import type { ReactNode } from 'react'

/** A key–value list; rows whose value is null are left out. */
export function Facts({ rows }: { readonly rows: readonly (readonly [name: string, value: ReactNode | null])[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value]) =>
        value === null ? null : (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

/** An id, a model, a code: machine words in a fact. */
export function mono(text: string): ReactNode {
  return <span className="mono">{text}</span>
}
