import { type Suspension, suspensionOf } from '../core/governance/suspension.ts'
import { targetsOf } from '../core/policy/fallback-chain.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import type { GatewayState } from './ports.ts'

type Standing = Pick<GatewayState, 'suspended' | 'fallbacks'>

/** A model was asked for that may not answer now. */
export class SuspendedError extends Error {
  readonly error: WireError
  constructor(error: WireError) {
    super(error.code)
    this.error = error
  }
}

/** @throws {SuspendedError} the model may not answer at that time. */
export function assertUsable(model: string, state: Standing, atMs: number): void {
  const suspension = suspensionOf(model, state.suspended, atMs)
  if (suspension !== null) throw new SuspendedError(suspendedError(model, suspension, state, atMs))
}

/** Says that a model may not answer, and which of those that the operator names for it may. */
export function suspendedError(model: string, suspension: Suspension, state: Standing, atMs: number): WireError {
  const { suspended, fallbacks } = state
  const alternatives = targetsOf(model, fallbacks).filter((target) => suspensionOf(target, suspended, atMs) === null)
  return wireErrors.modelSuspended(model, suspension, alternatives)
}
