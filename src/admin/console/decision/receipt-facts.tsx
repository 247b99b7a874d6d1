import type { DecisionDetail } from '../../contract.ts'
import { Facts, mono } from '../parts/facts.tsx'
import { useSettings } from '../settings.tsx'
import { segmentName } from '../usefulness/rows-table.tsx'
import { useWords } from '../words.tsx'
import { stageName } from './names.ts'

/** The facts of a receipt, for the operator. */
export function ReceiptFacts({ detail }: { readonly detail: DecisionDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const { receipt } = detail
  const { decision, usage, declined } = receipt
  const first = receipt.steps[0]?.input
  const tokens = (n: { readonly inputTokens: number; readonly outputTokens: number }) =>
    words('fact.tokens.both', { in: format.count(n.inputTokens), out: format.count(n.outputTokens) })
  return (
    <Facts
      rows={[
        [words('fact.requested'), mono(receipt.requestedModel)],
        [words('fact.served'), receipt.servedModel === null ? words('fact.served.none') : mono(receipt.servedModel)],
        [words('fact.stage'), decision.stage === null ? null : stageName(decision.stage, words)],
        [words('fact.reason'), decision.reason === null ? null : mono(decision.reason)],
        [words('fact.safeguard'), Object.values(receipt.safeguards).join(', ')],
        [words('fact.mode'), first === undefined ? words('mode.off') : words(`mode.${first.mode}`)],
        [words('fact.degraded'), decision.degraded.length === 0 ? null : decision.degraded.join(', ')],
        [words('fact.tokens'), usage === null ? null : tokens(usage)],
        ...declined.map(({ model, usage: asked }): [string, string] => [
          words('fact.tokens.declined'),
          `${model}: ${tokens(asked)}`,
        ]),
        [words('fact.retry_of'), receipt.retryOf === null ? null : mono(receipt.retryOf)],
        [words('fact.overhead'), `${format.ms(receipt.overheadUs)} ms`],
        [words('fact.total'), `${format.ms(receipt.totalUs)} ms`],
        [words('fact.guard'), words(`guard.${receipt.guard.mode}`)],
        [words('fact.end'), words.list(words(`end.${receipt.end}`), String(receipt.status))],
        [
          words('fact.standing'),
          first?.standing.kind === 'trusted'
            ? words('fact.standing.trusted', { scopes: first.standing.scopes.join(', ') })
            : words('fact.standing.ordinary'),
        ],
        [words('fact.org'), receipt.org],
        [words('fact.session'), receipt.session === null ? null : mono(receipt.session)],
        [
          words('fact.surface'),
          receipt.stream ? words('fact.surface.stream', { surface: receipt.surface }) : receipt.surface,
        ],
        [words('fact.topic'), receipt.topic === undefined ? null : segmentName(receipt.topic, words)],
      ]}
    />
  )
}
