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
    // The first day on which it is another one.
    sunset: all.flatMap(({ sunset }) => sunset ?? []).sort()[0] ?? null,
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

/** Label of the slot that a decision is answered for by: its domain's, else the base's. */
export function releaseOf(
  { releases, release }: Safeguard,
  { reason, category }: Pick<Decision, 'reason' | 'category'>,
) {
  return (reason?.startsWith('harm.') === true && category !== null && releases[category]) || release
}

/**
 * What stands in a domain's bundle and would never be read, or not told apart from another slot's.
 * @param others What decides beside it, as `joined` makes it. @returns one sentence each.
 */
export function foreignParts(domain: Bundle, others: Bundle): readonly string[] {
  if (domain.slot === BASE) return []
  if (!isDomain(domain.slot)) return [`\`${domain.slot}\` is no slot: it is \`base\` or a category of harm`]
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  const { harms, attacks, uninspected } = domain.policy
  const harm = Object.keys(harms) as Category[]
  const form = Object.keys(attacks) as (keyof Policy['attacks'])[]
  const elsewhere = [
    ...harm
      .filter((one) => one !== domain.slot && !same(harms[one], others.policy.harms[one]))
      .map((one) => `harms.${one}`),
    ...form.filter((one) => !same(attacks[one], others.policy.attacks[one])).map((one) => `attacks.${one}`),
    ...(uninspected === others.policy.uninspected ? [] : ['uninspected']),
    ...(domain.cascade === null ? [] : ['cascade']),
    ...(domain.model === null || domain.model === others.model ? [] : ['model']),
  ].map((what) => `${what} is not of slot \`${domain.slot}\`: change it in the slot that decides it`)
  const taken = new Set(others.rules.map(({ name }) => name))
  const known = new Set(others.families.map(({ id }) => id))
  return [
    ...elsewhere,
    ...domain.rules.filter(({ name }) => taken.has(name)).map(({ name }) => `rule \`${name}\` stands in another slot`),
    ...domain.families.filter(({ id }) => known.has(id)).map(({ id }) => `family \`${id}\` stands in another slot`),
  ]
}
