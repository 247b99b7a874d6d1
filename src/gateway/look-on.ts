import { decide, strictest } from '../core/policy/decide.ts'
import type { Finding } from '../core/policy/finding.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { inspect, ruleFindings } from './inspect.ts'
import type { Screening } from './passage.ts'
import type { Deciding, Ports } from './ports.ts'

/**
 * What each release that only looks on would have done with this request and its answer: its own rules, families and
 * policy on the scores that are there already. Nothing of the answer depends on it.
 *
 * A rule on an answer sees the answer whole here, where the enforcing one may have stopped it half-way.
 */
export function lookOn(
  answer: readonly string[],
  passage: Screening,
  ports: Pick<Ports, 'scores' | 'report'>,
): NonNullable<Receipt['looks']> {
  return passage.state.onlookers.map((onlooker) => ({
    release: onlooker.safeguard.release,
    would: wouldOf(onlooker, answer, passage, ports),
  }))
}

function wouldOf(
  { safeguard, rules, families }: Deciding,
  answer: readonly string[],
  { steps, exchange, caller }: Screening,
  ports: Pick<Ports, 'scores'>,
): NonNullable<Receipt['looks']>[number]['would'] {
  const decisions = steps.map(({ input }, i) => {
    const kept = input.findings.filter(isOthers)
    // Hops are decided by the findings of the request: reading it once is enough.
    const anew =
      input.stage === 'input'
        ? inspect(exchange, rules, ports.scores.of(caller.org), families).findings
        : [...input.findings.filter(isScored), ...ruleFindings(rules, 'output', answer.join('\n'), null)]
    return decide(
      { ...input, mode: 'enforce', findings: i > 0 && input.stage === 'input' ? [] : [...anew, ...kept] },
      safeguard.policy,
    )
  })
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
    ((finding.kind === 'scored' || finding.kind === 'unavailable') && finding.tier !== 'light')
  )
}
