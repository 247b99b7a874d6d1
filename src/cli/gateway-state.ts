import { familyBook } from '../core/classifier/family-book.ts'
import { type Named, type ReleaseSet, trialOf } from '../core/safeguards/arm.ts'
import { type RuleWatch, ruleBook } from '../core/safeguards/rules.ts'
import { asSafeguard, type Safeguard } from '../core/safeguards/safeguard.ts'
import type { Deciding, GatewayState } from '../gateway/ports.ts'
import type { Config } from '../io/config/config.ts'

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
    suspended: new Map(Object.entries(config.suspended)),
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
 * What decides in the base slot: the release that is enforcing there, else the safeguard that ships with this version;
 * beside it the release on trial, and those that only look on. Rules and families of a release stand beside those of the
 * configuration. @throws {RuleError} a rule that cannot be used.
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
  const slot = releases.base
  const decidingOf = (named: Named | null | undefined): Deciding | null =>
    // A model that is not the one loaded here cannot have been released here; the store may be of a later version.
    named == null || named.bundle.model !== embedded.model
      ? null
      : {
          safeguard: asSafeguard(named.bundle, named.label, embedded.model),
          rules: ruleBook([...config.rules, ...named.bundle.rules], watch),
          families: familyBook([...config.families, ...named.bundle.families]),
        }
  const shipped = { safeguard: embedded, rules: ruleBook(config.rules, watch), families: familyBook(config.families) }
  const trial = decidingOf(slot?.canary)
  return {
    ...(decidingOf(slot?.enforcing) ?? shipped),
    canary:
      slot === undefined || trial === null
        ? null
        : { trialOf: (org, session) => trialOf(slot, org, session, orgs), deciding: trial },
    onlookers: [slot?.shadow, ...(slot?.dryRuns ?? [])].flatMap((named) => decidingOf(named) ?? []),
  }
}
