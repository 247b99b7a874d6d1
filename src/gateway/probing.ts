import { askedText, questionText } from '../core/conversation/asked.ts'
import type { Screening } from './passage.ts'
import type { Ports } from './ports.ts'
import { effective } from './settle.ts'

/**
 * Counts a request against its caller's probing budget (threats.md T12): one that was refused, or that says nearly what was
 * refused a moment ago. A retry that a credit token of ours announces is none of it, nor is asking for a suspended model:
 * such a refusal tells nothing of how texts are judged.
 */
export function countProbing(
  end: 'refused' | 'answered',
  passage: Pick<Screening, 'retryOf' | 'exchange' | 'caller' | 'steps'>,
  { probing }: Pick<Ports, 'probing'>,
): void {
  const { retryOf, exchange, caller } = passage
  if (retryOf !== null) return
  const asked = () => askedText(exchange)
  if (end === 'answered') probing.answered(caller.principal, asked, () => questionText(exchange))
  else if (effective(passage).reason !== 'control.suspended') probing.refused(caller.principal, asked)
}
