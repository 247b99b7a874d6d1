import type { Entry } from '../core/record/entry.ts'

/** `at` may be this much smaller than the largest before it. */
const MOST_BACK_MS = 5000
/** A request keeps the safeguard that it began with, and its entry follows a moment later. */
const MOST_LATE_MS = 600_000
/** Stages in which a release takes part in decisions. */
const DECIDING = new Set(['shadow', 'canary', 'enforcing'])

export interface RecordRules {
  /** Takes the next entry; in order. */
  take(index: number, entry: Entry): void
  /** The first rule that does not hold, or null. */
  readonly broken: { readonly index: number; readonly what: string } | null
}

/**
 * What must hold between entries: their times, and that a decision names only safeguards that had been released by
 * then. After a rollback the release before is in force again; so a label that was superseded may decide again.
 */
export function createRecordRules(): RecordRules {
  let largestMs = 0
  let broken: RecordRules['broken'] = null
  /** When each label stopped to decide; null: it may. */
  const labels = new Map<string, number | null>()
  const fail = (index: number, what: string) => {
    broken ??= { index, what }
  }
  return {
    get broken() {
      return broken
    },
    take(index, { k, at, d }) {
      const atMs = Date.parse(at)
      if (atMs < largestMs - MOST_BACK_MS) fail(index, 'at: is more than 5 s before an entry that stands before it')
      largestMs = Math.max(largestMs, atMs)
      if (k === 'safeguard' && typeof d.label === 'string') {
        const name = `${String(d.slot)} ${d.label}`
        const may = DECIDING.has(String(d.to)) || d.to === 'superseded'
        if (may) labels.set(name, null)
        else if (labels.has(name)) labels.set(name, labels.get(name) ?? atMs)
      }
      if (k !== 'decision') return
      const decidedMs = Date.parse(String(d.decided))
      for (const [slot, label] of Object.entries(d.safeguards as Readonly<Record<string, string>>)) {
        const ended = labels.get(`${slot} ${label}`)
        if (ended === undefined) fail(index, `safeguards.${slot}: \`${label}\` had not been released`)
        else if (ended !== null && decidedMs > ended + MOST_LATE_MS)
          fail(index, `safeguards.${slot}: \`${label}\` was no longer in force`)
      }
    },
  }
}
