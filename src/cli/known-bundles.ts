import { type Bundle, parseBundle } from '../core/safeguards/bundle.ts'
import { inForce } from '../core/safeguards/release.ts'
import type { ReleaseStore } from '../jobs/ports.ts'
import type { Applied } from './judge.ts'

/** What this store knows of releases: the bundle behind every label, and what enforces in a slot. */
export interface KnownBundles {
  readonly byLabel: ReadonlyMap<string, Bundle>
  /** Label and bundle in force; null where no release is in that slot. */
  readonly enforcing: { readonly label: string; readonly bundle: Bundle; readonly hash: string } | null
}

/** Reads the releases of a store once. Labels that a release had before an edit stay those bundles'. */
export async function knownBundles(
  store: Pick<ReleaseStore, 'releases' | 'bundle'>,
  embedded: Pick<Applied, 'bundle' | 'label'>,
): Promise<KnownBundles> {
  const byLabel = new Map([[embedded.label, embedded.bundle]])
  let enforcing: KnownBundles['enforcing'] = null
  const all = await store.releases()
  // After a rollback that is the one before: its own stage is over, its place is not.
  const now = inForce(all, embedded.bundle.slot)
  for (const { id, label, bundle: hash, pastLabels } of all) {
    const own = label === null ? [] : [{ label, bundle: hash }]
    for (const named of [...own, ...pastLabels]) {
      const text = await store.bundle(named.bundle)
      if (text === null) continue
      const bundle = parseBundle(JSON.parse(text))
      byLabel.set(named.label, bundle)
      if (now !== null && id === now.id && named.label === label) enforcing = { label: named.label, bundle, hash }
    }
  }
  return { byLabel, enforcing }
}
