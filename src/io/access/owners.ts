import { setTimeout as sleep } from 'node:timers/promises'
import type { OrgId } from '../../core/base/ids.ts'
import type { Owners } from '../../gateway/ports.ts'

export interface OwnersSettings {
  /** Of these ids, those of the organisation, by what the store knows. */
  keptOf(org: OrgId, ids: readonly string[]): Promise<readonly string[]>
  claimKept(org: OrgId, ids: readonly string[]): Promise<void>
  report(event: string, facts: Readonly<Record<string, string | number>>): void
  /** How long what is not known is waited for. */
  readonly waitMs?: number
}

/** Ids at hand in one process, about 15 MB; the store knows all. */
const MOST_REMEMBERED = 100_000
/** Receipts are drained every 200 ms; after several rounds without one there is none. */
const WAIT_MS = 1_500
const ASK_EVERY_MS = 100
/** Ids are told together: one call for what many answers gave. */
const TELL_AFTER_MS = 20

/** Whose is what an upstream keeps: what this process has seen, and beyond it what the store knows. */
export function createOwners({ keptOf, claimKept, report, waitMs = WAIT_MS }: OwnersSettings): Owners & {
  /** Tells what is not told yet. */
  flush(): Promise<void>
} {
  const owners = new Map<string, OrgId>()
  let untold = new Map<OrgId, string[]>()

  const claim = (org: OrgId, ids: readonly string[]) => {
    for (const id of ids) if (!owners.has(id)) owners.set(id, org)
    // Oldest first. What is dropped is found in the store.
    for (const id of owners.keys()) {
      if (owners.size <= MOST_REMEMBERED) break
      owners.delete(id)
    }
  }
  const among = async (org: OrgId, ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const here = ids.filter((id) => owners.get(id) === org)
    const others = ids.filter((id) => owners.get(id) !== org)
    const found = others.length === 0 ? [] : await keptOf(org, others)
    claim(org, found)
    return new Set([...here, ...found])
  }
  const flush = async () => {
    const all = untold
    untold = new Map()
    await Promise.all(
      [...all].map(([org, ids]) =>
        claimKept(org, ids).catch((error: unknown) =>
          // Of an answer with a receipt they come once more with it.
          report('owners.not_told', { ids: ids.length, code: String((error as { code?: unknown }).code ?? 'unknown') }),
        ),
      ),
    )
  }

  return {
    claim,
    among,
    flush,
    tell(org, ids) {
      if (ids.length === 0) return
      claim(org, ids)
      if (untold.size === 0) setTimeout(flush, TELL_AFTER_MS)
      const waiting = untold.get(org)
      if (waiting === undefined) untold.set(org, [...ids])
      else waiting.push(...ids)
    },
    async owns(org, ids, signal) {
      let missing = ids.filter((id) => owners.get(id) !== org)
      const until = performance.now() + waitMs
      while (missing.length > 0) {
        const found = await among(org, missing)
        missing = missing.filter((id) => !found.has(id))
        if (missing.length === 0) break
        if (performance.now() >= until || signal.aborted) return false
        await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined)
      }
      return true
    },
  }
}
