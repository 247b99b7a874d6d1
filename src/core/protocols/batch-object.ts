import type { BatchRecord } from './batch-record.ts'
import { type JsonDocument, replaceTopLevel } from './json.ts'
import { elementsAt, membersAt, skipBlanks } from './json-edit.ts'
import { withoutSluice } from './sluice-member.ts'
import { isRecord, numberOr, stringOr } from './values.ts'

/** Batch objects of the vendor's and of our own (`MessageBatch`). */

type OwnCounts = Pick<BatchRecord, 'ownSucceeded' | 'ownErrored'>

/**
 * A batch of which no item went upstream: it has ended when it is made.
 * @param created When it was made, and `expires` a day later: ISO 8601.
 */
export function ownBatch(record: BatchRecord, created: string, expires: string, resultsUrl: string): string {
  return JSON.stringify({
    id: record.id,
    type: 'message_batch',
    processing_status: 'ended',
    request_counts: {
      processing: 0,
      succeeded: record.ownSucceeded,
      errored: record.ownErrored,
      canceled: 0,
      expired: 0,
    },
    created_at: created,
    ended_at: created,
    expires_at: expires,
    archived_at: null,
    cancel_initiated_at: null,
    results_url: resultsUrl,
  })
}

/**
 * The upstream's batch as it is for its caller: the items that Sluice answers are counted, and results are fetched here.
 * Until a batch has ended the vendor counts every item as processing; so are ours.
 */
export function viewedBatch(document: JsonDocument, own: OwnCounts, resultsUrl: string): string {
  const { value } = document
  const text = withoutSluice(document.text)
  const set: Record<string, unknown> = {}
  if (typeof value.results_url === 'string') set.results_url = resultsUrl
  const { request_counts: counts } = value
  if (isRecord(counts) && own.ownSucceeded + own.ownErrored > 0) {
    const ended = value.processing_status === 'ended'
    const plus = (name: string, more: number) => ({ [name]: numberOr(counts[name], 0) + more })
    set.request_counts = ended
      ? { ...counts, ...plus('succeeded', own.ownSucceeded), ...plus('errored', own.ownErrored) }
      : { ...counts, ...plus('processing', own.ownSucceeded + own.ownErrored) }
  }
  return Object.keys(set).length === 0 ? text : replaceTopLevel({ text, value }, { set })
}

/** One entry of a page of batches. */
export interface BatchEntry {
  readonly id: string
  /** As in the object: sorts as text. */
  readonly createdAt: string
  readonly document: JsonDocument
}

/** Entries of an upstream's page, with the text they came from. */
export function batchEntries({ value, text }: JsonDocument): readonly BatchEntry[] {
  const data = Array.isArray(value.data) ? (value.data as unknown[]) : []
  const at = membersAt(text, skipBlanks(text, 0)).find(({ name }) => name === 'data')?.valueStart ?? text.length
  return elementsAt(text, at).flatMap(({ start, end }, i): BatchEntry[] => {
    const entry = data[i]
    if (!isRecord(entry) || typeof entry.id !== 'string') return []
    const document = { value: entry, text: text.slice(start, end) }
    return [{ id: entry.id, createdAt: stringOr(entry.created_at, ''), document }]
  })
}

interface PageEntry {
  readonly id: string
  readonly text: string
}

/**
 * A page of batches that are already as their caller sees them.
 * @param cursors Entries whose ends lead to the pages before and after.
 */
export function batchPage(entries: readonly PageEntry[], hasMore: boolean, cursors: readonly PageEntry[]): string {
  const ends = { has_more: hasMore, first_id: cursors[0]?.id ?? null, last_id: cursors.at(-1)?.id ?? null }
  return `{"data":[${entries.map(({ text }) => text).join(',')}],${JSON.stringify(ends).slice(1)}`
}
