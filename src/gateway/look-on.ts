import { decide, strictest } from '../core/policy/decide.ts'
import type { DecisionInput } from '../core/policy/decision.ts'
import { type Finding, isRule } from '../core/policy/finding.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { underCascade } from '../core/safeguards/replay.ts'
import { inspect, ruleFindings } from './inspect.ts'
import type { Screening } from './passage.ts'
import type { Deciding, Ports } from './ports.ts'

/**
 * What each release that only looks on would have done with this request and its answer: its own rules, families and
 * policy on the scores that are there already. Nothing of the answer depends on it. Where its cascade asks somebody who was
 * not asked, what it would have done is not known, and it says nothing.
 *
 * A rule on an answer sees the answer whole here, where the enforcing one may have stopped it half-way.
 */
export function lookOn(
  answer: readonly string[],
  passage: Screening,
  ports: Pick<Ports, 'scores' | 'report'>,
): NonNullable<Receipt['looks']> {
  return passage.state.onlookers.flatMap((onlooker) => {
    const would = wouldOf(onlooker, answer, passage, ports)
    return would === null ? [] : [{ release: onlooker.release, would }]
  })
}

function wouldOf(
  { safeguard, rules, families }: Deciding,
  answer: readonly string[],
  { steps, exchange, caller, state }: Screening,
  ports: Pick<Ports, 'scores'>,
): NonNullable<Receipt['looks']>[number]['would'] | null {
  const inputs = steps.map(({ input }, i): DecisionInput => {
    const kept = input.findings.filter(isOthers)
    // Hops are decided by the findings of the request: reading it once is enough.
    const anew =
      input.stage === 'input'
        ? inspect(exchange, rules, ports.scores.of(caller.org), families).findings
        : [...input.findings.filter(isScored), ...ruleFindings(rules, 'output', answer.join('\n'), null)]
    return { ...input, mode: 'enforce', findings: i > 0 && input.stage === 'input' ? [] : [...anew, ...kept] }
  })
  const stored = steps.map(({ input }) => input)
  const heard = underCascade(inputs, stored, safeguard, state.safeguard)
  if (heard === 'not_asked') return null
  const decisions = heard.map((input) => decide(input, safeguard.policy))
  return decisions.length === 0 ? 'allow' : strictest(decisions).would
}

function isScored(finding: Finding): boolean {
  return finding.kind === 'scored' && finding.tier === 'light'
}

/** What neither the embedded classifier nor a safeguard's own words found: it stands whoever decides. */
function isOthers(finding: Finding): boolean {
  return (
    finding.kind === 'control' ||
    finding.kind === 'provider_refusal' ||
    finding.kind === 'skipped' ||
    ((finding.kind === 'scored' || finding.kind === 'unavailable') && finding.tier !== 'light' && !isRule(finding))
  )
}
