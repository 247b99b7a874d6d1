import type { Exchange } from '../core/conversation/exchange.ts'
import { readJson } from '../core/protocols/json.ts'
import { decodeModerations, nativeResult, obfuscation, ownCategories } from '../core/protocols/moderations.ts'
import { releaseOf } from '../core/safeguards/slots.ts'
import { NOTHING, servedFacts } from './composing.ts'
import { notConsulted } from './consult.ts'
import { type Inspection, inspectAll, readAhead } from './inspect.ts'
import { greatest } from './moderated.ts'
import { decideStep, openScreening, type Screening } from './passage.ts'
import type { Caller, Ports, WireReply, WireRequest } from './ports.ts'
import { readable, reserve } from './reserve.ts'
import { sluiceHeaders } from './response-headers.ts'
import { settle } from './settle.ts'

/**
 * The moderation endpoint: one verdict per input, by the same inspection and policy as every request, and a receipt for
 * each. No model is asked.
 * @throws {ProtocolError}, {AccessError}, {ReserveError}
 */
export async function moderate(request: WireRequest, ports: Ports): Promise<WireReply> {
  const document = readJson(readable(request))
  const exchanges = decodeModerations(document)
  const caller = ports.identify(request.headers)
  const state = ports.state()
  const screenings = exchanges.map((exchange) =>
    openScreening(request, 'openai', document, exchange, caller, state, ports),
  )
  for (const one of screenings) await readAhead(one, ports)
  const screened = screenings.map((screening) => {
    const { exchange } = screening
    const read = inspectAll(screening, ports)
    const inspection = { ...read, findings: [...read.findings, ...notConsulted('input', 'surface', screening, ports)] }
    const decision = decideStep(screening, 'input', inspection.findings, exchange.model)
    reserve(decision, ports)
    const { safe } = settle({ ...NOTHING, status: 200, end: 'complete' }, inspection, screening, ports)
    return { screening, result: resultOf(screening, inspection, exchange, caller), safe }
  })
  // Verdicts can be asked for one by one, to search the threshold: asking counts like being refused.
  ports.probing.refused(caller.principal)
  await Promise.all(screened.map(({ safe }) => safe))
  const { screening } = screened.at(-1)!
  const body = {
    id: `modr-${screening.ulid}`,
    model: `sluice/${state.safeguard.release}`,
    results: screened.map(({ result }) => result),
  }
  const headers = {
    'content-type': 'application/json',
    'x-request-id': screening.ids.request,
    ...sluiceHeaders(screening, servedFacts(screening, ports, {}), null),
  }
  return { status: 200, headers, body: JSON.stringify(body) }
}

function resultOf(screening: Screening, inspection: Inspection, exchange: Exchange, caller: Caller) {
  const { policy, releases } = screening.state.safeguard
  const decision = screening.steps.at(-1)!.decision
  const { would } = decision
  const coarse = caller.settings.detail !== 'full'
  const ppm = greatest(inspection.findings)
  const parts = exchange.turns.flatMap((turn) => turn.parts)
  const { uninspected, ...native } = nativeResult({
    flagged: would !== 'allow',
    ppm,
    found: (category) => policy.harms[category].input.clear,
    coarse,
    images: parts.some(({ kind }) => kind === 'uninspected') ? 'uninspected' : 'none',
  })
  const hidden = [...new Set(parts.flatMap((part) => (part.kind === 'text' ? obfuscation(part.text) : [])))]
  return {
    ...native,
    sluice: {
      categories: ownCategories(ppm, coarse),
      would,
      safeguard: releaseOf(releases, decision),
      obfuscation: hidden,
      ...(uninspected.length > 0 ? { uninspected } : {}),
    },
  }
}
