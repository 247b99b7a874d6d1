import type { Receipt } from '../../../core/policy/receipt.ts'
import { Act } from '../parts/act.tsx'
import { useWords } from '../words.tsx'
import { stageName } from './names.ts'

/** One line per decision made: which rule applied, and how far past its threshold. */
export function StepsList({ receipt }: { readonly receipt: Receipt }) {
  const words = useWords()
  return (
    <ol>
      {receipt.steps.map(({ input, decision }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are their position
        <li key={i} className="flex flex-wrap items-center gap-x-4 py-1 border-b border-line">
          <span className="text-ink-3">{stageName(input.stage, words)}</span>
          <Act action={decision?.would ?? 'allow'} />
          {decision === null || decision.rule === null ? (
            <span className="text-ink-3">
              {decision === null || decision.reason === null ? words('decision.rule.none') : words.cause(decision)}
            </span>
          ) : (
            <span className="mono num">{decision.rule}</span>
          )}
          <span className="ml-auto">
            {words.list(
              decision === null || decision.level === null ? '' : words(`decision.level.${decision.level}`),
              decision === null || decision.band === null ? '' : words(`band.${decision.band}`),
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}
