import { Link } from '@tanstack/react-router'
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

/** The rail below 900 px. */
export function Tabs() {
  const words = useWords()
  return (
    <nav className="tabs" aria-label={words('nav.main')}>
      {PLACES.filter((place) => !('wide' in place)).map(({ to, name, icon }) => (
        <Link key={to} to={to} activeOptions={to === '/' ? EXACT : WITHIN}>
          <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
            <path d={ICONS[icon]} fill="none" stroke="currentColor" strokeWidth="1.4" />
          </svg>
          {words(name)}
        </Link>
      ))}
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
  releases: 'M1 14h4V9h5V5h7M13.500 5a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0',
} as const
