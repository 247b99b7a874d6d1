import type { Database } from 'better-sqlite3'
import { endOfMinute } from '../../core/record/rollup.ts'
import type { SpooledReceipt } from '../../jobs/spool-ports.ts'
import { SUMS } from './record-migration.ts'
import { bySegment, MOST_MINUTES, type SegmentSums, summed } from './rollup-rows.ts'

/** What new receipts add to the record on SQLite, as prepared statements: same rows as `recordReceipts`. */
export function sqliteRecord(database: Database): (receipts: readonly SpooledReceipt[]) => void {
  const sums = SUMS.map((name) => `${name} = record_rollups.${name} + excluded.${name}`)
  const rollup = database.prepare(
    `insert into record_rollups (segment, minute_ms, ${SUMS.join(', ')}, closed)
     values (?, ?, ${SUMS.map(() => '?').join(', ')}, 0)
     on conflict (segment, minute_ms) do update set ${sums.join(', ')} where record_rollups.closed = 0
     returning id, count`,
  )
  const leaf = database.prepare('insert into record_leaves (decision, rollup, position, hash) values (?, ?, ?, ?)')
  const draft = database.prepare('insert into record_drafts (body) values (?)')
  const salt = database.prepare(
    `insert into record_salts (k, about, member, subject, blob) values (?, ?, ?, ?, ?)
     on conflict (about, k, member) do nothing`,
  )
  const open = ({ segment, minuteMs, sums }: SegmentSums): { id: number; count: number } => {
    for (let minute = minuteMs, tries = 0; tries < MOST_MINUTES; minute = endOfMinute(minute), tries++) {
      const row = rollup.get(segment, minute, ...SUMS.map((name) => sums[name]))
      if (row !== undefined) return row as { id: number; count: number }
    }
    throw new Error(`no open minute of segment ${segment}`)
  }
  return (receipts) => {
    for (const group of bySegment(receipts.map(summed).filter((one) => one !== null))) {
      const { id, count } = open(group)
      const first = count - group.receipts.length
      for (const [i, { decision, hash }] of group.receipts.entries()) leaf.run(decision, id, first + i, hash)
    }
    for (const { record } of receipts) {
      if (record === undefined) continue
      if (record.draft !== null) draft.run(JSON.stringify(record.draft))
      for (const { k, about, member, subject, blob } of record.salts) salt.run(k, about, member, subject, blob)
    }
  }
}
