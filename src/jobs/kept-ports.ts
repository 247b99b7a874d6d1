import type { OrgId } from '../core/base/ids.ts'

/** Whose is what an upstream keeps. Part of the store. */
export interface KeptStore {
  /** An id that is there already stays with whom it belongs to. */
  claimKept(org: OrgId, ids: readonly string[], atMs: number): Promise<void>
  /** Of these ids, those of the organisation: one of another's is as one that is not there. */
  keptOf(org: OrgId, ids: readonly string[]): Promise<readonly string[]>
}
