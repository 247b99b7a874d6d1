import { canonicalJson } from '../base/canonical-json.ts'
import { reheard, unasked } from '../policy/cascade.ts'
import { decide, strictest } from '../policy/decide.ts'
import type { Decision, DecisionInput } from '../policy/decision.ts'
import type { Finding } from '../policy/finding.ts'
import type { Receipt } from '../policy/receipt.ts'
import type { Bundle } from './bundle.ts'
import type { Rule } from './rules.ts'

/**
 * The decision of `enforce`; or that the stored findings cannot give it, and the text might; or that somebody would have
 * been asked who was not, or about something else (`not_asked`), which no text tells.
 */
export type Recomputed = Decision | 'not_replayable' | 'not_asked'

/**
 * What a bundle would have decided on a stored request, from the findings in its receipt alone: possible where the model,
 * the rules' words and the families are those that made the findings, and whoever the cascade asks was asked. Policy,
 * thresholds, and the action or category of a rule may differ. Never guessed.
 *
 * @param madeBy The bundle that made the findings: what enforced then; null when nobody knows any more.
 */
export function recompute(receipt: Receipt, bundle: Bundle, madeBy: Bundle | null): Recomputed {
  return replayer(bundle, madeBy)(receipt)
}

/** `recompute` for many receipts that one bundle made: what both have in common is compared once. */
export function replayer(bundle: Bundle, madeBy: Bundle | null): (receipt: Receipt) => Recomputed {
  const edit = madeBy === null ? null : editOf(bundle, madeBy)
  if (edit === null) return () => 'not_replayable'
  const alike = madeBy !== null && !other(bundle.cascade, madeBy.cascade) && !other(bundle.policy, madeBy.policy)
  const hears = edit === 'as_stored' && alike ? 'as_stored' : 'anew'
  return (receipt) => {
    const wanted = bundle.model ?? receipt.model
    if (receipt.model !== wanted) return 'not_replayable'
    const steps = receipt.steps.map(({ input }) =>
      edit === 'as_stored' ? input : { ...input, findings: edit(input.findings) },
    )
    const stored = receipt.steps.map(({ input }) => input)
    const heard = hears === 'as_stored' ? steps : underCascade(steps, stored, bundle, madeBy)
    return heard === 'not_asked' ? heard : redecide(heard, bundle)
  }
}

/**
 * The inputs as the bundle's cascade would have left them: from what was said by those who were asked.
 * @param steps What is decided, as it is read now. @param stored The same as it was stored.
 * @param madeBy Null when nobody knows who asked then: as configured, as far as anybody can tell.
 */
export function underCascade(
  steps: readonly DecisionInput[],
  stored: readonly DecisionInput[],
  { cascade, policy }: Asking,
  madeBy: Asking | null,
): readonly DecisionInput[] | 'not_asked' {
  if (cascade === null && (madeBy?.cascade ?? null) === null) return steps
  const heard: DecisionInput[] = []
  for (const [i, input] of steps.entries()) {
    const past =
      madeBy === null ? null : { input: stored[i]!, policy: madeBy.policy, stop: madeBy.cascade?.stop ?? 'settled' }
    const now = cascade === null ? unasked(input, policy) : reheard(input, cascade, policy, past)
    if (now === null) return 'not_asked'
    heard.push(now)
  }
  return heard
}

/** The decision that a bundle comes to on these inputs, in `enforce`. */
export function redecide(inputs: readonly DecisionInput[], { policy }: Pick<Bundle, 'policy'>): Decision {
  return strictest(inputs.map((input) => decide({ ...input, mode: 'enforce' }, policy)))
}

/**
 * True where a request was stopped before it was answered and would be answered now: what the answer would have been, and
 * how that would have been decided, nobody knows.
 */
export function answerUnseen(receipt: Receipt, now: Decision): boolean {
  const stopped = receipt.decision.action === 'refuse' || receipt.decision.action === 'require_trust'
  const answered = receipt.steps.some(({ input }) => input.stage !== 'input')
  return stopped && !answered && now.would !== 'refuse' && now.would !== 'require_trust'
}

/** Of a bundle or a safeguard: who is asked, and when anybody is. */
type Asking = Pick<Bundle, 'cascade' | 'policy'>

type Edit = 'as_stored' | ((findings: readonly Finding[]) => readonly Finding[])

/** What has to be done to stored findings; null where they do not suffice. */
function editOf(bundle: Bundle, madeBy: Bundle): Edit | null {
  if (!other(bundle.rules, madeBy.rules) && !other(bundle.families, madeBy.families)) return 'as_stored'
  const before = new Map(madeBy.rules.map((rule) => [rule.name, rule]))
  const after = new Map(bundle.rules.map((rule) => [rule.name, rule]))
  const known = new Map(madeBy.families.map((family) => [family.id, family]))
  const left = new Set(bundle.families.map(({ id }) => id))
  // New words, and families that learned otherwise, have to be looked for in the text.
  for (const rule of bundle.rules) if (other(wordsOf(rule), wordsOf(before.get(rule.name)))) return null
  for (const family of bundle.families) if (other(family, known.get(family.id))) return null
  return (findings) =>
    findings.flatMap((finding): readonly Finding[] => {
      // What neither bundle knows is the operator's own: it goes on.
      if (finding.kind === 'family') return known.has(finding.family) && !left.has(finding.family) ? [] : [finding]
      if (finding.kind !== 'rule' || !before.has(finding.rule)) return [finding]
      const rule = after.get(finding.rule)
      return rule === undefined ? [] : [{ ...finding, action: rule.action, category: rule.category }]
    })
}

function other(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) !== canonicalJson(b ?? null)
}

function wordsOf(rule: Rule | undefined): unknown {
  return rule === undefined ? null : { stage: rule.stage, phrases: rule.phrases, patterns: rule.patterns }
}
