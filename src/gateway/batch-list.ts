import { batchEntries, batchPage, viewedBatch } from '../core/protocols/batch-object.ts'
import type { BatchRecord } from '../core/protocols/batch-record.ts'
import { invalid } from '../core/protocols/json.ts'
import { askUpstream, batchHeaders, ownBody, ownOf, passOn, resultsUrl, upstreamJson } from './batch-access.ts'
import type { Caller, Ports, UpstreamAnswer, WireReply, WireRequest } from './ports.ts'

const MOST = 1000
const USUAL = 20
/** Batches that the upstream is asked for at once. */
const AT_ONCE = 8

interface Entry {
  readonly id: string
  readonly createdAt: string
  readonly text: string
}

const NONE = { ownSucceeded: 0, ownErrored: 0 }

/**
 * A tenant's batches, newest first. Callers with a key of Sluice share one account upstream, so their list is made from
 * what is remembered. For a credential of the caller's own the list is the upstream's, with our own batches on its first
 * page: the cursors of further pages are the upstream's too.
 * @throws {ProtocolError}, {AccessError}, {UpstreamError}
 */
export function listBatches(request: WireRequest, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  return caller.credential === 'operator' ? remembered(request, caller, ports) : upstreams(request, caller, ports)
}

async function remembered(request: WireRequest, caller: Caller, ports: Ports): Promise<WireReply> {
  const { limit, afterId, beforeId } = readQuery(request)
  const listing = { org: caller.org, ownOf: null, limit: limit + 1, afterId, beforeId }
  const found = await ports.batches.list(listing)
  // Of one too many, the farthest from the cursor tells that there is more.
  const page = found.length <= limit ? found : beforeId === null ? found.slice(0, limit) : found.slice(-limit)
  const entries: Entry[] = []
  for (let at = 0; at < page.length; at += AT_ONCE) {
    const answers = await Promise.all(page.slice(at, at + AT_ONCE).map((one) => entryOf(one, request, caller, ports)))
    for (const answer of answers) {
      if (answer === null) continue
      if ('status' in answer) return passOn(answer, ports)
      entries.push(answer)
    }
  }
  return { status: 200, headers: batchHeaders(null, ports), body: batchPage(entries, found.length > limit, entries) }
}

/** One batch as its caller sees it; null when the upstream no longer has it; else the upstream's own error. */
async function entryOf(
  record: BatchRecord,
  request: WireRequest,
  caller: Caller,
  ports: Ports,
): Promise<Entry | UpstreamAnswer | null> {
  if (!record.upstream) return ownEntry(record, ports)
  const path = `/v1/messages/batches/${encodeURIComponent(record.id)}`
  const upstream = await askUpstream(request, caller, ports, { path, body: null })
  if (upstream.status === 404) {
    await upstream.whole()
    return null
  }
  if (upstream.status !== 200) return upstream
  const document = upstreamJson(await upstream.whole())
  return { id: record.id, createdAt: '', text: viewedBatch(document, record, resultsUrl(record.id, ports)) }
}

async function upstreams(request: WireRequest, caller: Caller, ports: Ports): Promise<WireReply> {
  const { limit, afterId, beforeId } = readQuery(request)
  const upstream = await askUpstream(request, caller, ports)
  if (upstream.status !== 200) return passOn(upstream, ports)
  const document = upstreamJson(await upstream.whole())
  const entries = await Promise.all(
    batchEntries(document).map(async ({ id, createdAt, document }): Promise<Entry> => {
      const record = await ports.batches.find(id)
      const own = record !== null && record.org === caller.org ? record : NONE
      return { id, createdAt, text: viewedBatch(document, own, resultsUrl(id, ports)) }
    }),
  )
  const first = afterId === null && beforeId === null
  const listing = { org: caller.org, ownOf: ownOf(caller) ?? caller.principal, limit, afterId: null, beforeId: null }
  const ours = first ? (await ports.batches.list(listing)).map((record) => ownEntry(record, ports)) : []
  const merged = [...entries, ...ours].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
  // Cursors are the upstream's, which knows its own batches alone.
  const body = batchPage(merged, document.value.has_more === true, entries)
  return { status: 200, headers: batchHeaders(upstream.headers, ports), body }
}

function ownEntry(record: BatchRecord, ports: Ports): Entry {
  const createdAt = new Date(record.createdAtMs).toISOString()
  return { id: record.id, createdAt, text: ownBody(record, ports) }
}

function readQuery({ search }: WireRequest) {
  const query = new URLSearchParams(search)
  const limit = Number(query.get('limit') ?? USUAL)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw invalid('limit', `wanted a whole number from 1 to ${MOST}`)
  return { limit, afterId: query.get('after_id'), beforeId: query.get('before_id') }
}
