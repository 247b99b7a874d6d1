import type { Exchange } from '../core/conversation/exchange.ts'
import type { Decision, DecisionInput } from '../core/policy/decision.ts'
import { type Finding, isRule } from '../core/policy/finding.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { ADAPTERS } from '../core/protocols/adapters.ts'
import { readJson } from '../core/protocols/json.ts'
import type { Bundle } from '../core/safeguards/bundle.ts'
import { redecide, underCascade } from '../core/safeguards/replay.ts'
import { ruleBook } from '../core/safeguards/rules.ts'
import { answerFinding, inspect, ruleFindings } from '../gateway/inspect.ts'
import type { ScoredTexts } from '../gateway/scored-texts.ts'
import type { Sealer } from '../io/keys/sealer.ts'
import { findContent } from '../io/spool/segments.ts'
import type { Store } from '../jobs/ports.ts'
import type { SealedSegment } from '../jobs/spool-ports.ts'
import { type Applied, familiesOf } from './judge.ts'

export interface Kept {
  readonly exchange: Exchange
  readonly answer: string
}

/** Opened segments that are kept at hand: receipts in order of time come from the same few. */
const MOST_OPEN = 8

/** Kept content by receipt; null when it was not kept, is gone, or is sealed under a key that is gone. */
export function keptContents(store: Pick<Store, 'contentsAt'>, sealer: Pick<Sealer, 'open'>) {
  const open = new Map<string, string>()
  const textOf = async ({ id, subject, blob }: SealedSegment): Promise<string> => {
    const known = open.get(id)
    if (known !== undefined) return known
    const text = (await sealer.open(subject, blob)).toString()
    open.set(id, text)
    if (open.size > MOST_OPEN) open.delete(open.keys().next().value!)
    return text
  }
  return async ({ id, org, atMs, surface, contentKept }: Receipt): Promise<Kept | null> => {
    if (!contentKept) return null
    const adapter = ADAPTERS.find((one) => one.surface === surface)
    if (adapter === undefined) return null
    try {
      for (const segment of await store.contentsAt(org, atMs)) {
        const found = findContent(await textOf(segment), id)
        if (found !== null)
          return { exchange: adapter.decode(readJson(found.request), () => undefined), answer: found.answer }
      }
    } catch {
      // As good as not kept: the case is counted as one that cannot be decided again.
    }
    return null
  }
}

/**
 * Inspects kept content again with a bundle's own model, rules and families, and decides. What no text gives (controls,
 * parts that nothing can read, what those said who were asked) is taken from the receipt.
 * @param ruleNames Rules and families (`family:…`) of the bundles compared: matched again, or gone. Others are the operator's own, and go on.
 */
export function inspectAgain(
  { bundle, classifier }: Pick<Applied, 'bundle' | 'classifier'>,
  ruleNames: ReadonlySet<string>,
) {
  const book = ruleBook(bundle.rules)
  const known = familiesOf(bundle)
  const texts: ScoredTexts = {
    score: (stage, text, context) => classifier.score(text, stage, context),
    scoreOnce: (stage, text, context) => classifier.score(text, stage, context),
  }
  return (
    receipt: Receipt,
    { exchange, answer }: Kept,
    madeBy: Pick<Bundle, 'cascade' | 'policy'> | null,
  ): Decision | 'not_asked' => {
    const asked = inspect(exchange, book, texts, known)
    const answered = (): readonly Finding[] => {
      if (answer === '') return []
      const scores = classifier.score(answer, 'output')
      const together = asked.asked === null ? [] : [answerFinding('exchange', classifier.exchange(asked.asked, scores))]
      return [answerFinding('output', scores), ...together, ...ruleFindings(book, 'output', answer, null)]
    }
    const steps = receipt.steps.map(({ input }): DecisionInput => {
      const found = input.stage === 'input' ? asked.findings : answered()
      return { ...input, findings: [...found, ...input.findings.filter((one) => isGiven(one, ruleNames))] }
    })
    const stored = receipt.steps.map(({ input }) => input)
    const heard = underCascade(steps, stored, bundle, madeBy)
    return heard === 'not_asked' ? heard : redecide(heard, bundle)
  }
}

/** A finding that looking at the text again does not give. */
function isGiven(finding: Finding, ruleNames: ReadonlySet<string>): boolean {
  switch (finding.kind) {
    case 'scored':
      return finding.tier !== 'light'
    case 'uninspected':
      return finding.stage !== 'input'
    case 'unavailable':
      return finding.tier !== 'light' && !isRule(finding)
    case 'rule':
      return !ruleNames.has(finding.rule)
    case 'family':
      return !ruleNames.has(`family:${finding.family}`)
    default:
      return true
  }
}
