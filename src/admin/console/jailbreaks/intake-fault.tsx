import { ApiFault } from '../api.ts'
import { Mark } from '../parts/mark.tsx'
import { Failed } from '../parts/states.tsx'
import { useWords } from '../words.tsx'
import { faultText, fieldName } from './intake-words.ts'

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
        {error.faults.map(({ field: path, code, at, message }) => {
          const [field, said] = [fieldName(path, words), faultText(path, code, words)]
          return (
            <li key={`${path} ${at} ${message}`}>
              {at === null
                ? words('jb.new.field', { field, message: said })
                : words('jb.new.word', { field, at: String(at + 1), message: said })}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
