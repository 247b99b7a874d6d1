import { Link, useLocation } from '@tanstack/react-router'
import { Missing } from '../parts/states.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

const MOST_SHOWN = 80

/** An address that no page has. */
export function NoPage() {
  const words = useWords()
  const path = useLocation({ select: ({ pathname }) => pathname })
  useTitle(words('missing.page'))
  const shown = path.length > MOST_SHOWN ? `${path.slice(0, MOST_SHOWN)}…` : path
  return (
    <Missing title={words('missing.page')} text={words('missing.page.text', { path: shown })}>
      <Link to="/">{words('missing.page.back')}</Link>
    </Missing>
  )
}
