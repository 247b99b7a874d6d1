import type { Scores } from '../core/classifier/types.ts'
import { NO_USAGE } from '../core/conversation/exchange.ts'
import { decide } from '../core/policy/decide.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { Finding } from '../core/policy/finding.ts'
import { guardMode } from '../core/policy/guard-mode.ts'
import { rank } from '../core/policy/policy.ts'
import type { Reply } from '../core/protocols/adapter.ts'
import { refusedHarm } from '../core/protocols/refused-category.ts'
import { type Answer, nextHop, refused, type StreamAnswer, type WholeAnswer } from './act.ts'
import { consultOnAnswer, notConsulted } from './consult.ts'
import { answerFinding, type Inspection, LIGHT, maxScores, ruleFindings, uninspectedAnswer } from './inspect.ts'
import { blockOf } from './moderated.ts'
import { decideStep, type Passage, stepInput } from './passage.ts'
import type { Ports } from './ports.ts'
import { SLICE_CHARS, scoreInSlices } from './scored-texts.ts'
import { effective } from './settle.ts'
import { StreamGuard } from './stream-guard.ts'

/** An answer that was looked at, or the guard that will look at it while it streams. */
export type Guarded =
  | Exclude<Answer, { kind: 'stream' } | { kind: 'whole' } | { kind: 'composed' }>
  | (WholeAnswer & { readonly charsScored: number })
  | (StreamAnswer & { readonly guard: StreamGuard })
  | (Extract<Answer, { kind: 'composed' }> & {
      /** A model answered, and its answer is withheld; null when none was asked. */
      readonly withheld: WholeAnswer | null
      readonly charsScored: number
    })

/**
 * Looks at what a model answered before the caller gets it. A whole answer is judged here, and the next model of the
 * chain may answer instead, since nothing has left; a stream gets a guard that judges it on its way.
 */
export async function guard(answer: Answer, inspection: Inspection, passage: Passage, ports: Ports): Promise<Guarded> {
  let charsScored = 0
  let withheld: WholeAnswer | null = null
  let current = answer
  for (;;) {
    if (current.kind === 'composed') return { ...current, withheld, charsScored }
    if (current.kind === 'stream') return { ...current, guard: openGuard(current, inspection, passage, ports) }
    if (current.kind !== 'whole') return current
    const judged = await judgeAsking(current, inspection, passage, ports)
    charsScored += judged.chars
    if (rank(judged.decision.action) <= rank('flag')) {
      const instead = await beyondRefusal(current, inspection, passage, ports)
      if (instead === null) return { ...current, charsScored }
      current = instead
      continue
    }
    passage.declined.push({ model: current.model, usage: current.reply.usage ?? NO_USAGE })
    withheld = current
    const refusal = { kind: 'composed', decision: effective(passage), recommendedModel: null } as const
    if (judged.decision.reason === 'detector.unavailable' && judged.decision.action === 'refuse')
      current = refused(judged.decision, passage)
    else if (judged.decision.action !== 'fall_back') current = { ...refusal, decision: judged.decision }
    else if (passage.chain.leftToCaller && passage.credit === null) current = refusal
    else current = (await nextHop(inspection, null, passage, ports)) ?? refusal
  }
}

export function openGuard(answer: StreamAnswer, inspection: Inspection, passage: Passage, ports: Ports): StreamGuard {
  const held = passage.state.rules?.onOutput === true || passage.exchange.moderation?.output === 'block'
  const least = held ? 'lag' : 'annotate'
  const mode = guardMode(effective(passage), inspection.findings, passage.mode, least)
  return new StreamGuard(mode, answer.model, inspection, passage, ports)
}

/**
 * The answer of another model in place of a provider's own refusal; null where that is the answer and passes as it came,
 * with every model that was asked before it: it does not lead on, or nobody else answered.
 */
