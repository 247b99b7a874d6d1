import { hex, sameBytes } from '../../../core/base/bytes.ts'
import type { Span } from '../../../core/record/tree.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import type { Step } from './check-entry.ts'
import { Verdict } from './checks.tsx'

const SHOWN = 16

/** The path from the leaf to the root, a row a step: what is proven so far, its sibling, and the hash above both. */
export function PathPlot({
  leaf,
  steps,
  root,
}: {
  readonly leaf: Uint8Array
  readonly steps: readonly Step[]
  readonly root: Uint8Array
}) {
  const words = useWords()
  const { format } = useSettings()
  const covers = ({ from, to }: Span) =>
    to - from === 1
      ? words('record.path.covers.one', { from: format.count(from) })
      : words('record.path.covers', { from: format.count(from), to: format.count(to - 1) })
  const last = steps.at(-1)?.gives ?? leaf
  const same = sameBytes(last, root)
  return (
    <ol className="path">
      <li>
        <span>{words('record.one.leaf')}</span>
        <span />
        <Hash bytes={leaf} />
      </li>
      {steps.map((step) => (
        <li key={step.sibling.from}>
          <span>
            {covers(step.ours)}
            <span className="block text-11 text-ink-3">
              {words('record.path.sibling')} {covers(step.sibling)} <Hash bytes={step.siblingHash} />
            </span>
          </span>
          <Pair step={step} />
          <span>
            <span className="text-11 text-ink-3">{words('record.path.gives')}</span> <Hash bytes={step.gives} />
          </span>
        </li>
      ))}
      <li className="end">
        <span>{words('record.path.root')}</span>
        <span className="result">
          <Verdict outcome={same ? 'pass' : 'fail'} />
          <span className="text-12">{words(same ? 'record.path.same' : 'record.path.other')}</span>
        </span>
        <Hash bytes={root} />
      </li>
    </ol>
  )
}

/** Both subtrees side by side, as wide as they have entries; a sliver stays visible. */
function Pair({ step: { ours, sibling } }: { readonly step: Step }) {
  const whole = ours.to - ours.from + (sibling.to - sibling.from)
  const share = Math.min(96, Math.max(4, (100 * (ours.to - ours.from)) / whole))
  const first = ours.from < sibling.from
  const at = first ? 0 : 100 - share
  return (
    <svg className="plot pair" height="14" aria-hidden="true">
      <rect className="sibling" x={`${first ? share : 0}%`} y="1" width={`${100 - share}%`} height="12" />
      <rect className="ours" x={`${at}%`} y="1" width={`${share}%`} height="12" />
    </svg>
  )
}

function Hash({ bytes }: { readonly bytes: Uint8Array }) {
  const text = hex(bytes)
  return (
    <span className="mono text-12" title={text}>
      {text.slice(0, SHOWN)}…
    </span>
  )
}
