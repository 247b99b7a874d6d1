import type { Category } from '../base/harm.ts'
import type { DecisionInput } from './decision.ts'
import { type Coverage, inDoubt, mayChange } from './doubt.ts'
import { type FailAction, type Finding, isRule } from './finding.ts'
import type { Policy, Thresholds } from './policy.ts'

/** Why a detector was not asked. */
export type Skipped =
  /** The light tier is sure, or sure enough that policy lets it decide. */
  | 'not_in_doubt'
  /** A second opinion before it has settled the matter. */
  | 'settled'
  /** Whatever it said, the action would be the same. */
  | 'cannot_change'
  /** It does not read this side of an exchange. */
  | 'stage'
  | Circumstance

/** What kept a detector from being asked that is no decision of the safeguard's. */
export type Circumstance =
  /** The answer streams: nobody waits for a judge in the middle of one. */
  | 'stream'
  /** Whoever waits for the verdict waits no longer. */
  | 'no_time'
  /** The endpoint answers by itself, without asking anyone. */
  | 'surface'

/**
 * When enough have been asked. `settled`: the first that is sure ends it. `cannot_change`: whoever could still change the
 * action is asked, so that a word that clears is heard twice.
 */
export const STOPS = ['settled', 'cannot_change'] as const
export type Stop = (typeof STOPS)[number]

/** What a cascade needs to know of a heavier detector. */
export interface Member extends Coverage {
  readonly id: string
  readonly stages: ReadonlySet<'input' | 'output'>
  /** Its own, since a threshold holds for the scores it was measured on; null for the policy's. */
  readonly thresholds: Thresholds | null
  /** What follows where it does not answer; null: the cheaper stages decide. */
  onFailure(category: Category): FailAction | null
}

/** One heavier detector as a safeguard asks it. Where it is, what opens it and how long it may take is configuration. */
export interface CascadeMember extends Coverage {
  /** Its id in the configuration. */
  readonly detector: string
  readonly stages: readonly ('input' | 'output')[]
  /** Parts per million of its own probabilities. */
  readonly thresholds: Thresholds
  /** By category, else `default`; where neither is named, the cheaper stages decide. */
  readonly onFailure: Readonly<Partial<Record<Category | 'default', FailAction>>>
}

/** Who is asked where the light tier is in doubt, in this order, and when it is enough. Part of a safeguard. */
export interface CascadeSettings {
  readonly order: readonly CascadeMember[]
  readonly stop: Stop
}

/** What a detector of a configuration can be asked. */
export interface Able extends Coverage {
  readonly id: string
  readonly reads: readonly ('input' | 'output')[]
}

/** Everything that a cascade asks of detectors that are not there, or cannot do it; with its place. */
export function cascadeFaults({ order }: CascadeSettings, detectors: readonly Able[]): readonly string[] {
  return order.flatMap((member) => {
    const found = detectors.find(({ id }) => id === member.detector)
    const fault = found === undefined ? 'is not under `detectors:` of the configuration' : memberFault(member, found)
    return fault === null ? [] : [`cascade: \`${member.detector}\` ${fault}`]
  })
}

/** Why a member cannot be asked of a detector; null: it can. */
export function memberFault(member: CascadeMember, { id, reads, names, covers }: Able): string | null {
  if (id !== member.detector) return 'is another one'
  const unread = member.stages.find((stage) => !reads.includes(stage))
  if (unread !== undefined) return `does not read \`${unread}\``
  const unnamed = member.names.find((category) => !names.includes(category))
  if (unnamed !== undefined) return `says nothing of \`${unnamed}\``
  const uncovered = member.covers.find((category) => !covers.includes(category))
  return uncovered === undefined ? null : `clears no \`${uncovered}\` by its silence`
}

/** A member as the settings say it. */
export function memberOf({ detector: id, stages, names, covers, thresholds, onFailure }: CascadeMember): Member {
  return {
    ...{ id, stages: new Set(stages), names, covers, thresholds },
    onFailure: (category) => onFailure[category] ?? onFailure.default ?? null,
  }
}

/** Someone to ask, and what is in doubt. */
export interface Turn<M extends Member> {
  readonly member: M
  readonly doubted: readonly Category[]
}

/**
 * The cascade itself, without asking anybody: yields whom to ask next and is given what came of it, to the end, when it
 * returns all findings, those it began with first. Gateway and replay walk it alike, so what is predicted is what happens.
 * @param bar What keeps a member from being asked now, beyond the findings; null: nothing.
 */
export function* cascade<M extends Member>(
  input: DecisionInput,
  members: readonly M[],
  stop: Stop,
  policy: Policy,
  bar: (member: M) => Circumstance | null,
): Generator<Turn<M>, readonly Finding[], Finding> {
  const stage = input.stage === 'input' ? 'input' : 'output'
  const findings = [...input.findings]
  const atFirst = inDoubt(input, policy)
  let doubted = atFirst
  let answered = false
  for (const member of members) {
    const why = whyNot(member, stage, { ...input, findings }, doubted, policy, bar)
    if (why !== null) {
      const said = why === 'not_in_doubt' && answered ? 'settled' : why
      findings.push({ kind: 'skipped', detector: member.id, stage, why: said })
      continue
    }
    const found = yield { member, doubted }
    findings.push(found)
    answered ||= found.kind === 'scored'
    doubted = doubtedOf({ ...input, findings }, atFirst, stop, policy)
  }
  return findings
}

