import type { Action } from '../../../core/policy/policy.ts'

export type MarkName = Action | 'pass' | 'fail' | 'inconclusive' | 'copy' | 'theme'

/** A drawn mark, 12 px: the shape that stands beside a word, so that colour never speaks alone. */
export function Mark({ name }: { readonly name: MarkName }) {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  )
}

const stroke = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 }

const SHAPES = {
  allow: <circle cx="6" cy="6" r="4.2" {...stroke} />,
  flag: (
    <>
      <path d="M3 1v10.5" {...stroke} />
      <path d="M3 1.4 10.4 4.3 3 7.4z" fill="currentColor" />
    </>
  ),
  fall_back: (
    <>
      <path d="M1.2 3h4.3v5.6h4" {...stroke} strokeWidth="1.6" />
      <path d="M8 5.8 11.2 8.6 8 11.4z" fill="currentColor" />
    </>
  ),
  require_trust: (
    <>
      <path d="M6 .9 11.1 6 6 11.1.9 6z" {...stroke} />
      <circle cx="6" cy="6" r="1.5" fill="currentColor" />
    </>
  ),
  refuse: <path fillRule="evenodd" d="M1 1h10v10H1zM3 5v2h6V5z" fill="currentColor" />,
  pass: <path d="M1.6 6.4 4.7 9.6 10.6 2.6" {...stroke} strokeWidth="1.8" />,
  fail: <path d="M2 2l8 8M10 2l-8 8" {...stroke} strokeWidth="1.8" />,
  inconclusive: (
    <>
      <path d="M1 1h10v10H1z" {...stroke} strokeWidth="1.2" />
      <path d="M1 6l5-5M1 11 11 1M6 11l5-5" {...stroke} strokeWidth="1.2" />
    </>
  ),
  copy: <path d="M4 4h7v7H4zM8 4V1H1v7h3" {...stroke} strokeWidth="1.2" />,
  theme: (
    <>
      <circle cx="6" cy="6" r="4.5" {...stroke} strokeWidth="1.3" />
      <path d="M6 1.5a4.5 4.5 0 0 1 0 9z" fill="currentColor" />
    </>
  ),
} satisfies Record<MarkName, React.ReactNode>

/** The sluice gate. */
export function Logo() {
  return (
    <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
      <path d="M9 1v16" stroke="currentColor" strokeWidth="2.4" />
      <path d="M1 4h6M1 9h6M1 14h6M11 4h6M11 9h3.6M11 14h1.6" stroke="currentColor" strokeWidth="2" />
    </svg>
  )
}
