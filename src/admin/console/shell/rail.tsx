import { Link, useLocation } from '@tanstack/react-router'
import { Fragment } from 'react'
import { Logo } from '../parts/mark.tsx'
import { useWords } from '../words.tsx'
import { PLACES } from './places.ts'

export function Rail() {
  const words = useWords()
  return (
    <nav className="rail" aria-label={words('nav.main')}>
      <Link className="brand" to="/">
        <Logo />
        Sluice
      </Link>
      {[...Map.groupBy(PLACES, ({ head }) => head)].map(([head, places]) => (
        <Fragment key={head}>
          <h3>{words(head)}</h3>
          <ul>
            {places.map(({ to, name }) => (
              <li key={to}>
                <Link to={to} activeOptions={to === '/' ? EXACT : WITHIN}>
                  {words(name)}
                </Link>
              </li>
            ))}
          </ul>
        </Fragment>
      ))}
    </nav>
  )
}

/** The rail below 900 px: a tab for each head of it, and above them the pages under the head that is open. */
export function Tabs() {
  const words = useWords()
  const here = useLocation({ select: ({ pathname }) => pathname })
  const open = PLACES.find(({ to }) => (to === '/' ? here === '/' : here === to || here.startsWith(`${to}/`)))?.head
  const heads = [...Map.groupBy(PLACES, ({ head }) => head)]
  const beside = heads.find(([head]) => head === open)?.[1] ?? []
  return (
    <nav className="tabs" aria-label={words('nav.main')}>
      {beside.length > 1 && (
        <div className="beside">
          {beside.map(({ to, name }) => (
            <Link key={to} to={to} activeOptions={to === '/' ? EXACT : WITHIN}>
              {words(name)}
            </Link>
          ))}
        </div>
      )}
      <div className="heads">
        {heads.map(([head, [first]]) => (
          <Link key={head} to={first!.to} className={head === open ? 'open' : ''} activeOptions={EXACT}>
            <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
              <path d={ICONS[first!.icon]} fill="none" stroke="currentColor" strokeWidth="1.4" />
            </svg>
            {words(head)}
          </Link>
        ))}
      </div>
    </nav>
  )
}

const EXACT = { exact: true, includeSearch: false } as const
/** A page with pages below it. */
const WITHIN = { exact: false, includeSearch: false } as const

const ICONS = {
  home: 'M2 8.500 9 2l7 6.500M4 7v9h10V7',
  live: 'M1 9h4l2-5 4 10 2-5h4',
  review: 'M2 4h14M2 9h9M2 14h6M12 13l2 2 3-4',
  appeals: 'M3 3h12v9H8l-4 4v-4H3zM6 6h6M6 9h4',
  collateral: 'M9 1v16M12 5h5M11 9h4M3 13h4M2 5h4',
  severity: 'M2 15h14M4 15v-3M8 15V9M12 15V6M16 15V2',
  jailbreaks: 'M4 8V5a5 5 0 0 1 9-3M3 8h12v8H3z',
  partners: 'M4 4h4v4H4zM10 10h4v4h-4zM8 6h4v4M6 8v4h4',
  record: 'M9 2v4M5 10V6h8v4M3 10h4v5H3zM11 10h4v5h-4z',
  releases: 'M1 14h4V9h5V5h7M13.500 5a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0',
} as const
