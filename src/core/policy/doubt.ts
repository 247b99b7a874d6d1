import { CATEGORIES, type Category } from '../base/harm.ts'
import { LABEL_CATEGORIES, LABEL_FORMS, LABELS } from '../base/reasons.ts'
import { answeredBy } from './answered.ts'
import { decide } from './decide.ts'
import type { DecisionInput } from './decision.ts'
import { type Finding, type Place, UNKNOWN_LANGUAGE } from './finding.ts'
import { isInDoubt, levelOf, type Policy, type Thresholds } from './policy.ts'
import { categoryOfAttack, strongestHarm } from './weigh.ts'

/**
 * Categories on which the findings so far leave the decision in doubt: something is in its abstain band, or the light
 * tier says of a request's intent more than `ask`, however sure it is, since its word alone is capped. What a second opinion
 * has settled is in doubt no more; of a language that the light tier cannot read, everything is in doubt. In a request only
 * what the user asks now can be: elsewhere nothing has intent.
 */
export function inDoubt(input: DecisionInput, policy: Policy): readonly Category[] {
  const answered = answeredBy(input.findings, policy)
  const doubted = new Set<Category>()
  for (const finding of input.findings) {
    if (isUnread(finding)) for (const category of CATEGORIES) doubted.add(category)
    if (finding.kind !== 'scored') continue
    const { stage, place, tier, ppm, thresholds } = finding
    if (stage === 'input' && !(place.newest && place.trust === 'user')) continue
    for (let label = 0; label < ppm.length; label++) {
      const p = ppm[label]!
      if (p === 0) continue
      const category = LABEL_CATEGORIES[label]!
      if (category === null) {
        const form = LABEL_FORMS[label]!
        const level = stage === 'output' ? null : levelOf(p, thresholds ?? policy.attacks[form].input)
        if (level === 'abstain') doubted.add(categoryOfAttack(form, strongestHarm(input, policy)))
        continue
      }
      const rule = policy.harms[category]
      const level = levelOf(p, thresholds ?? rule[stage])
      const ofIntent = stage === 'input' && tier === 'light'
      if (level === 'abstain' || (ofIntent && isInDoubt(p, rule, stage))) doubted.add(category)
    }
  }
  return [...doubted].filter((category) => !answered(category, input.stage))
}

/** What a detector can say: categories it names, and those that its silence clears. */
export interface Coverage {
  readonly names: readonly Category[]
  readonly covers: readonly Category[]
}

/**
 * Whether the word of one more detector could change the action. Tried is every level, with one category at it and the
 * others at each level too: a stricter level is not always a stricter action (trusted access opens a way that a
 * diversion without a target does not have), and the strongest harm alone names the way on from an attack form. Pure;
 * 16 decisions for each category in doubt, and mostly one is. Where all are, in a language that nobody has read, any word
 * is taken to change something that no rule and no control has refused.
 */
export function mayChange(
  input: DecisionInput,
  doubted: readonly Category[],
  { names, covers }: Coverage,
  policy: Policy,
): boolean {
  const now = decide(input, policy).would
  if (now === 'refuse' && decide({ ...input, findings: input.findings.filter(isFixed) }, policy).would === now)
    return false
  const named = doubted.filter((category) => names.includes(category))
  if (named.length === 0)
    return (
      decide(
        withWord(input, () => 0, covers),
        policy,
      ).would !== now
    )
  if (input.findings.some(isUnread)) return true
  return named.some((category) =>
    LEVELS.some((others) =>
      LEVELS.some((own) => {
        const said = (one: Category) => (one === category ? own : named.includes(one) ? others : 0)
        return decide(withWord(input, said, covers), policy).would !== now
      }),
    ),
  )
}

function isUnread(finding: Finding): boolean {
  return finding.kind === 'uninspected' && finding.media === UNKNOWN_LANGUAGE
}

/** What no other finding softens. */
function isFixed({ kind }: Finding): boolean {
  return kind === 'rule' || kind === 'control'
}

/** Thresholds so close together that a probability at any of them is as good as certain. */
const MARKS: Thresholds = { clear: 999_998, act: 999_999, actPlus: 1_000_000 }
const LEVELS = [0, MARKS.clear, MARKS.act, MARKS.actPlus]

function withWord(
  input: DecisionInput,
  said: (category: Category) => number,
  covers: readonly Category[],
): DecisionInput {
  const ppm = LABELS.map((_, label) => {
    const category = LABEL_CATEGORIES[label]!
    return category === null ? 0 : said(category)
  })
  const { stage } = input
  const tier = 'second_opinion'
  const word: Finding = { kind: 'scored', detector: '', tier, stage, place: ASKED, ppm, covers, thresholds: MARKS }
  return { ...input, findings: [...input.findings, word] }
}

const ASKED: Place = { part: 'user', trust: 'user', turn: 0, newest: true }
