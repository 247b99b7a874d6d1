import { type Category, isCategory } from '../base/harm.ts'
import type { Decision } from '../policy/decision.ts'
import type { Policy } from '../policy/policy.ts'
import type { ReleaseSet } from './arm.ts'
import type { Bundle } from './bundle.ts'
import type { Safeguard } from './safeguard.ts'

/** The slot of everything that no domain claims. Every other slot is a category of harm, and claims that one. */
export const BASE = 'base'

export function isDomain(slot: string): slot is Category {
  return slot !== BASE && isCategory(slot)
}

type Slotted = { readonly slot: string; readonly policy: Policy }

/**
 * The policy of all slots together: each domain's own rule for its category, the base's for everything else. A request
 * decided by it is decided by every slot, and the strictest outcome counts, as it does among the findings of one slot.
 * An attack form takes its harm from what the slots find in doubt, and its action from the base's rule for the form.
 */
export function joinedPolicy(base: Policy, domains: readonly Slotted[]): Policy {
  if (domains.length === 0) return base
  const own = domains
    .filter(({ slot }) => isDomain(slot))
    .map(({ slot, policy }) => [slot, policy.harms[slot as Category]])
  return { ...base, harms: { ...base.harms, ...Object.fromEntries(own) } }
}

/**
 * What decides a request, as one bundle of the base slot. Rules and families of every slot stand side by side; who is
 * asked for a second opinion is the base slot's to say.
 */
export function joined(base: Bundle, domains: readonly Bundle[]): Bundle {
  if (domains.length === 0) return base
  const all = [base, ...domains]
  return {
    ...base,
    policy: joinedPolicy(base.policy, domains),
    rules: all.flatMap(({ rules }) => rules),
    families: all.flatMap(({ families }) => families),
    // Each ends on its own day.
    sunset: null,
  }
}

/** `joined` for a set of bundles by slot; null without one in the base slot. */
export function joinedOf(bySlot: ReadonlyMap<string, Bundle>): Bundle | null {
  const base = bySlot.get(BASE)
  if (base === undefined) return null
  const domains = [...bySlot].filter(([slot]) => slot !== BASE).sort(([a], [b]) => (a < b ? -1 : 1))
  return joined(
    base,
    domains.map(([, bundle]) => bundle),
  )
}

/** What enforces, by slot. */
export function enforcingIn(releases: ReleaseSet): ReadonlyMap<string, Bundle> {
  const slots = Object.entries(releases)
  return new Map(slots.flatMap(([slot, { enforcing }]) => (enforcing === null ? [] : [[slot, enforcing.bundle]])))
}

/** All that decides together, under the base's label, with the label of every slot. */
export function joinedSafeguard(base: Safeguard, domains: readonly Safeguard[]): Safeguard {
  if (domains.length === 0) return base
  return {
    ...base,
    policy: joinedPolicy(base.policy, domains),
    releases: Object.fromEntries([base, ...domains].map(({ slot, release }) => [slot, release])),
  }
}

/**
 * Label of the slot that a decision is answered for by: its domain's, else the base's. An operator's own rule is answered
 * for by the domain of its category.
 */
export function releaseOf(
  releases: Readonly<Record<string, string>>,
  { reason, category }: Pick<Decision, 'reason' | 'category'>,
): string {
  const domain = reason?.startsWith('harm.') === true && category !== null ? releases[category] : undefined
  return domain ?? releases[BASE] ?? ''
}

/**
 * What stands in the bundle of a slot and would not be read there, or only once another slot is gone: nothing of that was
 * measured. @param enforcing What decides now, by slot; the base's among them. @returns one sentence each.
 */
export function foreignParts(made: Bundle, enforcing: ReadonlyMap<string, Bundle>): readonly string[] {
  if (made.slot !== BASE && !isDomain(made.slot))
    return [`\`${made.slot}\` is no slot: it is \`base\` or a category of harm`]
  const base = enforcing.get(BASE)!
  const { harms } = made.policy
  const isForeign = (category: Category) => (made.slot === BASE ? enforcing.has(category) : category !== made.slot)
  const elsewhere = [
    ...(Object.keys(harms) as Category[])
      .filter((one) => isForeign(one) && !same(harms[one], base.policy.harms[one]))
      .map((one) => `harms.${one}`),
    ...(made.slot === BASE ? [] : foreignToDomain(made, base)),
  ]
  return elsewhere.map((what) => `${what} is not decided in slot \`${made.slot}\`: leave it as it is in force`)
}

function foreignToDomain({ slot, policy, cascade, model, rules }: Bundle, base: Bundle): readonly string[] {
  const { attacks, uninspected } = policy
  const forms = Object.keys(attacks) as (keyof Policy['attacks'])[]
  return [
    ...forms.filter((one) => !same(attacks[one], base.policy.attacks[one])).map((one) => `attacks.${one}`),
    ...(uninspected === base.policy.uninspected ? [] : ['uninspected']),
    ...(cascade === null ? [] : ['cascade']),
    ...(model === null || model === base.model ? [] : ['model']),
    ...rules.filter(({ category }) => category !== slot).map(({ name }) => `the category of rule \`${name}\``),
  ]
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
