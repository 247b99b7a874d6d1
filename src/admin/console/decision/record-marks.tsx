import type { DecisionDetail } from '../../contract.ts'
import { Mark } from '../parts/mark.tsx'
import { useWords } from '../words.tsx'
import { RecordPlace } from './record-place.tsx'

/** The receipt's hash, and what was checked just now against it. */
export function RecordMarks({
  detail: { receiptHash, receipt, record, verified },
}: {
  readonly detail: DecisionDetail
}) {
  const words = useWords()
  return (
    <>
      <p className="mono text-12">{receiptHash}</p>
      <ul className="grid gap-1 mt-2">
        <Checked good={verified.hash} text={words(verified.hash ? 'decision.hash.ok' : 'decision.hash.bad')} />
        <Checked
          good={verified.recomputed}
          text={words(verified.recomputed ? 'decision.recomputed.ok' : 'decision.recomputed.bad')}
        />
      </ul>
      <RecordPlace place={record} entryAddress={(index) => `/record/${index}`} />
      <p className="note mt-2">
        {words('fact.model')} <span className="mono">{receipt.model}</span>
      </p>
    </>
  )
}

function Checked({ good, text }: { readonly good: boolean; readonly text: string }) {
  return (
    <li className={`verdict ${good ? 'pass' : 'fail'}`}>
      <Mark name={good ? 'pass' : 'fail'} />
      {text}
    </li>
  )
}
