import { type Bundle, BundleError, parseBundle } from '../core/safeguards/bundle.ts'
import { inForce } from '../core/safeguards/release.ts'
import { joinedOf } from '../core/safeguards/slots.ts'
import type { ReleaseStore } from '../jobs/release-store-ports.ts'
import type { Applied } from './judge.ts'

export type KnownBundle = Pick<Applied, 'label' | 'bundle' | 'hash'>

/** What this store knows of releases: the bundle behind every label, and what enforces. */
export interface KnownBundles {
  readonly byLabel: ReadonlyMap<string, Bundle>
  /** By slot; without the base slot where what ships with this version decides there. */
  readonly enforcing: ReadonlyMap<string, KnownBundle>
}

/** Told of a bundle that this version cannot read; `fault` says why, and what to do. */
export type Unreadable = (label: string, bundle: string, fault: string) => void

/**
 * Reads the releases of a store once. Labels that a release had before an edit stay those bundles'. A bundle that cannot be
 * read is as unknown as one that is lost, and decides nothing, as in the gateway.
 */
export async function knownBundles(
  store: Pick<ReleaseStore, 'releases' | 'bundle'>,
  embedded: Pick<Applied, 'bundle' | 'label'>,
  unreadable: Unreadable,
): Promise<KnownBundles> {
  const byLabel = new Map([[embedded.label, embedded.bundle]])
  const enforcing = new Map<string, KnownBundle>()
  const all = await store.releases()
  for (const { id, slot, label, bundle: hash, pastLabels } of all) {
    // After a rollback that is the one before: its own stage is over, its place is not.
    const now = inForce(all, slot)
    const decides = now !== null && now.id === id
    const own = label === null ? [] : [{ label, bundle: hash }]
    for (const named of [...own, ...pastLabels]) {
      const text = await store.bundle(named.bundle)
      if (text === null) continue
      const bundle = readable(text, (fault) => unreadable(named.label, named.bundle, fault))
      if (bundle === null) continue
      byLabel.set(named.label, bundle)
      if (decides && named.label === label) enforcing.set(slot, { label: named.label, bundle, hash })
    }
  }
  return { byLabel, enforcing }
}

function readable(text: string, unreadable: (fault: string) => void): Bundle | null {
  try {
    return parseBundle(JSON.parse(text))
  } catch (error) {
    if (!(error instanceof BundleError) && !(error instanceof SyntaxError)) throw error
    unreadable(error instanceof BundleError ? error.message : 'not JSON')
    return null
  }
}

/**
 * What decided under the labels of a receipt, all slots together; null where one of them is not known any more. The same
 * labels give the same object.
 */
export function madeUnder(byLabel: ReadonlyMap<string, Bundle>) {
  const known = new Map<string, Bundle | null>()
  return ({ safeguards }: { readonly safeguards: Readonly<Record<string, string>> }): Bundle | null => {
    const key = JSON.stringify(safeguards)
    const before = known.get(key)
    if (before !== undefined) return before
    const found = Object.entries(safeguards).map(([slot, label]) => [slot, byLabel.get(label)] as const)
    const all = found.filter((one): one is [string, Bundle] => one[1] !== undefined)
    const made = all.length < found.length ? null : joinedOf(new Map(all))
    known.set(key, made)
    return made
  }
}