async function beyondRefusal(
  { reply, model }: WholeAnswer,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<Answer | null> {
  if (!leadsOn(reply, passage)) return null
  const step = refusalStep(reply, model, passage)
  const next = await nextHop(inspection, null, passage, ports)
  if (next === null || next.kind === 'composed') return null
  passage.steps.push(...step)
  passage.declined.push({ model, usage: reply.usage ?? NO_USAGE })
  return next
}

type Refusal = Pick<Reply, 'upstreamRefusal' | 'refusedCategory'>

/**
 * Whether a provider's own refusal leads on: down a chain already begun, or where policy joins the two chains and the
 * refusal speaks of a harm.
 */
export function leadsOn({ upstreamRefusal, refusedCategory }: Refusal, passage: Passage): boolean {
  const { chain, hops, state, mode } = passage
  if (!upstreamRefusal || hops >= chain.hops.length || chain.leftToCaller) return false
  if (hops > 0) return true
  return state.onUpstreamRefusal === 'fall_back' && mode === 'enforce' && refusedHarm(refusedCategory) !== null
}

/**
 * The decision that a provider's refusal of the model named becomes, once another model answers for it: until then it is
 * the provider's alone. None on a hop, of which the decision was made before. Asked before the next hop is taken.
 */
export function refusalStep({ refusedCategory }: Refusal, model: string, passage: Passage): Passage['steps'] {
  const category = refusedHarm(refusedCategory)
  if (passage.hops > 0 || category === null) return []
  const input = stepInput(passage, 'output', [{ kind: 'provider_refusal', stage: 'output', category }], model)
  return [{ input, decision: decide(input, passage.state.safeguard.policy) }]
}

/** Scores a whole answer and decides, asking nobody. */
export async function judge(
  answer: Pick<WholeAnswer, 'reply' | 'model'>,
  inspection: Pick<Inspection, 'asked'>,
  passage: Passage,
  ports: Ports,
): Promise<Judged> {
  const { chars, findings } = await read(answer, inspection, passage, ports)
  return {
    chars,
    decision: conclude([...findings, ...notConsulted('output', 'surface', passage, ports)], answer.model, passage),
  }
}

interface Judged {
  readonly chars: number
  readonly decision: Decision
}

/** The same, with second opinions where it is in doubt. */
async function judgeAsking(
  answer: WholeAnswer,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<Judged> {
  const { chars, findings } = await read(answer, inspection, passage, ports)
  if (ports.secondOpinions(passage.state.safeguard.cascade).length === 0)
    return { chars, decision: conclude(findings, answer.model, passage) }
  const text = answer.reply.texts.map((one) => one.text).join('\n')
  const opined = await consultOnAnswer(findings, { ...answer, text, streams: false }, passage, ports)
  return { chars, decision: conclude([...opined], answer.model, passage) }
}

/** Decides, with the caller's own wish to be refused where it has one. */
function conclude(findings: Finding[], model: string, passage: Passage): Decision {
  const input = stepInput(passage, 'output', findings, model)
  const block = blockOf(decide(input, passage.state.safeguard.policy), 'output', passage.exchange)
  return decideStep(passage, 'output', block === null ? findings : [...findings, block], model)
}

/** What the light tier and the operator's rules find in a whole answer. */
async function read(
  answer: Pick<WholeAnswer, 'reply' | 'model'>,
  inspection: Pick<Inspection, 'asked'>,
  passage: Passage,
  ports: Ports,
): Promise<{ readonly chars: number; readonly findings: Finding[] }> {
  const { classifier, clock } = ports
  const findings: Finding[] = []
  let chars = 0
  // Those of an answer that was not the last are not the caller's.
  passage.toolUses.clear()
  const calls = new Map<string, string>()
  try {
    const texts = new Map<string, string>()
    for (const { channel, text, toolUse } of answer.reply.texts) {
      texts.set(channel, (texts.get(channel) ?? '') + text)
      if (toolUse !== undefined) calls.set(channel, toolUse)
    }
    let scores: Scores | null = null
    for (const [channel, text] of texts) {
      const own =
        text.length > SLICE_CHARS
          ? await scoreInSlices(classifier.open('output'), text, clock.pause)
          : classifier.score(text, 'output')
      const ruled = ruleFindings(passage.state.rules, 'output', text, null)
      const call = calls.get(channel)
      if (call !== undefined) passage.toolUses.set(call, [...ruled, answerFinding('output', own)])
      scores = maxScores(scores, own)
      chars += text.length
      findings.push(...ruled)
    }
    if (scores !== null) {
      findings.push(answerFinding('output', scores))
      if (inspection.asked !== null)
        findings.push(answerFinding('exchange', classifier.exchange(inspection.asked, scores)))
    }
    findings.push(...answer.reply.uninspected.map(uninspectedAnswer))
  } catch {
    findings.push({ kind: 'unavailable', detector: LIGHT, tier: 'light', stage: 'output' })
    for (const call of calls.values()) passage.toolUses.set(call, 'unavailable')
  }
  return { chars, findings }
}
