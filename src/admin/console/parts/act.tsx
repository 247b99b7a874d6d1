import type { Action } from '../../../core/policy/policy.ts'
import { useWords } from '../words.tsx'
import { Mark } from './mark.tsx'

/** Decision badge: mark and word. `box` once per page, for the subject of the page. */
export function Act({ action, box = false }: { readonly action: Action; readonly box?: boolean }) {
  const words = useWords()
  return (
    <span className={`act k-${action}${box ? ' box' : ''}`}>
      <Mark name={action} />
      {words.action(action)}
    </span>
  )
}

/** What would have been done in enforce; nothing where that is what was done. */
export function Would({ action, would }: { readonly action: Action; readonly would: Action }) {
  const words = useWords()
  if (would === action) return null
  return (
    <span className={`act would k-${would}`}>
      <Mark name={would} />
      {words('live.would', { action: words.action(would) })}
    </span>
  )
}
