import { decisionIds } from '../core/base/ids.ts'
import { invalid, readJson } from '../core/protocols/json.ts'
import { refusalOf } from '../core/protocols/kept-objects.ts'
import { openaiResponses } from '../core/protocols/openai-responses.ts'
import { NotFoundError } from './batch-access.ts'
import { composeContext, composedHeaders, servedFacts } from './composing.ts'
import { assertOwn, keptRefusals } from './kept-objects.ts'
import { noticeOf } from './notice.ts'
import { openPassage, type Passage } from './passage.ts'
import type { Caller, Ports, WireReply, WireRequest } from './ports.ts'
import { sluiceHeaders } from './response-headers.ts'

type Stored = NonNullable<Awaited<ReturnType<Ports['receipt']>>>

/** Receipts are drained every 200 ms; after several rounds without one there is none. */
const MOST_LOOKS = 15
const LOOK_EVERY_MS = 100

/**
 * A refusal of ours, fetched by the id of its response: composed again from its receipt, as a whole or as the stream that
 * the caller goes on reading. Nothing is decided anew.
 * @returns null: an upstream may know it.
 * @throws {NotFoundError} it is another organisation's, or nobody's; {ProtocolError} `starting_after` is no number.
 */
export async function storedRefusal(request: WireRequest, id: string, ports: Ports): Promise<WireReply | null> {
  const decision = id.startsWith('resp_') ? refusalOf(id) : null
  if (decision === null) return null
  const caller = ports.identify(request.headers)
  await assertOwn([id], caller, request, ports)
  if ((await keptRefusals([id], caller, ports)).length === 0) return null
  let stored: Stored | null = null
  for (let looks = 0; stored === null && looks < MOST_LOOKS && !request.signal.aborted; looks++) {
    if (looks > 0) await ports.clock.sleep(LOOK_EVERY_MS, request.signal)
    stored = await ports.receipt(decision)
  }
  if (stored === null) throw new NotFoundError()
  const { receipt, hash } = stored
  const query = new URLSearchParams(request.search)
  const stream = query.get('stream') === 'true'
  const passage = passageOf(receipt, stream, caller, request, ports)
  const { servedModel, guard } = receipt
  const facts = { servedModel, midStream: false, guard: guard.mode, receipt: () => `sha256:${hash}` } as const
  const notice = noticeOf(receipt.decision, facts, passage, ports)
  const context = composeContext(passage, servedModel)
  const body = stream
    ? eventsAfter(openaiResponses.refusalStream(notice, passage.exchange, context), query.get('starting_after'))
    : openaiResponses.refusal(notice, passage.exchange, context)
  const headers = {
    ...composedHeaders(passage, stream),
    ...sluiceHeaders(passage, servedFacts(passage, ports, { servedModel }), null),
  }
  return { status: 200, headers, body }
}

/** The passage on which it was refused, as far as its words and headers depend on it. */
function passageOf(
  receipt: Stored['receipt'],
  stream: boolean,
  caller: Caller,
  request: WireRequest,
  ports: Ports,
): Passage {
  const document = readJson(JSON.stringify({ model: receipt.requestedModel, input: '', stream }))
  const exchange = openaiResponses.decode(document, (name) => request.headers[name])
  const now = openPassage(request, openaiResponses, document, exchange, caller, ports.state(), ports)
  const ulid = receipt.id.slice('dec_'.length)
  const { input } = receipt.steps.at(-1)!
  const safeguard = { ...now.state.safeguard, releases: receipt.safeguards }
  return Object.assign(now, {
    ulid,
    ids: { ...decisionIds(ulid), request: now.ids.request },
    atMs: receipt.atMs,
    lang: receipt.lang,
    state: { ...now.state, safeguard, arm: receipt.trial?.arm ?? 'enforcing' },
    mode: input.mode,
    steps: [{ input, decision: receipt.decision }],
    declined: [...receipt.declined],
  })
}

/**
 * The rest of a stream that we compose, whose events are numbered from 0.
 * @param last Number of the last event that the caller has; null: none. @throws {ProtocolError} it is no number.
 */
function eventsAfter(stream: string, last: string | null): string {
  if (last === null) return stream
  if (!/^\d{1,9}$/.test(last)) throw invalid('starting_after', 'wanted the number of an event')
  return stream
    .split(/(?<=\n\n)/)
    .slice(Number(last) + 1)
    .join('')
}
