import { canonicalJson } from '../base/canonical-json.ts'
import { ATTACK_FORMS, CATEGORIES, type Category } from '../base/harm.ts'
import type { Tier } from '../governance/register.ts'
import type { CascadeMember, CascadeSettings } from '../policy/cascade.ts'
import { FAIL_ACTIONS } from '../policy/finding.ts'
import type { AttackRule, HarmRule, Thresholds } from '../policy/policy.ts'
import type { Bundle } from './bundle.ts'

/** One value that differs. `tighter`: more is acted on, or more strictly. */
export interface Change {
  /** Where, as people say it: `harm.cyber input act`. */
  readonly at: string
  readonly before: string
  readonly after: string
  readonly effect: 'tighter' | 'looser' | 'other'
}

export interface Difference {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** Why a release is of its tier. */
export type TierCause =
  | 'domain'
  | 'model'
  | 'families'
  | 'cascade'
  | 'thresholds'
  | 'actions'
  | 'rules'
  | 'families_removed'
  | 'sunset'
  | 'nothing'

/** The same in words, for errors and terminals. */
export const TIER_CAUSES: Readonly<Record<TierCause, string>> = {
  domain: 'a domain of its own',
  model: 'another model',
  families: 'attack families added or changed',
  cascade: 'another cascade',
  thresholds: 'thresholds changed',
  actions: 'actions changed',
  rules: 'rules changed',
  families_removed: 'attack families removed',
  sunset: 'another sunset',
  nothing: 'nothing decides otherwise',
}

/** What a bundle would change in its slot. Plain data, for the terminal, the console and the pack. */
export interface Plan {
  readonly slot: string
  /** False: the slot has no safeguard yet. */
  readonly replaces: boolean
  readonly thresholds: readonly Change[]
  readonly actions: readonly Change[]
  readonly rules: Difference
  readonly families: Difference
  readonly model: Change | null
  readonly cascade: readonly Change[]
  readonly sunset: Change | null
  readonly tier: Tier
  /** Why this tier, most serious first. */
  readonly tierBecause: readonly TierCause[]
}

const RUNGS = ['allow', 'flag', 'fall_back', 'require_trust', 'refuse']

/**
 * The difference between what is enforcing and a bundle, and the tier that follows from it. Pure.
 * @param before With `after`, of all slots together where there are domains. @param slot The one that changes.
 * @param replaces Whether it has a safeguard already.
 */
export function planOf(before: Bundle | null, after: Bundle, slot = after.slot, replaces = before !== null): Plan {
  const facts = {
    ...{ slot, replaces },
    thresholds: before === null ? [] : thresholdChanges(before, after),
    actions: before === null ? [] : actionChanges(before, after),
    rules: difference(before?.rules ?? [], after.rules, ({ name }) => name),
    families: difference(before?.families ?? [], after.families, ({ id }) => id),
    model: changed('model', before?.model ?? 'none', after.model ?? 'that of the base slot'),
    cascade: before === null ? [] : cascadeChanges(before.cascade, after.cascade),
    sunset: changed('sunset', before?.sunset ?? 'none', after.sunset ?? 'none'),
  }
  return { ...facts, ...tierOf(facts, !replaces) }
}

/** True when nothing would change. */
export function isSame(plan: Plan): boolean {
  const none = ({ added, removed, changed }: Difference) => added.length + removed.length + changed.length === 0
  const values = [...plan.thresholds, ...plan.actions, plan.model, ...plan.cascade, plan.sunset].filter(
    (one) => one !== null,
  )
  return plan.replaces && values.length === 0 && none(plan.rules) && none(plan.families)
}

/**
 * A tier by what the release declares (governance.md §4). A slot of its own is a new domain; a model, a family or another
 * cascade is a new classifier; everything else that decides otherwise is wording and thresholds.
 */
function tierOf(plan: Omit<Plan, 'tier' | 'tierBecause'>, isNew: boolean): Pick<Plan, 'tier' | 'tierBecause'> {
  const two: TierCause[] = []
  if (plan.model !== null) two.push('model')
  if (plan.families.added.length + plan.families.changed.length > 0) two.push('families')
  if (plan.cascade.length > 0) two.push('cascade')
  const { rules, families } = plan
  const one: TierCause[] = []
  if (plan.thresholds.length > 0) one.push('thresholds')
  if (plan.actions.length > 0) one.push('actions')
  if (rules.added.length + rules.removed.length + rules.changed.length > 0) one.push('rules')
  if (families.removed.length > 0) one.push('families_removed')
  if (plan.sunset !== null) one.push('sunset')
  if (isNew && plan.slot !== 'base') return { tier: 3, tierBecause: ['domain', ...two, ...one] }
  if (two.length > 0) return { tier: 2, tierBecause: [...two, ...one] }
  return one.length > 0 ? { tier: 1, tierBecause: one } : { tier: 0, tierBecause: ['nothing'] }
}

function thresholdChanges(before: Bundle, after: Bundle): Change[] {
  const harms = CATEGORIES.flatMap((category) => {
    const [was, is] = [before.policy.harms[category], after.policy.harms[category]]
    const stages = (['input', 'output', 'exchange'] as const).flatMap((stage) =>
      lines(`harm.${category} ${stage}`, was[stage], is[stage]),
    )
    return [...moved(`harm.${category} ask`, was.ask ?? was.input.clear, is.ask ?? is.input.clear), ...stages]
  })
  const attacks = ATTACK_FORMS.flatMap((form) =>
    lines(`attack.${form} input`, before.policy.attacks[form].input, after.policy.attacks[form].input),
  )
  return [...harms, ...attacks]
}

function lines(at: string, before: Thresholds, after: Thresholds): Change[] {
  return (['clear', 'act', 'actPlus'] as const).flatMap((line) => moved(`${at} ${line}`, before[line], after[line]))
}

function moved(at: string, before: number, after: number): Change[] {
  if (before === after) return []
  return [{ at, before: ppm(before), after: ppm(after), effect: after < before ? 'tighter' : 'looser' }]
}

function actionChanges(before: Bundle, after: Bundle): Change[] {
  const harms = CATEGORIES.flatMap((category) =>
    (['severity', 'atAct', 'atActPlus', 'trustScope'] as const).flatMap((member) =>
      value(`harm.${category} ${member}`, before.policy.harms[category], after.policy.harms[category], member),
    ),
  )
  const attacks = ATTACK_FORMS.flatMap((form) =>
    (['inUserTurn', 'inUntrusted'] as const).flatMap((member) =>
      value(`attack.${form} ${member}`, before.policy.attacks[form], after.policy.attacks[form], member),
    ),
  )
  return [...harms, ...attacks, ...value('uninspected', before.policy, after.policy, 'uninspected')]
}

function value<T extends HarmRule | AttackRule | Bundle['policy']>(at: string, a: T, b: T, member: keyof T): Change[] {
  const [before, after] = [String(a[member] ?? 'none'), String(b[member] ?? 'none')]
  if (before === after) return []
  const [from, to] = [RUNGS.indexOf(before), RUNGS.indexOf(after)]
  const effect = from < 0 || to < 0 ? 'other' : to > from ? 'tighter' : 'looser'
  return [{ at, before, after, effect }]
}

function difference<T>(before: readonly T[], after: readonly T[], nameOf: (item: T) => string): Difference {
  const old = new Map(before.map((item) => [nameOf(item), canonicalJson(item)]))
  const now = new Map(after.map((item) => [nameOf(item), canonicalJson(item)]))
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].filter(([name, text]) => old.has(name) && old.get(name) !== text).map(([name]) => name),
  }
}

