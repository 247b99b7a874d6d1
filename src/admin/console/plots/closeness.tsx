import type { Action } from '../../../core/policy/policy.ts'
import { useWords } from '../words.tsx'

/** Near or clear, as a place beside the line; deliberately without any figure. */
export function Closeness({ band, action }: { readonly band: 'near' | 'clear'; readonly action: Action }) {
  const words = useWords()
  const at = band === 'near' ? 50 : 80
  return (
    <svg className="plot" height="66" aria-hidden="true">
      <rect className="zone k-allow" x="0" y="24" width="40%" height="10" />
      <rect className={`zone k-${action}`} x="40%" y="24" width="60%" height="10" />
      <line className="at" x1="40%" x2="40%" y1="18" y2="40" />
      <text x="40%" y="54" textAnchor="middle">
        {words('public.close.line')}
      </text>
      <text x="0" y="54">
        {words.action('allow')}
      </text>
      <text x="100%" y="54" textAnchor="end">
        {words.action(action)}
      </text>
      <circle cx={`${at}%`} cy="29" r="4.5" fill="currentColor" />
      <text className="key" x={`${at}%`} y="13" textAnchor="middle">
        {words('public.close.yours')}
      </text>
    </svg>
  )
}
