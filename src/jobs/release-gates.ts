import { canonicalJson } from '../core/base/canonical-json.ts'
import type { Bundle } from '../core/safeguards/bundle.ts'
import { type Evidence, GATES, type Gate, type GateId } from '../core/safeguards/release.ts'

/** Kinds of gates that a bundle needs measured: what claims to catch something says how much of it is missed. */
export function gatesNeeded(bundle: Bundle): readonly GateId[] {
  const always: readonly GateId[] = ['regression', 'collateral', 'inseparable', 'superset', 'sunset']
  return bundle.families.length > 0 ? ['miss_bound', ...always] : always
}

/**
 * The gates of a pack: each as its newest evidence measured it; a gate measured twice in the same evidence counts as its
 * worst. What follows from the bundle alone is computed here.
 */
export function gatesOf(bundle: Bundle, evidence: readonly Evidence[], nowMs: number, sunsetAtMs: number | null) {
  const gates = new Map<GateId, Gate>()
  for (const { gates: measured, hash } of [...evidence].sort((a, b) => a.atMs - b.atMs)) {
    const own = new Map<GateId, Gate>()
    for (const { id, outcome, says, measured: as } of measured) {
      const before = own.get(id)
      if (before === undefined || badness(outcome) > badness(before.outcome))
        own.set(id, { id, outcome, says, evidence: hash, ...(as === undefined ? {} : { measured: as }) })
    }
    for (const [id, gate] of own) gates.set(id, gate)
  }
  gates.set('sunset', sunsetGate(bundle, nowMs, sunsetAtMs))
  const needed = gatesNeeded(bundle)
  const missing = needed.filter((id) => !gates.has(id))
  // What was measured beyond what is needed counts as well.
  const measured = GATES.flatMap((id) => gates.get(id) ?? [])
  return {
    gates: measured,
    missing,
    outcome: measured.every(({ outcome }) => outcome === 'pass') ? 'pass' : 'fail',
  } as const
}

/** The text whose hash is the manifest: any byte of bundle, evidence or gates that changes gives another. */
export function manifestText(bundle: string, evidence: readonly Evidence[], gates: readonly Gate[]): string {
  const held = evidence.map(({ kind, hash }) => ({ kind, hash })).sort((a, b) => (a.hash < b.hash ? -1 : 1))
  return canonicalJson({ v: 1, bundle, evidence: held, gates })
}

function sunsetGate(bundle: Bundle, nowMs: number, sunsetAtMs: number | null): Gate {
  const days = sunsetAtMs === null ? null : Math.floor((sunsetAtMs - nowMs) / 86_400_000)
  const gate = { id: 'sunset', evidence: null, measured: { kind: 'sunset', ends: bundle.sunset, days } } as const
  if (days === null) return { ...gate, outcome: 'pass', says: 'meant to last: acts until it is superseded' }
  if (days < 8) return { ...gate, outcome: 'fail', says: `ends ${bundle.sunset}, before its review could be held` }
  return {
    ...gate,
    outcome: 'pass',
    says: `temporary: ends ${bundle.sunset}, in ${days} days; its review comes 7 days ahead`,
  }
}

function badness(outcome: Gate['outcome']): number {
  return ['pass', 'inconclusive', 'fail'].indexOf(outcome)
}
