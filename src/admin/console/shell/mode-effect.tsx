import type { Mode } from '../../../core/policy/policy.ts'
import type { Summary } from '../../contract.ts'
import { digitsOf, knownShare } from '../format.ts'
import { Act } from '../parts/act.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface ModeEffectProps {
  readonly target: Mode
  readonly summary: Summary | undefined
  readonly error: Error | null
}

/** What a mode would have meant for the requests of the last 24 hours. */
export function ModeEffect({ target, summary, error }: ModeEffectProps) {
  const words = useWords()
  const { format } = useSettings()
  if (summary === undefined) return error === null ? <Loading rows={2} /> : <Failed error={error} />
  const touched = summary.touchedRequests
  const n = format.count(touched.n)
  const k = format.count(touched.k)
  if (touched.n === 0) return <p>{words('mode.effect.none')}</p>
  if (target === 'off') return <p>{words('mode.effect.off', { n })}</p>
  const known = knownShare(touched)
  if (known === null) return <p>{words('mode.effect.few', { n, k })}</p>
  const digits = digitsOf(touched)
  const share = format.percent(known.share, digits)
  const range = format.range(known.lo, known.hi, digits)
  if (target === 'observe') return <p>{words('mode.effect.observe', { k, share, range, n })}</p>
  const stops = summary.byAction.filter(({ action }) => action !== 'allow' && action !== 'flag')
  return (
    <>
      <p>{words('mode.effect.enforce', { share, range, n })}</p>
      <ul className="flex flex-wrap gap-x-5 gap-y-1 mt-2">
        {stops.map(({ action, share: one }) => (
          <li key={action} className="inline-flex gap-2">
            <Act action={action} />
            <span className="num">{format.count(one.k)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
