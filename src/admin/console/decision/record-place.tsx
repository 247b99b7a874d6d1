import type { RecordPlace as Place } from '../../../jobs/record-place.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** Where a decision is in the record: its own entry, else the minute that proves it, else that it waits. */
export function RecordPlace({ place: { entry, rollup } }: { readonly place: Place }) {
  const words = useWords()
  const { format } = useSettings()
  const text =
    entry !== null
      ? words('decision.entry', { index: format.count(entry) })
      : rollup !== null
        ? words('decision.rollup', { index: format.count(rollup.index), position: format.count(rollup.position) })
        : words('decision.unsequenced')
  return <p className="note mt-2">{text}</p>
}
