import { rank } from '../core/policy/policy.ts'
import { readJson } from '../core/protocols/json.ts'
import {
  decodeModerations,
  nativeResult,
  obfuscation,
  ownCategories,
  ownCategory,
} from '../core/protocols/moderations.ts'
import { releaseOf } from '../core/safeguards/slots.ts'
import { NOTHING, servedFacts } from './composing.ts'
import { notConsulted } from './consult.ts'
import { type Detectors, inspectAll } from './inspect.ts'
import { moderatedOf } from './moderated.ts'
import { decideStep, openScreening, type Screening } from './passage.ts'
import type { Ports, WireReply, WireRequest } from './ports.ts'
import { readAhead } from './read-ahead.ts'
import { readable, reserve } from './reserve.ts'
import { sluiceHeaders } from './response-headers.ts'
import { settle } from './settle.ts'

/**
 * The moderation endpoint: one verdict per input, by the same inspection and policy as every request, and a receipt for
 * each. No model is asked. The headers are those of the strictest input's decision, the first of equals.
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
  const ahead: Detectors[] = []
  for (const one of screenings) ahead.push(await readAhead(one, ports))
  const screened = screenings.map((screening, i) => {
    const { exchange } = screening
    const seen = inspectAll(screening, ahead[i]!)
    const inspection = { ...seen, findings: [...seen.findings, ...notConsulted('input', 'surface', screening, ports)] }
    const decision = decideStep(screening, 'input', inspection.findings, exchange.model)
    reserve(decision, ports)
    const { safe } = settle({ ...NOTHING, status: 200, end: 'complete' }, inspection, screening, ports)
    return { screening, decision, result: resultOf(screening), safe }
  })
  // Verdicts can be asked for one by one, to search the threshold: asking counts like being refused.
  ports.probing.refused(caller.principal, null)
  await Promise.all(screened.map(({ safe }) => safe))
  // One set of headers for many inputs.
  const { screening } = screened.reduce((a, b) => (rank(b.decision.would) > rank(a.decision.would) ? b : a))
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

function resultOf(screening: Screening) {
  const { exchange, state } = screening
  const { input, decision } = screening.steps.at(-1)!
  const { would } = decision
  const found = { ...moderatedOf(input, screening), flagged: would !== 'allow' }
  const { uninspected, ...native } = nativeResult(found)
  const parts = exchange.turns.flatMap((turn) => turn.parts)
  const hidden = [...new Set(parts.flatMap((part) => (part.kind === 'text' ? obfuscation(part.text) : [])))]
  return {
    ...native,
    sluice: {
      ...ownCategory(found),
      categories: ownCategories(found.ppm, found.coarse),
      would,
      safeguard: releaseOf(state.safeguard.releases, decision),
      obfuscation: hidden,
      ...(uninspected.length > 0 ? { uninspected } : {}),
    },
  }
}
