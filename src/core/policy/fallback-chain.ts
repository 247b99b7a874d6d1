import { CodedError } from '../base/errors.ts'
import type { Exchange } from '../conversation/exchange.ts'

/** A caller's list names a model that may not answer for the one it asked. */
export class FallbackError extends CodedError<'fallback_not_permitted'> {}

/** Weaker models per requested model, in order of preference; `*` for every model that is not named. */
export type FallbackTargets = Readonly<Record<string, readonly string[]>>

/** One model that may answer instead, and what its request says differently. */
export interface Hop {
  readonly model: string
  readonly overrides: Readonly<Record<string, unknown>>
}

export interface FallbackChain {
  /** Usable at this moment, in order. */
  readonly hops: readonly Hop[]
  /** The caller's own client asks again: a diverted request is answered with a refusal and a credit token. */
  readonly leftToCaller: boolean
}

/** What the operator lets answer instead of `model`; never the model itself. */
export function targetsOf(model: string, targets: FallbackTargets): readonly string[] {
  // The caller chooses the name: `constructor` is a model like any other, and has no list of its own.
  const own = Object.hasOwn(targets, model) ? targets[model] : targets['*']
  return (own ?? []).filter((target) => target !== model)
}

/** A model that is some model's target already is the weaker answer. */
export function isTarget(model: string, targets: FallbackTargets): boolean {
  return Object.values(targets).some((list) => list.includes(model))
}

/**
 * Who may answer instead, by the first row of wire.md §6.1 that matches. A caller's list chooses among the operator's
 * targets and orders them; where the operator names none, the list is the vendor's business and passes by.
 *
 * @param usable False for a model that is suspended or denied to this caller now.
 * @throws {FallbackError} the list names a model that the operator does not allow for the requested one.
 */
export function fallbackChain(
  exchange: Pick<Exchange, 'model' | 'fallback'>,
  targets: FallbackTargets,
  preferServer: boolean,
  usable: (model: string) => boolean,
): FallbackChain {
  const { model, fallback } = exchange
  const permitted = targetsOf(model, targets)
  const own = permitted.filter(usable).map((target): Hop => ({ model: target, overrides: {} }))
  switch (fallback.kind) {
    case 'none':
      return { hops: own, leftToCaller: false }
    case 'default':
      return { hops: own.slice(0, 1), leftToCaller: false }
    case 'caller':
      return { hops: own, leftToCaller: own.length > 0 && !preferServer }
    case 'list': {
      if (permitted.length === 0) return { hops: [], leftToCaller: false }
      for (const [i, entry] of fallback.entries.entries())
        if (!permitted.includes(entry.model))
          throw new FallbackError(
            'fallback_not_permitted',
            `fallbacks[${i}].model: wanted one of ${permitted.join(', ')}`,
          )
      return { hops: fallback.entries.filter((entry) => usable(entry.model)), leftToCaller: false }
    }
  }
}
