import { Mark } from '../parts/mark.tsx'
import { useWords } from '../words.tsx'

type Outcome = 'pass' | 'fail' | 'inconclusive' | 'clear' | 'regressed'

const SHAPE = { pass: 'pass', clear: 'pass', fail: 'fail', regressed: 'fail', inconclusive: 'inconclusive' } as const

/** A result with its mark; INCONCLUSIVE is hatched, so that nobody takes it for a pass. */
export function OutcomeMark({ outcome }: { readonly outcome: Outcome }) {
  const words = useWords()
  const shape = SHAPE[outcome]
  return (
    <span className={shape === 'inconclusive' ? 'verdict inconclusive' : `verdict ${shape}`}>
      <Mark name={shape} />
      <b>{words(`outcome.${outcome}`)}</b>
    </span>
  )
}

/** A yes by name, as a verdict is shown. */
export function Approved() {
  const words = useWords()
  return (
    <span className="verdict pass">
      <Mark name="pass" />
      {words('release.signed.approved')}
    </span>
  )
}
