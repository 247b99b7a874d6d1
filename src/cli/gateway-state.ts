import { familyBook } from '../core/classifier/family-book.ts'
import type { ReleaseSet } from '../core/safeguards/arm.ts'
import { ruleBook } from '../core/safeguards/rules.ts'
import { asSafeguard, type Safeguard } from '../core/safeguards/safeguard.ts'
import type { GatewayState } from '../gateway/ports.ts'
import type { Config } from '../io/config/config.ts'

/** The weaker model of the rehearsal stands in for every other; an operator's models need an operator's choice. */
const REHEARSAL_FALLBACKS = { '*': ['rehearsal-small'] }

/** What decides at the gateway, as the configuration says it. @throws {RuleError} a rule that cannot be used. */
export function gatewayState(
  config: Config,
  safeguard: Safeguard,
  publicUrl: string,
  rehearsal: boolean,
): Omit<GatewayState, 'mode' | 'exceptions'> {
  return {
    safeguard,
    fallbacks: rehearsal ? { ...REHEARSAL_FALLBACKS, ...config.fallbacks } : config.fallbacks,
    rules: ruleBook(config.rules),
    families: familyBook(config.families),
    suspended: new Map(Object.entries(config.suspended)),
    prefillModels: new Set(config.prefillModels),
    onUpstreamRefusal: config.onUpstreamRefusal,
    trustUpstreamSluice: config.trustUpstreamSluice,
    stripRateLimitHeaders: config.stripRateLimitHeaders,
    passthrough: config.passthrough,
    hooks: { fallBack: config.hooks.fallBack, budgetMs: config.hooks.budgetMs },
    retention: config.retention,
    keepAliveMs: config.keepAliveMs,
    publicUrl,
    appealHours: config.appealHours,
  }
}

/**
 * What decides in the base slot: the release that is enforcing there, else the safeguard that ships with this version.
 * Its rules and families stand beside those of the configuration. @throws {RuleError} a rule that cannot be used.
 */
export function decidingState(
  config: Config,
  embedded: Safeguard,
  releases: ReleaseSet,
): Pick<GatewayState, 'safeguard' | 'rules' | 'families'> {
  const enforcing = releases.base?.enforcing ?? null
  // A model that is not the one loaded here cannot have been released here; the store may be of a later version.
  if (enforcing === null || enforcing.bundle.model !== embedded.model)
    return { safeguard: embedded, rules: ruleBook(config.rules), families: familyBook(config.families) }
  return {
    safeguard: asSafeguard(enforcing.bundle, enforcing.label, embedded.model),
    rules: ruleBook([...config.rules, ...enforcing.bundle.rules]),
    families: familyBook([...config.families, ...enforcing.bundle.families]),
  }
}
