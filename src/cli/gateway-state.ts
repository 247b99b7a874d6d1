import { familyBook } from '../core/classifier/family-book.ts'
import { type Named, type ReleaseSet, trialOf } from '../core/safeguards/arm.ts'
import { type RuleWatch, ruleBook } from '../core/safeguards/rules.ts'
import { asSafeguard, type Safeguard } from '../core/safeguards/safeguard.ts'
import { BASE, joinedOf, joinedSafeguard } from '../core/safeguards/slots.ts'
import type { Deciding, GatewayState } from '../gateway/ports.ts'
import type { Config } from '../io/config/config.ts'
import { bundleOfSafeguard } from './embedded.ts'

/** The weaker model of the rehearsal stands in for every other; an operator's models need an operator's choice. */
const REHEARSAL_FALLBACKS = { '*': ['rehearsal-small'] }

/** What decides at the gateway, as the configuration says it. @throws {RuleError} a rule that cannot be used. */
export function gatewayState(
  config: Config,
  safeguard: Safeguard,
  publicUrl: string,
  rehearsal: boolean,
  watch: RuleWatch,
): Omit<GatewayState, 'mode' | 'exceptions' | 'canary' | 'onlookers'> {
  return {
    safeguard,
    arm: 'enforcing',
    trial: null,
    fallbacks: rehearsal ? { ...REHEARSAL_FALLBACKS, ...config.fallbacks } : config.fallbacks,
    rules: ruleBook(config.rules, watch),
    families: familyBook(config.families),
    suspended: new Map(
      Object.entries(config.suspended).map(([model, { since, until, briefUrl }]) => [
        model,
        { since, until, untilMs: until === null ? null : Date.parse(until), briefUrl },
      ]),
    ),
    prefillModels: new Set(config.prefillModels),
    onUpstreamRefusal: config.onUpstreamRefusal,
    trustUpstreamSluice: config.trustUpstreamSluice,
    stripRateLimitHeaders: config.stripRateLimitHeaders,
    sharedIds: new Set(config.sharedUpstreamIds),
    passthrough: config.passthrough,
    hooks: { fallBack: config.hooks.fallBack, budgetMs: config.hooks.budgetMs },
    retention: config.retention,
    keepAliveMs: config.keepAliveMs,
    publicUrl,
    appealHours: config.appealHours,
  }
}

/**
 * What decides: in every slot the release that is enforcing there, in the base slot else the safeguard that ships with
 * this version; beside it the release on trial, and those that only look on, each as if it were in force in its slot. Rules
 * and families of releases stand beside those of the configuration. @throws {RuleError} a rule that cannot be used.
 *
 * @param orgs How many organisations there are: many are shared out whole, few by their sessions.
 */
export function decidingState(
  config: Config,
  embedded: Safeguard,
  releases: ReleaseSet,
  orgs: number,
  watch: RuleWatch,
): Deciding & Pick<GatewayState, 'canary' | 'onlookers'> {
  // A model that is not the one loaded here cannot have been released here; the store may be of a later version.
  const usable = (named: Named | null | undefined): named is Named =>
    named != null && (named.bundle.model ?? embedded.model) === embedded.model
  const enforcing = new Map(
    Object.entries(releases).flatMap(([slot, { enforcing }]) => (usable(enforcing) ? [[slot, enforcing]] : [])),
  )
  const shipped: Named = { release: 'embedded', label: embedded.release, hash: '', bundle: bundleOfSafeguard(embedded) }
  if (!enforcing.has(BASE)) enforcing.set(BASE, shipped)
  const together = (bySlot: ReadonlyMap<string, Named>): Deciding => {
    const { rules, families } = joinedOf(new Map([...bySlot].map(([slot, { bundle }]) => [slot, bundle])))!
    const safeguards = [...bySlot.values()].map(({ bundle, label }) => asSafeguard(bundle, label, embedded.model))
    return {
      safeguard: joinedSafeguard(
        safeguards.find(({ slot }) => slot === BASE)!,
        safeguards.filter(({ slot }) => slot !== BASE),
      ),
      rules: ruleBook([...config.rules, ...rules], watch),
      families: familyBook([...config.families, ...families]),
    }
  }
  const instead = (slot: string, named: Named) => together(new Map([...enforcing, [slot, named]]))
  const slots = Object.entries(releases)
  // One trial at a time, whatever its slot: two that shared sessions could not be told apart.
  const trial = slots.find(([, { canary }]) => usable(canary))
  return {
    ...together(enforcing),
    canary:
      trial === undefined
        ? null
        : {
            trialOf: (org, session) => trialOf(trial[1], org, session, orgs),
            deciding: instead(trial[0], trial[1].canary!),
          },
    onlookers: slots.flatMap(([slot, { shadow, dryRuns }]) =>
      [shadow, ...dryRuns].filter(usable).map((named) => ({ ...instead(slot, named), release: named.label })),
    ),
  }
}