function changed(at: string, before: string, after: string): Change | null {
  return before === after ? null : { at, before, after, effect: 'other' }
}

/**
 * Who is asked, and how: order and stop rule first, then what each detector that stays is asked and believed. Which of two
 * orders is stricter depends on who they are; of two fail policies one is.
 */
function cascadeChanges(before: CascadeSettings | null, after: CascadeSettings | null): Change[] {
  const [a, b] = [asked(before), asked(after)]
  const whole = [
    changed('cascade order', orderOf(before), orderOf(after)),
    changed('cascade stop', before?.stop ?? CONFIGURED, after?.stop ?? CONFIGURED),
  ]
  const members = [...b].flatMap(([detector, now]) => {
    const was = a.get(detector)
    return was === undefined ? [] : memberChanges(`cascade ${detector}`, was, now)
  })
  return [...whole.filter((one) => one !== null), ...members]
}

const CONFIGURED = 'as configured'

function asked(settings: CascadeSettings | null): ReadonlyMap<string, CascadeMember> {
  return new Map(settings?.order.map((member) => [member.detector, member]))
}

function orderOf(settings: CascadeSettings | null): string {
  if (settings === null) return CONFIGURED
  return settings.order.map(({ detector }) => detector).join(', ') || 'nobody'
}

function memberChanges(at: string, before: CascadeMember, after: CascadeMember): Change[] {
  const lists = (['stages', 'names', 'covers'] as const).flatMap((member): Change[] => {
    const listed = (one: CascadeMember) => [...one[member]].sort().join(', ') || 'none'
    return [changed(`${at} ${member}`, listed(before), listed(after))].filter((one) => one !== null)
  })
  const categories = [...new Set([...Object.keys(before.onFailure), ...Object.keys(after.onFailure)])].sort()
  const failing = categories.flatMap((category): Change[] => {
    const said = ({ onFailure }: CascadeMember): (typeof FAILING)[number] =>
      onFailure[category as Category | 'default'] ?? 'cheaper stages'
    const [was, now] = [said(before), said(after)]
    if (was === now) return []
    const effect = FAILING.indexOf(now) > FAILING.indexOf(was) ? 'tighter' : 'looser'
    return [{ at: `${at} onFailure ${category}`, before: was, after: now, effect }]
  })
  return [...lists, ...lines(at, before.thresholds, after.thresholds), ...failing]
}

/** Mildest first. */
const FAILING = ['cheaper stages', ...FAIL_ACTIONS] as const

/** Parts per million as the share that people compare. */
function ppm(value: number): string {
  return value > 1_000_000 ? 'never' : (value / 1_000_000).toFixed(6).replace(/0{1,4}$/, '')
}
