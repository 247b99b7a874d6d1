import type { BatchItem } from '../core/protocols/batch-record.ts'
import { type BatchResult, readResult, resultWithoutSluice } from '../core/protocols/batch-result.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import { givenIds } from '../core/protocols/kept-objects.ts'
import { askUpstream, batchHeaders, batchOf, passOn } from './batch-access.ts'
import { judgedLine } from './batch-judge.ts'
import { byteLines } from './byte-lines.ts'
import type { Caller, Ports, Sink, WireReply, WireRequest } from './ports.ts'

/** What the results of one batch are written with. */
interface Results {
  readonly id: string
  readonly items: readonly BatchItem[]
  readonly request: WireRequest
  readonly caller: Caller
}

const JSONL = { 'content-type': 'application/binary' }

/**
 * Results of a batch, line by line as they come from the upstream: each answer is judged whole before its line leaves,
 * and one that must not leave is a refusal in its place. Items that Sluice answers follow.
 *
 * Whoever fetches results again has them judged again, under the safeguard of that day, with receipts of that fetch.
 * @throws {AccessError}, {NotFoundError}, {UpstreamError}
 */
export async function batchResults(request: WireRequest, id: string, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  const record = await batchOf(id, caller, ports)
  const results = { id, items: record === null ? [] : await ports.batches.items(id), request, caller }
  if (record !== null && !record.upstream) {
    const headers = { ...batchHeaders(null, ports), ...JSONL }
    return { status: 200, headers, body: ownLines(results).join('') }
  }
  const upstream = await askUpstream(request, caller, ports)
  if (upstream.status !== 200) return passOn(upstream, ports)
  const body = async (sink: Sink) => {
    const sent = new Map(results.items.map((item) => [item.customId, item]))
    try {
      for await (const line of byteLines(upstream.chunks)) {
        if (sink.gone) return
        const out = await passedLine(line, sent, results, ports)
        if (out !== null) await sink.write(out)
      }
      for (const line of ownLines(results)) await sink.write(line)
    } catch (error) {
      // Lines have no words for an error among them: a connection that is cut says that some are missing.
      if (!sink.gone)
        ports.report('batch.cut', { batch: id, fault: error instanceof Error ? error.name : typeof error })
      throw error
    }
  }
  return { status: 200, headers: batchHeaders(upstream.headers, ports), body }
}

function ownLines({ items }: Results): string[] {
  return items.flatMap((item) => (item.kind === 'own' ? [`${item.line}\n`] : []))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The line as its caller gets it; null for one that is not passed on. */
async function passedLine(
  bytes: Uint8Array,
  sent: ReadonlyMap<string, BatchItem>,
  results: Results,
  ports: Ports,
): Promise<Uint8Array | string | null> {
  const state = ports.state()
  let text: string
  let result: BatchResult
  try {
    text = utf8.decode(bytes)
    if (text.trim() === '') return bytes
    result = readResult(text.trim())
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof TypeError)) throw error
    if (state.mode !== 'enforce') return bytes
    // What cannot be read cannot be checked; whose result it was, nobody can say.
    ports.report('batch.unreadable', { batch: results.id, bytes: bytes.length })
    return null
  }
  const item = sent.get(result.customId)
  // What Sluice answers, an upstream does not.
  if (item?.kind === 'own') return null
  const judged = await judgedLine(result, item ?? null, results, ports)
  if (judged !== null) return `${judged}\n`
  // Receipts of a batch are older than its answers.
  if (results.caller.credential === 'operator' && result.message !== null)
    ports.owners.tell(results.caller.org, givenIds(result.message.value))
  const clean = state.trustUpstreamSluice ? result.line.text : resultWithoutSluice(result)
  return clean === result.line.text ? bytes : `${clean}\n`
}
