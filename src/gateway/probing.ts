import { askedText } from '../core/conversation/asked.ts'
import type { Screening } from './passage.ts'
import type { Ports } from './ports.ts'

/**
 * Counts a request against its caller's probing budget (threats.md T12): one that was refused, or that says nearly what was
 * refused a moment ago. A retry that a credit token of ours announces is none of it.
 */
export function countProbing(
  end: 'refused' | 'answered',
  passage: Screening,
  { probing }: Pick<Ports, 'probing'>,
): void {
  if (passage.retryOf !== null) return
  const asked = () => askedText(passage.exchange)
  if (end === 'refused') probing.refused(passage.caller.principal, asked)
  else probing.answered(passage.caller.principal, asked)
}
