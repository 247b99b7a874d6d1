import { OVERRIDE_REFUSALS, type OverrideRefusal } from '../../../core/jailbreaks/registry/verify-override.ts'
import { ApiFault } from '../api.ts'
import { Mark } from '../parts/mark.tsx'
import { Failed } from '../parts/states.tsx'
import { useWords } from '../words.tsx'

/** Why an override or a signature was refused, each reason by its code. */
export function OverrideFault({ error }: { readonly error: Error }) {
  const words = useWords()
  const refusals = error instanceof ApiFault ? error.faults.flatMap(({ code }) => refusalOf(code)) : []
  if (refusals.length === 0) return <Failed error={error} />
  return (
    <div className="note-bar k-refuse" role="alert">
      <span className="verdict fail">
        <Mark name="fail" />
        {words('jb.override.refused')}
      </span>
      <span>{words.join(...refusals.map((code) => words(`jb.refused.${code}`)))}</span>
    </div>
  )
}

function refusalOf(code: string): readonly OverrideRefusal[] {
  return OVERRIDE_REFUSALS.filter((one) => one === code)
}
