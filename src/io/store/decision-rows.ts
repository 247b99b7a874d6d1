import type { SelectQueryBuilder } from 'kysely'
import type { Receipt } from '../../core/policy/receipt.ts'
import type { DecisionFilter } from '../../jobs/listing-ports.ts'
import type { SealedSegment, SpooledReceipt, StoredReceipt } from '../../jobs/spool-ports.ts'
import type { Tables } from './schema.ts'
import { StoreError } from './store-error.ts'

/** Decisions as rows, rows as decisions, and how a list of them is narrowed and paged. */

type Select<Row> = SelectQueryBuilder<Tables, 'decisions', Row>

export function decisionRow({ head, line, hash, segment }: SpooledReceipt): Tables['decisions'] {
  const { decision } = head
  return {
    id: head.id,
    at_ms: head.atMs,
    surface: head.surface,
    org: head.org,
    session: head.session,
    action: decision.action,
    would: decision.would,
    category: decision.category,
    requested_model: storable(head.requestedModel),
    served_model: head.servedModel === null ? null : storable(head.servedModel),
    overhead_bin: Math.floor(2 * Math.log2(Math.max(1, head.overheadUs))),
    receipt: line,
    receipt_hash: hash,
    ended: head.end ?? null,
    segment,
  }
}

/** Callers and upstreams name models as they like, and PostgreSQL has no text with U+0000. The receipt's line keeps it. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd')
}

export function segmentRow({ id, subject, fromMs, toMs, expiresAtMs, blob }: SealedSegment) {
  return { id, subject, from_ms: fromMs, to_ms: toMs, expires_at_ms: expiresAtMs, blob: Buffer.from(blob) }
}

export function storedReceipt(row: { receipt: string; receipt_hash: string }): StoredReceipt {
  return { receipt: JSON.parse(row.receipt) as Receipt, line: row.receipt, hash: row.receipt_hash }
}

export function filtered<Row>(query: Select<Row>, filter: DecisionFilter): Select<Row> {
  let q = query
  if (filter.action !== undefined) q = q.where('action', 'in', nonEmpty(filter.action))
  if (filter.would !== undefined) q = q.where('would', 'in', nonEmpty(filter.would))
  if (filter.category !== undefined) q = q.where('category', 'in', nonEmpty(filter.category))
  if (filter.surface !== undefined) q = q.where('surface', 'in', nonEmpty(filter.surface))
  if (filter.org !== undefined) q = q.where('org', '=', filter.org)
  if (filter.sinceMs !== undefined) q = q.where('at_ms', '>=', filter.sinceMs)
  if (filter.untilMs !== undefined) q = q.where('at_ms', '<', filter.untilMs)
  if (filter.text !== undefined && filter.text !== '') q = q.where('id', 'like', `${escapeLike(filter.text)}%`)
  if (filter.model !== undefined && filter.model.length > 0) {
    const patterns = filter.model.map((model) => `%${escapeLike(model)}%`)
    q = q.where((where) =>
      where.or(
        patterns.flatMap((pattern) => [
          where('requested_model', 'like', pattern),
          where('served_model', 'like', pattern),
        ]),
      ),
    )
  }
  return q
}

/** No value is equal to any of none: an empty list matches nothing, in both databases. */
function nonEmpty(values: readonly string[]): string[] {
  return values.length === 0 ? ['\u0001'] : [...values]
}

/** Without the wildcards: `%` and `_` of a query stand for themselves, and no name that we search holds a `%`. */
function escapeLike(value: string): string {
  return value.replaceAll('%', '').replaceAll('\\', '')
}

export function makeCursor(atMs: number, id: string): string {
  return Buffer.from(`${atMs} ${id}`).toString('base64url')
}

export function parseCursor(cursor: string): { atMs: number; id: string } {
  const match = /^(\d{1,16}) (\S{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (match === null) throw new StoreError('cursor_invalid', 'cursor: wanted one that a page of this list gave')
  return { atMs: Number(match[1]), id: match[2]! }
}
