import { COLLATERAL_WORDS } from '../../../core/briefs/collateral/html.ts'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import { Mark } from '../parts/mark.tsx'
import { useWords } from '../words.tsx'

const LOOK = {
  pass: { className: 'verdict pass', mark: 'pass' },
  fail: { className: 'verdict fail', mark: 'fail' },
  INCONCLUSIVE: { className: 'verdict inconclusive whitespace-nowrap', mark: 'inconclusive' },
} as const

/** Pass, fail, or not known: a mark and a word, and the hatch where it is not known. */
export function OutcomeMark({ outcome }: { readonly outcome: CollateralReport['outcome'] }) {
  const { lang } = useWords()
  const { className, mark } = LOOK[outcome]
  return (
    <span className={className}>
      <Mark name={mark} />
      <b>{COLLATERAL_WORDS[lang].outcome[outcome]}</b>
    </span>
  )
}
