import { LABELS } from '../../src/core/base/reasons.ts'
import type { DecisionInput } from '../../src/core/policy/decision.ts'
import { ORDINARY } from '../../src/core/trust/standing.ts'

/** What is decided of an answer in which one category of harm was found with that probability, parts per million. */
export function anAnswer(category: string, ppm: number): DecisionInput {
  const place = { part: 'assistant', trust: 'untrusted', turn: -1, newest: true } as const
  const scores = LABELS.map((label) => (label === `harm.${category}` ? ppm : 0))
  return {
    ...{ stage: 'output', standing: ORDINARY, mode: 'enforce', fallbackModel: 'small', asksFallbackTarget: false },
    findings: [{ kind: 'scored', detector: 'light', tier: 'light', stage: 'output', place, ppm: scores }],
  }
}
