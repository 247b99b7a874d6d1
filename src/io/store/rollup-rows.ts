import { type Kysely, sql } from 'kysely'
import { ACTIONS, type Action } from '../../core/policy/policy.ts'
import { endOfMinute } from '../../core/record/rollup.ts'
import type { OpenRollup } from '../../jobs/record-ports.ts'
import type { SpooledReceipt } from '../../jobs/spool-ports.ts'
import { SUMS } from './record-migration.ts'
import type { Tables } from './schema.ts'

/** A new receipt, as far as a rollup sums it. */
export interface Summed {
  readonly decision: string
  readonly hash: string
  readonly segment: string
  readonly minuteMs: number
  readonly action: Action
  readonly would: Action
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Null for a receipt that no record was derived from. */
export function summed({ head, hash, record }: SpooledReceipt): Summed | null {
  if (record === undefined) return null
  const { segment, minuteMs, inputTokens, outputTokens } = record
  const { action, would } = head.decision
  return { decision: head.id, hash, segment, minuteMs, action, would, inputTokens, outputTokens }
}

type Sums = Record<(typeof SUMS)[number], number>

export interface SegmentSums {
  readonly segment: string
  readonly minuteMs: number
  readonly sums: Sums
  readonly receipts: readonly Summed[]
}

/** New receipts by minute and segment, in their order. */
export function bySegment(receipts: readonly Summed[]): readonly SegmentSums[] {
  const groups = Map.groupBy(receipts, ({ segment, minuteMs }) => `${minuteMs} ${segment}`)
  return [...groups.values()].map((own) => {
    const { segment, minuteMs } = own[0]!
    const sums = Object.fromEntries(SUMS.map((name) => [name, 0])) as Sums
    for (const { action, would, inputTokens, outputTokens } of own) {
      sums.count += 1
      sums[action] += 1
      sums[`would_${would}`] += 1
      sums.input_tokens += inputTokens
      sums.output_tokens += outputTokens
    }
    return { segment, minuteMs, sums, receipts: own }
  })
}

/** A minute that was closed in between goes on in the next one: more than this never is. */
export const MOST_MINUTES = 10

/** Adds new receipts to the open minute of their segment, within the transaction that stores them. */
export async function sumReceipts(tx: Kysely<Tables>, receipts: readonly Summed[]): Promise<void> {
  for (const { segment, minuteMs, sums, receipts: own } of bySegment(receipts)) {
    let row: { id: number; count: number } | undefined
    for (
      let minute = minuteMs, tries = 0;
      row === undefined && tries < MOST_MINUTES;
      minute = endOfMinute(minute), tries++
    )
      row = await tx
        .insertInto('record_rollups')
        .values({ segment, minute_ms: minute, ...sums, closed: 0 })
        .onConflict((conflict) =>
          conflict
            .columns(['segment', 'minute_ms'])
            .doUpdateSet(
              Object.fromEntries(
                SUMS.map((name) => [name, sql<number>`${sql.ref(`record_rollups.${name}`)} + ${sums[name]}`]),
              ),
            )
            .where('record_rollups.closed', '=', 0),
        )
        .returning(['id', 'count'])
        .executeTakeFirst()
    if (row === undefined) throw new Error(`no open minute of segment ${segment}`)
    const first = Number(row.count) - own.length
    const rollup = Number(row.id)
    const rows = own.map(({ decision, hash }, i) => ({ decision, rollup, position: first + i, hash }))
    for (let i = 0; i < rows.length; i += 200)
      await tx
        .insertInto('record_leaves')
        .values(rows.slice(i, i + 200))
        .execute()
  }
}

export async function openRollups(db: Kysely<Tables>, beforeMs: number): Promise<readonly OpenRollup[]> {
  const rows = await db
    .selectFrom('record_rollups')
    .selectAll()
    .where('closed', '=', 0)
    .where('minute_ms', '<', beforeMs)
    .orderBy('minute_ms')
    .orderBy('segment')
    .limit(1000)
    .execute()
  return rows.map((row) => ({
    id: Number(row.id),
    segment: row.segment,
    minuteMs: Number(row.minute_ms),
    count: Number(row.count),
    actions: Object.fromEntries(ACTIONS.map((action) => [action, Number(row[action])])),
    would: Object.fromEntries(ACTIONS.map((action) => [action, Number(row[`would_${action}`])])),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
  }))
}

/** @returns false: more receipts have come, or somebody else has closed it. */
export async function closeRollup(tx: Kysely<Tables>, { id, count }: OpenRollup): Promise<boolean> {
  const closed = await tx
    .updateTable('record_rollups')
    .set({ closed: 1 })
    .where('id', '=', id)
    .where('count', '=', count)
    .where('closed', '=', 0)
    .executeTakeFirst()
  return Number(closed.numUpdatedRows) === 1
}
