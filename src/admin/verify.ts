import { decide, isNothing, strictest } from '../core/policy/decide.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import type { AdminPorts } from './ports.ts'

/**
 * Does a stored receipt still prove what it says? Its bytes hash to its name, and deciding again from its inputs gives
 * its decision. `recomputed` is false as well when the safeguard that decided is not at hand.
 */
export function verifyReceipt(
  { receipt, line, hash }: StoredReceipt,
  ports: Pick<AdminPorts, 'sha256' | 'safeguardOf'>,
): { readonly hash: boolean; readonly recomputed: boolean } {
  const safeguard = ports.safeguardOf(receipt.safeguards)
  const again = safeguard === null ? null : receipt.steps.map(({ input }) => decide(input, safeguard.policy))
  const steps =
    again?.every((decision, i) => same(isNothing(decision) ? null : decision, receipt.steps[i]!.decision)) ?? false
  const recomputed = steps && same(strictest(again!), receipt.decision)
  return { hash: ports.sha256(line) === hash, recomputed }
}

/** Key order is fixed by construction, and survives JSON, so equal text is equal value. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
