import type { ProtocolAdapter } from '../core/protocols/adapter.ts'
import { readJson } from '../core/protocols/json.ts'
import { act } from './act.ts'
import { consult } from './consult.ts'
import { redeem } from './credit.ts'
import { encode } from './encode.ts'
import { guard } from './guard.ts'
import { inspectAll } from './inspect.ts'
import { assertOwnNamed } from './kept-objects.ts'
import { blockWanted } from './moderated.ts'
import { assertNoneChosen } from './native-access.ts'
import { decideStep, openPassage } from './passage.ts'
import type { Ports, WireReply, WireRequest } from './ports.ts'
import { readAhead } from './read-ahead.ts'
import { readable, reserve } from './reserve.ts'

/**
 * The whole path of one request, in order. A refusal is a reply, not an error.
 *
 * Everything with an effect comes in through `ports`; everything that decides is in `core`. Exactly one receipt is
 * written, by `encode` on the way out, also when the upstream fails or the caller hangs up half-way.
 *
 * @throws {ProtocolError} body not understood (400); {AccessError} unknown caller (401); {NotFoundError} it names what is
 *   not its caller's (404); {AccessChoiceError} it chooses an access that is not its caller's (403, 404);
 *   {RefusalNamedError} it goes on from a refusal of ours (400); {ReserveError} the record has no room (503). Everything
 *   after that, a silent upstream included, is an answer with a receipt.
 */
export async function handle(request: WireRequest, adapter: ProtocolAdapter, ports: Ports): Promise<WireReply> {
  const document = readJson(readable(request))
  const exchange = adapter.decode(document, (name) => request.headers[name])
  const caller = ports.identify(request.headers)
  assertNoneChosen(adapter.dialect, request, [document.value], caller)
  const owned = assertOwnNamed(document.value, caller, request, ports)
  if (owned !== null) await owned
  const passage = openPassage(request, adapter, document, exchange, caller, ports.state(), ports)
  if (exchange.credit !== null) await redeem(exchange.credit, passage, ports)
  const read = inspectAll(passage, await readAhead(passage, ports))
  const opined =
    ports.secondOpinions(passage.state.safeguard.cascade).length === 0 ? read : await consult(read, passage, ports)
  const inspection = blockWanted(opined, passage)
  const decision = decideStep(passage, 'input', inspection.findings, exchange.model)
  reserve(decision, ports)
  const answer = await act(decision, inspection, passage, ports)
  const guarded = await guard(answer, inspection, passage, ports)
  return encode(guarded, inspection, passage, ports)
}
