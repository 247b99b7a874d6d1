import type { OrgId, PrincipalId } from '../core/base/ids.ts'
import { message } from '../core/briefs/format.ts'
import type { Decision } from '../core/policy/decision.ts'
import { decodeFrame, type PromptFrame, type Verdict } from '../core/protocols/hooks.ts'
import { type JsonDocument, ProtocolError, readJson } from '../core/protocols/json.ts'
import { DEFAULT_KEY_SETTINGS } from '../core/trust/key-settings.ts'
import { ORDINARY } from '../core/trust/standing.ts'
import { NOTHING } from './composing.ts'
import { consult } from './consult.ts'
import { inspectAll, readAhead } from './inspect.ts'
import { appealUrl } from './notice.ts'
import { decideStep, openScreening, type Screening } from './passage.ts'
import type { Caller, Ports, WireReply, WireRequest } from './ports.ts'
import { reserve } from './reserve.ts'
import { settle } from './settle.ts'

const MOST_REMEMBERED = 10_000

/**
 * Inference hooks (wire.md §14): the input stage alone, on a request that the vendor serves itself. A bad signature is
 * 401 and never a verdict; whatever else happens is a verdict with status 200, by our own fail policy, because a vendor
 * takes any other status as a failure and never as a no.
 */
export async function hook(request: WireRequest, ports: Ports): Promise<WireReply> {
  const pass = ports.hookGate(request.headers, request.bytes)
  const body = ports.sha256(request.text ?? '')
  if (pass === 'refused') return unsigned()
  if (pass.id === null) return reply(await verdictOn(request, ports))
  const { id } = pass
  const given = ports.hookVerdicts
  const before = given.get(id)
  // The same id over another body is a replay, whatever it is signed with.
  if (before !== undefined && before.body !== body) return unsigned()
  const verdict = before?.verdict ?? verdictOn(request, ports)
  given.set(id, { body, verdict })
  // A failure is no verdict: asked again, it is tried again.
  verdict.catch(() => given.delete(id))
  if (given.size > MOST_REMEMBERED) given.delete(given.keys().next().value!)
  return reply(await verdict)
}

async function verdictOn(request: WireRequest, ports: Ports): Promise<Verdict> {
  const state = ports.state()
  let frame: PromptFrame | null
  let document: JsonDocument
  try {
    document = readJson(request.text ?? '')
    frame = decodeFrame(document)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    ports.report('hook.unreadable', { bytes: request.bytes.length })
    return ALLOW
  }
  if (frame === null || state.mode === 'off') return ALLOW
  const screening = openScreening(request, 'anthropic', document, frame.exchange, callerOf(frame, ports), state, ports)
  await readAhead(screening, ports)
  const read = inspectAll(screening, ports)
  const { budgetMs } = state.hooks
  const inspection =
    ports.secondOpinions(screening.state.safeguard.cascade).length === 0
      ? read
      : await consult(read, screening, ports, budgetMs)
  // System prompts, tool definitions and reasoning never come this way: the record says that they were not seen.
  const partial = { kind: 'skipped', detector: 'hook', stage: 'input', why: 'partial_view' } as const
  const seen = { ...inspection, findings: [...inspection.findings, partial] }
  const decision = decideStep(screening, 'input', seen.findings, frame.exchange.model)
  reserve(decision, ports)
  const denied = denies(decision, state.hooks.fallBack)
  const outcome = { ...NOTHING, status: 200, end: denied ? 'refused' : 'complete' } as const
  await settle(outcome, seen, screening, ports).safe
  if (!denied) return ALLOW
  ports.probing.refused(screening.caller.principal)
  return { action: 'deny', deny_reason: reasonOf(decision, screening, ports), reference_id: screening.ids.decision }
}

const ALLOW: Verdict = { action: 'allow' }

function denies({ action }: Decision, fallBack: 'allow' | 'deny'): boolean {
  if (action === 'fall_back') return fallBack === 'deny'
  return action === 'refuse' || action === 'require_trust'
}

function callerOf(frame: PromptFrame, ports: Ports): Caller {
  return {
    org: 'default' as OrgId,
    principal: `pri_${ports.sessionOf('hooks' as OrgId, `${frame.tenant} ${frame.actor}`).slice(4)}` as PrincipalId,
    standing: ORDINARY,
    settings: DEFAULT_KEY_SETTINGS,
    credential: 'caller',
  }
}

function reasonOf({ category }: Decision, screening: Screening, ports: Ports): string {
  const category_name = message(screening.lang, `category.${category ?? 'other-harm'}`, {})
  const appeal_url = appealUrl(screening, ports)
  return message(screening.lang, 'explain.hooks.deny', { category_name, appeal_url })
}

function reply(verdict: Verdict): WireReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(verdict) }
}

function unsigned(): WireReply {
  const message = 'the signature is missing or does not match; check the webhook secret'
  return {
    status: 401,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'error', error: { type: 'authentication_error', message } }),
  }
}
