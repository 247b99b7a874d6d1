import type { CascadeSettings } from '../policy/cascade.ts'
import type { Policy } from '../policy/policy.ts'
import type { Bundle } from './bundle.ts'

/**
 * One version of model, thresholds and policy for one slot: what a decision names, and what makes it recomputable.
 * Immutable; a change is a new release.
 */
export interface Safeguard {
  readonly slot: string
  /** Label on the wire and in receipts, `<slot>-YYYY.MM.DD[.n]`. */
  readonly release: string
  /** Labels by slot, of all that decide together; its own alone, unless domains decide beside it. */
  readonly releases: Readonly<Record<string, string>>
  readonly policy: Policy
  /** `sha256:` of the classifier's model file. */
  readonly model: string
  /** Who is asked where the light tier is in doubt; null: as configured. */
  readonly cascade: CascadeSettings | null
}

/** A bundle under its label, as it decides. @param baseModel Model of the base slot, for a bundle that names none. */
export function asSafeguard(
  { slot, policy, model, cascade }: Pick<Bundle, 'slot' | 'policy' | 'model' | 'cascade'>,
  release: string,
  baseModel: string,
): Safeguard {
  return { slot, release, releases: { [slot]: release }, policy, model: model ?? baseModel, cascade }
}
