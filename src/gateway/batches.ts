import { viewedBatch } from '../core/protocols/batch-object.ts'
import { askUpstream, batchHeaders, batchOf, ownBody, passOn, resultsUrl, upstreamJson } from './batch-access.ts'
import { createBatch } from './batch-create.ts'
import { listBatches } from './batch-list.ts'
import { batchResults } from './batch-results.ts'
import type { Ports, WireReply, WireRequest } from './ports.ts'

/** Message batches (wire.md §1), each way that its clients have: null for a path or method that is none of theirs. */
export function batches(request: WireRequest, ports: Ports): Promise<WireReply> | null {
  const { method, path } = request
  const found = /^\/v1\/messages\/batches(?:\/([^/]+)(?:\/(cancel|results))?)?$/.exec(path)
  if (found === null) return null
  const [, id, act] = found
  if (id === undefined) {
    if (method === 'POST') return createBatch(request, ports)
    return method === 'GET' ? listBatches(request, ports) : null
  }
  if (act === 'results') return method === 'GET' ? batchResults(request, id, ports) : null
  if (act === 'cancel') return method === 'POST' ? oneBatch(request, id, ports) : null
  if (method === 'DELETE') return deleteBatch(request, id, ports)
  return method === 'GET' ? oneBatch(request, id, ports) : null
}

/** Retrieves or cancels a batch. One of our own has ended when it is made: there is nothing to cancel. */
async function oneBatch(request: WireRequest, id: string, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  const record = await batchOf(id, caller, ports)
  if (record !== null && !record.upstream)
    return { status: 200, headers: batchHeaders(null, ports), body: ownBody(record, ports) }
  const upstream = await askUpstream(request, caller, ports)
  if (upstream.status !== 200) return passOn(upstream, ports)
  const document = upstreamJson(await upstream.whole())
  const body = viewedBatch(document, record ?? { ownSucceeded: 0, ownErrored: 0 }, resultsUrl(id, ports))
  return { status: 200, headers: batchHeaders(upstream.headers, ports), body }
}

async function deleteBatch(request: WireRequest, id: string, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  const record = await batchOf(id, caller, ports)
  if (record !== null && !record.upstream) {
    await ports.batches.forget(id)
    const body = JSON.stringify({ id, type: 'message_batch_deleted' })
    return { status: 200, headers: batchHeaders(null, ports), body }
  }
  const upstream = await askUpstream(request, caller, ports)
  const reply = await passOn(upstream, ports)
  if (record !== null && upstream.status === 200) await ports.batches.forget(id)
  return reply
}
