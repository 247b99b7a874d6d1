import type { Evidence, Release, ReleaseMove } from '../core/safeguards/release.ts'

/** A release as it is to be; `expected` is the version it was read with, null: it is new. */
export interface ReleaseChange {
  readonly release: Release
  readonly expected: number | null
}

/** Safeguard releases. Part of the store. */
export interface ReleaseStore {
  /** A hash that is there already stays as it is. */
  addBundle(bundle: {
    readonly hash: string
    readonly slot: string
    readonly text: string
    readonly atMs: number
    readonly by: string
  }): Promise<void>
  /** The one text of a bundle, or null. */
  bundle(hash: string): Promise<string | null>
  /** All of them, oldest first. */
  releases(): Promise<readonly Release[]>
  release(id: string): Promise<Release | null>
  /**
   * All changes with their moves and evidence, or none of them. Per slot one release is in shadow and one enforcing,
   * of all slots one in canary.
   * @returns false where another change came first, or the place or label has gone to another release.
   */
  changeReleases(
    changes: readonly ReleaseChange[],
    moves: readonly Omit<ReleaseMove, 'seq'>[],
    evidence?: readonly Evidence[],
  ): Promise<boolean>
  /** Oldest first. */
  releaseMoves(id: string): Promise<readonly ReleaseMove[]>
  /** Number of moves of all releases: grows when anything changes, in whatever process. */
  releaseRevision(): Promise<number>
  /** Of all its bundles, oldest first. */
  evidence(release: string): Promise<readonly Evidence[]>
}
