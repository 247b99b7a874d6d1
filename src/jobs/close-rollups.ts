import type { Sha256 } from '../core/base/digest.ts'
import { type EntryDraft, hashName } from '../core/record/draft.ts'
import { endOfMinute, minuteOf, receiptsRoot } from '../core/record/rollup.ts'
import type { OpenRollup, RecordStore } from './record-ports.ts'

/**
 * Ends every minute that is over with its entry. One that grew in between is left for the next time.
 * @returns how many were closed.
 */
export async function closeRollups(store: RecordStore, sha256: Sha256, nowMs: number): Promise<number> {
  let closed = 0
  for (const rollup of await store.openRollups(minuteOf(nowMs))) {
    const hashes = await store.rollupLeaves(rollup.id)
    if (hashes.length !== rollup.count) continue
    if (await store.closeRollup(rollup, rollupDraft(rollup, receiptsRoot(sha256, hashes)))) closed++
  }
  return closed
}

/** Id of a rollup: its segment and the start of its minute. */
export function rollupName({ segment, minuteMs }: Pick<OpenRollup, 'segment' | 'minuteMs'>): string {
  return `${segment}/${new Date(minuteMs).toISOString()}`
}

function rollupDraft(rollup: OpenRollup, root: string): EntryDraft {
  const { segment, minuteMs, count, actions, would, inputTokens, outputTokens } = rollup
  const some = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0))
  return {
    k: 'rollup',
    who: 'system:drainer',
    about: rollupName(rollup),
    d: {
      segment,
      from: new Date(minuteMs).toISOString(),
      until: new Date(endOfMinute(minuteMs)).toISOString(),
      count,
      actions: some(actions),
      would: some(would),
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      receipts: hashName(root),
    },
  }
}