/** What is in doubt after some were heard. */
function doubtedOf(
  input: DecisionInput,
  atFirst: readonly Category[],
  stop: Stop,
  policy: Policy,
): readonly Category[] {
  const now = inDoubt(input, policy)
  return stop === 'settled' ? now : [...new Set([...atFirst, ...now])]
}

function whyNot<M extends Member>(
  member: M,
  stage: 'input' | 'output',
  input: DecisionInput,
  doubted: readonly Category[],
  policy: Policy,
  bar: (member: M) => Circumstance | null,
): Skipped | null {
  if (!member.stages.has(stage)) return 'stage'
  if (doubted.length === 0) return 'not_in_doubt'
  return bar(member) ?? (mayChange(input, doubted, member, policy) ? null : 'cannot_change')
}

/** What the operator declared for those of the categories in doubt that a member was asked about in vain. */
export function failures(member: Member, doubted: readonly Category[]): Pick<Unavailable, 'onFailure'> {
  const onFailure = doubted.flatMap((category) => {
    const action = member.onFailure(category)
    return action === null ? [] : [{ category, action }]
  })
  return onFailure.length > 0 ? { onFailure } : {}
}

type Unavailable = Extract<Finding, { kind: 'unavailable' }>

/** A decision as it was stored, and what had decided whom to ask. */
export interface Past {
  readonly input: DecisionInput
  readonly policy: Policy
  readonly stop: Stop
}

/**
 * What a cascade would have made of a stored decision: walked over what was said by those who were asked. Null where it
 * would have asked somebody else, or about something else: nobody knows what they would have said.
 * @param input The decision's input as it is read now, whatever others said in it as stored.
 * @param past Null when nobody knows any more what was asked then: then no answer counts.
 */
export function reheard(
  input: DecisionInput,
  settings: CascadeSettings,
  policy: Policy,
  past: Past | null,
): DecisionInput | null {
  const said = new Map(input.findings.filter(isOpinion).map((finding) => [finding.detector, finding]))
  const about = past === null ? new Map<string, string>() : questionsOf(past)
  const walk = cascade(withoutOpinions(input), settings.order.map(memberOf), settings.stop, policy, ({ id }) => {
    const found = said.get(id)
    return found?.kind === 'skipped' && isCircumstance(found.why) ? found.why : null
  })
  let next = walk.next()
  while (next.done !== true) {
    const { member, doubted } = next.value
    const found = said.get(member.id)
    if (found === undefined || found.kind === 'skipped') return null
    if (found.kind === 'scored' && about.get(member.id) !== named(doubted)) return null
    next = walk.next(asSaidTo(member, doubted, found))
  }
  return { ...input, findings: next.value }
}

/** What each detector was asked about, in the order in which they were. */
function questionsOf({ input, policy, stop }: Past): ReadonlyMap<string, string> {
  const alone = withoutOpinions(input)
  const atFirst = inDoubt(alone, policy)
  const findings = [...alone.findings]
  const about = new Map<string, string>()
  for (const finding of input.findings.filter(isOpinion)) {
    about.set(finding.detector, named(doubtedOf({ ...input, findings }, atFirst, stop, policy)))
    findings.push(finding)
  }
  return about
}

function named(categories: readonly Category[]): string {
  return [...categories].sort().join()
}

/** The same where nobody knows whom the cascade asks: only where nothing is in doubt is it all the same. */
export function unasked(input: DecisionInput, policy: Policy): DecisionInput | null {
  const alone = withoutOpinions(input)
  return inDoubt(alone, policy).length === 0 ? alone : null
}

function asSaidTo(member: Member, doubted: readonly Category[], found: Opinion): Finding {
  if (found.kind === 'scored') {
    const { thresholds: _, ...rest } = found
    return { ...rest, covers: member.covers, ...(member.thresholds === null ? {} : { thresholds: member.thresholds }) }
  }
  const { onFailure: _, ...rest } = found
  return { ...rest, ...failures(member, doubted) }
}

type Opinion = Extract<Finding, { kind: 'scored' | 'unavailable' }>

function withoutOpinions(input: DecisionInput): DecisionInput {
  return { ...input, findings: input.findings.filter((finding) => !isOpinion(finding)) }
}

/** What a heavier detector said, or why it said nothing. */
function isOpinion(finding: Finding): finding is Opinion | Extract<Finding, { kind: 'skipped' }> {
  if (finding.kind === 'skipped') return WHY.has(finding.why)
  return (finding.kind === 'scored' || finding.kind === 'unavailable') && finding.tier !== 'light' && !isRule(finding)
}

function isCircumstance(why: string): why is Circumstance {
  return CIRCUMSTANCES.has(why)
}

const CIRCUMSTANCES: ReadonlySet<string> = new Set<Circumstance>(['stream', 'no_time', 'surface'])
/** Other detectors are skipped for reasons of their own. */
const WHY: ReadonlySet<string> = new Set<Skipped>([
  ...(['not_in_doubt', 'settled', 'cannot_change', 'stage', 'stream', 'no_time', 'surface'] as const),
])
