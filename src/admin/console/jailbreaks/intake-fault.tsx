import { ApiFault } from '../api.ts'
import { Mark } from '../parts/mark.tsx'
import { Failed } from '../parts/states.tsx'
import { useWords } from '../words.tsx'

/** Every fault of a report with its field and, in a text, its place. */
export function IntakeFault({ error }: { readonly error: Error }) {
  const words = useWords()
  if (!(error instanceof ApiFault) || error.faults.length === 0) return <Failed error={error} />
  return (
    <div className="note-bar k-refuse" role="alert">
      <span className="verdict fail">
        <Mark name="fail" />
        {words('jb.new.refused')}
      </span>
      <ul>
        {error.faults.map(({ field, at, message }) => (
          <li key={`${field} ${at} ${message}`}>
            {at === null
              ? words('jb.new.field', { field, message })
              : words('jb.new.word', { field, at: String(at + 1), message })}
          </li>
        ))}
      </ul>
    </div>
  )
}
