import type { VectorFault } from '../../../core/jailbreaks/severity/vector.ts'
import { faultWords } from '../../../core/jailbreaks/severity/words.ts'
import { useWords } from '../words.tsx'

/** The text as it was given, a caret under the place, and what was wanted there. */
export function Fault({ text, fault }: { readonly text: string; readonly fault: VectorFault }) {
  const words = useWords()
  return (
    <div className="note-bar k-refuse" role="alert">
      <pre className="mono fault">
        {text}
        {'\n'}
        <span aria-hidden="true">{' '.repeat(fault.at)}^</span>
      </pre>
      <span>
        <b className="mono">{fault.code}</b> {faultWords(words.lang, fault)}
      </span>
    </div>
  )
}
