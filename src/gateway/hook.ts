import type { OrgId, PrincipalId } from '../core/base/ids.ts'
import { message } from '../core/briefs/format.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { Finding } from '../core/policy/finding.ts'
import { decodeFrame, type PromptFrame, type Verdict } from '../core/protocols/hooks.ts'
import { DEFAULT_KEY_SETTINGS } from '../core/trust/key-settings.ts'
import { ORDINARY } from '../core/trust/standing.ts'
import { NOTHING } from './composing.ts'
import { consult } from './consult.ts'
import { inspectAll, LIGHT } from './inspect.ts'
import { appealUrl } from './notice.ts'
import { decideStep, languageOf, openScreening, type Screening } from './passage.ts'
import type { Caller, Ports, WireReply, WireRequest } from './ports.ts'
import { countProbing } from './probing.ts'
import { readAhead } from './read-ahead.ts'
import { isUnrecorded, reserve } from './reserve.ts'
import { scoresInTime } from './scores-in-time.ts'
import { settle } from './settle.ts'

const MOST_REMEMBERED = 10_000

/**
 * Inference hooks (wire.md §14): the input stage alone, on a request that the vendor serves itself. A bad signature is
 * 401 and never a verdict; whatever else happens is a verdict with status 200, by our own fail policy, because a vendor
 * takes any other status as a failure and never as a no.
 */
export async function hook(request: WireRequest, ports: Ports): Promise<WireReply> {
  const pass = ports.hookGate(request.headers, request.bytes)
  if (pass === 'refused') return unsigned()
  // What is not UTF-8 is read as far as it is.
  const text = request.text ?? new TextDecoder().decode(request.bytes)
  try {
    if (pass.id === null) return reply(await verdictOn(text, request, ports))
    const verdict = rememberedVerdict(pass.id, text, request, ports)
    return verdict === null ? unsigned() : reply(await verdict)
  } catch (error) {
    return reply(withheld(error, request, ports))
  }
}

/** For one that cannot even be read, since there is no room for its body: nobody knows who asks, and nothing is recorded. */
export function hookUnread(request: Pick<WireRequest, 'headers'>, ports: Ports): WireReply {
  ports.counters.shed++
  return reply(unanswered(request, ports))
}

/** The verdict that was given under this id, or is given now; null for the same id over another body, which is a replay. */
function rememberedVerdict(id: string, text: string, request: WireRequest, ports: Ports): Promise<Verdict> | null {
  const body = ports.sha256(text)
  const given = ports.hookVerdicts
  const before = given.get(id)
  if (before !== undefined && before.body !== body) return null
  const verdict = before?.verdict ?? verdictOn(text, request, ports)
  given.set(id, { body, verdict })
  // A failure is no verdict: asked again, it is tried again.
  verdict.catch(() => given.delete(id))
  if (given.size > MOST_REMEMBERED) given.delete(given.keys().next().value!)
  return verdict
}

async function verdictOn(text: string, request: WireRequest, ports: Ports): Promise<Verdict> {
  if (ports.state().mode === 'off') return ALLOW
  const fromMs = ports.clock.monotonicMs()
  const frame = decodeFrame(text)
  const verdict = decided(frame, fromMs, request, ports)
  if (frame.event !== 'unknown') return verdict
  // Let by, as the vendor asks of every server, whatever becomes of its receipt.
  return verdict.catch((error: unknown) => {
    report(error, ports)
    return ALLOW
  })
}

async function decided(frame: PromptFrame, fromMs: number, request: WireRequest, ports: Ports): Promise<Verdict> {
  const state = ports.state()
  const leftMs = () => fromMs + state.hooks.budgetMs - ports.clock.monotonicMs()
  const opened = openScreening(
    request,
    'anthropic',
    frame.document,
    frame.exchange,
    callerOf(frame, ports),
    state,
    ports,
  )
  // What is not a prompt is looked at, and never acted on.
  const screening: Screening = frame.event === 'unknown' ? { ...opened, mode: 'observe' } : opened
  const scores = scoresInTime(ports.scores, leftMs(), ports.clock)
  const read = inspectAll(screening, await readAhead(screening, { scores, clock: scores }))
  const found = { ...read, findings: [...read.findings, ...limitsOf(frame, scores.missed)] }
  const seen =
    ports.secondOpinions(screening.state.safeguard.cascade).length === 0
      ? found
      : await consult(found, screening, ports, leftMs())
  const decision = decideStep(screening, 'input', seen.findings, frame.exchange.model)
  reserve(decision, ports)
  const denied = frame.event !== 'unknown' && denies(decision, state.hooks.fallBack)
  const outcome = { ...NOTHING, status: 200, end: denied ? 'refused' : 'complete' } as const
  await settle(outcome, seen, screening, ports).safe
  countProbing(denied ? 'refused' : 'answered', screening, ports)
  if (!denied) return ALLOW
  return { action: 'deny', deny_reason: reasonOf(decision, screening, ports), reference_id: screening.ids.decision }
}

/** What was not seen: the record says so, and policy decides where nothing was understood. */
function limitsOf({ event }: PromptFrame, missed: boolean): readonly Finding[] {
  // System prompts, tool definitions and reasoning never come this way.
  const findings: Finding[] = [{ kind: 'skipped', detector: 'hook', stage: 'input', why: 'partial_view' }]
  if (missed) findings.push({ kind: 'skipped', detector: LIGHT, stage: 'input', why: 'no_time' })
  if (event === 'unknown') findings.push({ kind: 'skipped', detector: 'hook', stage: 'input', why: 'unknown_event' })
  if (event === 'unreadable')
    findings.push({ kind: 'unavailable', detector: 'hook', tier: 'light', stage: 'input', code: 'unreadable' })
  return findings
}

const ALLOW: Verdict = { action: 'allow' }

function denies({ action }: Decision, fallBack: 'allow' | 'deny'): boolean {
  if (action === 'fall_back') return fallBack === 'deny'
  return action === 'refuse' || action === 'require_trust'
}

/** What could not be recorded is withheld in every mode (threats.md §3), here as where an answer would be. */
function withheld(error: unknown, request: WireRequest, ports: Ports): Verdict {
  if (!isUnrecorded(error)) {
    report(error, ports)
    return unanswered(request, ports)
  }
  return { action: 'deny', deny_reason: message(languageOf(request, CALLER), 'error.record_unavailable', {}) }
}

/** Nothing was decided: what policy says where the classifier fails, without a receipt. */
function unanswered(request: Pick<WireRequest, 'headers'>, ports: Ports): Verdict {
  if (ports.state().mode !== 'enforce') return ALLOW
  const stage = 'gateway'
  return { action: 'deny', deny_reason: message(languageOf(request, CALLER), 'error.stage_unavailable', { stage }) }
}

function report(error: unknown, ports: Ports): void {
  ports.report('hook.failed', { fault: error instanceof Error ? error.name : typeof error })
}

const CALLER = {
  org: 'default' as OrgId,
  standing: ORDINARY,
  settings: DEFAULT_KEY_SETTINGS,
  credential: 'caller',
} as const

function callerOf(frame: PromptFrame, ports: Ports): Caller {
  const named = ports.sessionOf('hooks' as OrgId, `${frame.tenant} ${frame.actor}`)
  return { ...CALLER, principal: `pri_${named.slice(4)}` as PrincipalId }
}

function reasonOf({ category, reason }: Decision, screening: Screening, ports: Ports): string {
  // Nothing was found in it: nobody is told that something was.
  if (reason === 'detector.unavailable')
    return message(screening.lang, 'error.detector_unavailable', { stage: 'input' })
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
