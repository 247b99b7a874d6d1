import { readJson } from '../core/protocols/json.ts'
import { openaiResponses } from '../core/protocols/openai-responses.ts'
import { stringOr } from '../core/protocols/values.ts'
import { type Answer, isEventStream, readWhole, upstreamFailure } from './act.ts'
import { encode } from './encode.ts'
import { guard } from './guard.ts'
import type { Inspection } from './inspect.ts'
import { assertOwn } from './kept-objects.ts'
import { decideStep, openPassage, type Passage } from './passage.ts'
import { type Ports, UpstreamError, type WireReply, type WireRequest } from './ports.ts'
import { reserve } from './reserve.ts'
import { upstreamHeaders } from './response-headers.ts'
import { StreamGuard } from './stream-guard.ts'

/** What was asked is not known here: the answer is judged by itself. */
const NOTHING_ASKED: Inspection = { findings: [], asked: null, chars: 0 }
/** A stream names its model in its first event, which is too late to decide by it. */
const UNNAMED = 'stored'

/**
 * An answer that the upstream keeps, fetched by its id: guarded as when it was new. Whoever was refused half-way, or let
 * it be made in the background, does not get the rest by asking for it again. No other model is asked, and its tokens
 * were counted when it was made.
 * @throws {NotFoundError} it is another organisation's; {ReserveError} the record has no room (503).
 */
export async function storedAnswer(request: WireRequest, id: string, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  if (caller.credential === 'operator') await assertOwn([id], caller, request, ports)
  const answer = await fetched(request, ports)
  const model = answer.model ?? UNNAMED
  const document = readJson(JSON.stringify({ model, input: '', stream: answer.kind === 'stream' }))
  const exchange = openaiResponses.decode(document, (name) => request.headers[name])
  const opened = openPassage(request, openaiResponses, document, exchange, caller, ports.state(), ports)
  const passage: Passage = Object.assign(opened, { chain: { hops: [], leftToCaller: false } })
  reserve(decideStep(passage, 'input', [], model), ports)
  if (answer.kind !== 'stream')
    return encode(await guard(answer, NOTHING_ASKED, passage, ports), NOTHING_ASKED, passage, ports)
  // Most of it is there already: nobody waits for it word by word.
  const held = new StreamGuard('hold', model, NOTHING_ASKED, passage, ports)
  return encode({ ...answer, guard: held }, NOTHING_ASKED, passage, ports)
}

async function fetched(request: WireRequest, ports: Ports): Promise<Exclude<Answer, { kind: 'composed' }>> {
  const { credential } = ports.identify(request.headers)
  try {
    const upstream = await ports.upstreams.send({
      dialect: 'openai',
      method: request.method,
      path: request.path + request.search,
      headers: upstreamHeaders(request.headers, false, credential, 'openai'),
      body: null,
      signal: request.signal,
      credential,
    })
    const { status } = upstream
    if (status >= 300 || request.method === 'HEAD')
      return { kind: 'passed', upstream, bytes: await upstream.whole(), model: UNNAMED }
    if (isEventStream(upstream)) return { kind: 'stream', upstream, model: UNNAMED }
    const bytes = await upstream.whole()
    const read = readWhole(bytes, openaiResponses, UNNAMED)
    const model = stringOr(read.document.value.model, UNNAMED)
    return { kind: 'whole', upstream, model, bytes, ...read, reply: { ...read.reply, usage: null } }
  } catch (error) {
    if (request.signal.aborted) return { kind: 'gone', model: UNNAMED }
    if (!(error instanceof UpstreamError)) throw error
    return { kind: 'failed', error: upstreamFailure(error, UNNAMED), model: null }
  }
}
