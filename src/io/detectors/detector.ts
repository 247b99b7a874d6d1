import { CATEGORIES, type Category } from '../../core/base/harm.ts'
import type { Thresholds } from '../../core/policy/policy.ts'
import type { SecondOpinion } from '../../gateway/ports.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import type { BreakerSettings } from '../upstream/breaker.ts'
import type { CallSettings } from './detector-calls.ts'

/** A second opinion with what has to be closed at its end. */
export interface Detector extends SecondOpinion {
  /** Whether it is taken for down. */
  state(): 'closed' | 'open' | 'half_open'
  close(): Promise<void>
}

interface Defaults {
  readonly tier: SecondOpinion['tier']
  readonly costUs: number
  readonly budgetMs: number
  readonly names?: readonly Category[]
}

type Known = Omit<SecondOpinion, 'ask'> & { readonly thresholds: Thresholds }

/** What the configuration says of a detector, whatever its kind. */
export function known(config: DetectorConfig, { tier, costUs, budgetMs, names = CATEGORIES }: Defaults): Known {
  const { thresholds, on_failure: declared, categories } = config
  const fail = typeof declared === 'string' ? { default: declared } : (declared ?? {})
  const { clear, act, act_plus: actPlus } = thresholds ?? { clear: 0.3, act: 0.6, act_plus: 0.9 }
  const own = names.filter((one) => categories?.includes(one) ?? true)
  return {
    id: config.id,
    tier,
    stages: new Set(config.stages),
    costUs: config.cost_us ?? costUs,
    budgetMs: config.budget_ms ?? budgetMs,
    names: own,
    covers: own,
    thresholds: { clear: toPpm(clear), act: toPpm(act), actPlus: toPpm(actPlus) },
    onFailure: (category) => fail[category] ?? fail.default ?? null,
  }
}

export function settingsOf(config: Exclude<DetectorConfig, { kind: 'probe' | 'onnx' }>): Omit<CallSettings, 'headers'> {
  const { url, hedge_after_ms: hedgeAfterMs = null } = config
  return { url, hedgeAfterMs, breaker: breakerOf(config) }
}

export function breakerOf({ breaker }: Exclude<DetectorConfig, { kind: 'probe' }>): BreakerSettings {
  return { failures: breaker.failures, openMs: breaker.open_s * 1000 }
}

export function bearer(secret: string | null): Record<string, string> {
  return { 'content-type': 'application/json', ...(secret === null ? {} : { authorization: `Bearer ${secret}` }) }
}

function toPpm(share: number): number {
  return Math.round(share * 1e6)
}
