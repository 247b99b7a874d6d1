import { type Bundle, BundleError, parseBundle } from '../core/safeguards/bundle.ts'
import { type Plan, planOf } from '../core/safeguards/plan.ts'
import { inForce } from '../core/safeguards/release.ts'
import { BASE, foreignParts, joinedOf } from '../core/safeguards/slots.ts'
import { nameOf } from './release-guards.ts'
import { ReleaseError, type ReleasePorts } from './release-ports.ts'

/** What decides in one slot now. */
export interface InForce {
  readonly label: string
  /** Null: what ships with this version. */
  readonly release: string | null
  readonly bundle: Bundle
}

/** What decides in every slot, and what one of them would change. @param bundle Of a hash that releases name. */
export function createSlots({ store, base }: ReleasePorts, bundle: (hash: string) => Promise<Bundle>) {
  const inSlots = async (): Promise<ReadonlyMap<string, InForce>> => {
    const all = await store.releases()
    const found = new Map<string, InForce>([[BASE, { label: base.label, release: null, bundle: base.bundle }]])
    for (const slot of new Set(all.map((one) => one.slot))) {
      const release = inForce(all, slot)
      if (release !== null)
        found.set(slot, { label: nameOf(release), release: release.id, bundle: await bundle(release.bundle) })
    }
    return found
  }
  const bundlesOf = (slots: ReadonlyMap<string, InForce>) =>
    new Map([...slots].map(([slot, one]) => [slot, one.bundle] as const))

  /**
   * Each slot decides its own: what else stands in a bundle would be released and not be read, or be read unmeasured once
   * another slot is gone. All slots together are a bundle as well, with names that differ and a size.
   * @throws {ReleaseError}
   */
  const assertOwn = async (made: Bundle): Promise<void> => {
    const now = bundlesOf(await inSlots())
    const faults = [...foreignParts(made, now)]
    try {
      parseBundle(joinedOf(new Map([...now, [made.slot, made]])))
    } catch (error) {
      if (!(error instanceof BundleError)) throw error
      faults.push(`beside the other slots: ${error.message}`)
    }
    if (faults.length === 0) return
    const next = 'start from `sluice safeguard export` of what is in force'
    throw new ReleaseError('bundle_invalid', faults.join('; '), next)
  }

  return {
    enforcing: async (slot: string): Promise<InForce | null> => (await inSlots()).get(slot) ?? null,

    /** All that decides, as one bundle; it has the hash of the base slot's where there is no other. */
    together: async (): Promise<Bundle> => joinedOf(bundlesOf(await inSlots()))!,

    /** What a bundle would change of what all slots decide. @throws {ReleaseError} it holds what its slot does not decide. */
    plan: async (made: Bundle): Promise<Plan & { readonly against: string | null }> => {
      await assertOwn(made)
      const slots = await inSlots()
      const now = bundlesOf(slots)
      const before = { ...joinedOf(now)!, sunset: now.get(made.slot)?.sunset ?? null }
      const after = { ...joinedOf(new Map([...now, [made.slot, made]]))!, sunset: made.sunset }
      const plan = planOf(before, after, made.slot, slots.has(made.slot))
      return { ...plan, against: slots.get(made.slot)?.label ?? null }
    },

    assertOwn,
  }
}
