import type { ServerResponse } from 'node:http'
import { json, MESSAGE, type Recorded, type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'

interface Item {
  readonly custom_id: string
  readonly params: { readonly model: string }
}

interface Batch {
  readonly id: string
  readonly items: readonly Item[]
  readonly createdAt: string
  status: 'in_progress' | 'canceling' | 'ended'
}

export interface BatchUpstream extends RecordingUpstream {
  readonly made: Map<string, Batch>
  /** Result of one item; by default its model answers. */
  result: (item: Item) => object
  /** Status of the next answer to a new batch. */
  status: number
  /** Called between the first line of results and the others. */
  between: () => Promise<void>
  end(id: string): void
}

export const VENDOR = 'https://vendor.invalid'

/** Message batches as the vendor has them, over a real socket: nothing runs, and a batch ends when the test says so. */
export async function startBatchUpstream(): Promise<BatchUpstream> {
  const made = new Map<string, Batch>()
  let count = 0
  const upstream = Object.assign(await startRecordingUpstream(), {
    made,
    status: 200,
    result: ({ params }: Item): object => ({
      type: 'succeeded',
      message: { ...MESSAGE, model: params.model, content: [{ type: 'text', text: `${params.model} answers.` }] },
    }),
    between: async () => {},
    end: (id: string) => void (made.get(id)!.status = 'ended'),
  })
  upstream.answer = (request, response) => void answer(request, response)

  async function answer({ method, url, body }: Recorded, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(url, 'http://upstream')
    const [id, act] = pathname.slice('/v1/messages/batches'.length).split('/').slice(1)
    if (upstream.status !== 200) return json(response, upstream.status, refusedBy('overloaded_error'))
    if (id === undefined && method === 'POST') {
      const { requests } = JSON.parse(body.toString()) as { requests: Item[] }
      const one: Batch = {
        id: `msgbatch_up${count++}`,
        items: requests,
        createdAt: new Date().toISOString(),
        status: 'in_progress',
      }
      made.set(one.id, one)
      return json(response, 200, objectOf(one), { 'request-id': 'req_up' })
    }
    if (id === undefined) {
      const all = [...made.values()].reverse()
      const from = all.findIndex((one) => one.id === searchParams.get('after_id')) + 1
      const page = all.slice(from, from + Number(searchParams.get('limit') ?? 20))
      const data = page.map(objectOf)
      return json(response, 200, {
        data,
        has_more: from + page.length < all.length,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      })
    }
    const one = made.get(id)
    if (one === undefined) return json(response, 404, refusedBy('not_found_error'))
    if (act === 'results') return results(one, response)
    if (act === 'cancel') one.status = 'canceling'
    if (method !== 'DELETE') return json(response, 200, objectOf(one), { 'request-id': 'req_up' })
    made.delete(id)
    return json(response, 200, { id, type: 'message_batch_deleted' })
  }

  async function results({ items }: Batch, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/x-jsonl' })
    for (const [i, item] of items.entries()) {
      if (i === 1) await upstream.between()
      response.write(`${resultLine(item)}\n`)
    }
    response.end()
  }

  const resultLine = (item: Item) => JSON.stringify({ custom_id: item.custom_id, result: upstream.result(item) })
  return upstream
}

function objectOf({ id, items, createdAt, status }: Batch) {
  const ended = status === 'ended'
  return {
    id,
    type: 'message_batch',
    processing_status: status,
    request_counts: {
      processing: ended ? 0 : items.length,
      succeeded: ended ? items.length : 0,
      errored: 0,
      canceled: 0,
      expired: 0,
    },
    created_at: createdAt,
    expires_at: createdAt,
    ended_at: ended ? createdAt : null,
    archived_at: null,
    cancel_initiated_at: null,
    results_url: ended ? `${VENDOR}/v1/messages/batches/${id}/results` : null,
  }
}

function refusedBy(type: string) {
  return { type: 'error', error: { type, message: 'by the provider' }, request_id: 'req_up' }
}
