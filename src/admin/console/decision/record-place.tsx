import type { RecordPlace as Place } from '../../../jobs/record-place.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface RecordPlaceProps {
  readonly place: Place
  /** Where the page of an entry is; left out on the caller's page, whose reader cannot open it. */
  readonly entryAddress?: (index: number) => string
}

/** Where a decision is in the record: its own entry, else the minute that proves it, else that it waits. */
export function RecordPlace({ place: { entry, rollup }, entryAddress }: RecordPlaceProps) {
  const words = useWords()
  const { format } = useSettings()
  const text =
    entry !== null
      ? words('decision.entry', { index: format.count(entry) })
      : rollup !== null
        ? words('decision.rollup', { index: format.count(rollup.index), position: format.count(rollup.position) })
        : words('decision.unsequenced')
  const index = entry ?? rollup?.index ?? null
  return (
    <p className="note mt-2">
      {index === null || entryAddress === undefined ? text : <a href={entryAddress(index)}>{text}</a>}
    </p>
  )
}
