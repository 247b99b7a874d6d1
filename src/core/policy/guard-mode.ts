import type { Decision } from './decision.ts'
import type { Finding } from './finding.ts'
import type { Mode } from './policy.ts'

/** How much of a streamed answer is held back until it has been scored (wire.md §13). */
export type GuardMode = 'hold' | 'lag' | 'annotate'

/**
 * The input verdict chooses: clean answers leave at once and are scanned alongside; grey ones lag behind the scan; a
 * request that reached `act` and is served all the same (a fallback hop, a trusted caller) is held block by block.
 * Observe never holds: it must not be felt.
 *
 * @param least What the operator's rules for answers need at least.
 */
export function guardMode(
  decision: Decision,
  findings: readonly Finding[],
  mode: Mode,
  least: 'annotate' | 'lag' = 'annotate',
): GuardMode {
  if (mode !== 'enforce') return 'annotate'
  const reachedAct = decision.level === 'act' || decision.level === 'act+'
  if (reachedAct && decision.action !== 'flag') return 'hold'
  const inDoubt = decision.would !== 'allow' || findings.some((finding) => finding.kind === 'unavailable')
  return inDoubt ? 'lag' : least
}
