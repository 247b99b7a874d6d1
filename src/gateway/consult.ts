import type { Category } from '../core/base/harm.ts'
import type { DecisionInput } from '../core/policy/decision.ts'
import { inDoubt, mayChange } from '../core/policy/doubt.ts'
import type { Finding, Place } from '../core/policy/finding.ts'
import type { Policy } from '../core/policy/policy.ts'
import { silenced } from '../core/safeguards/exception.ts'
import type { OpinionCounts } from './counters.ts'
import type { Inspection } from './inspect.ts'
import { type Passage, type Screening, stepInput } from './passage.ts'
import type { Opinion, Ports, Question, SecondOpinion, UpstreamAnswer } from './ports.ts'

/** Why a detector was not asked. */
export type Skipped =
  /** The light tier is sure, or sure enough that policy lets it decide. */
  | 'not_in_doubt'
  /** A cheaper second opinion has settled it. */
  | 'settled'
  /** Whatever it said, the action would be the same. */
  | 'cannot_change'
  /** It does not read this side of an exchange. */
  | 'stage'
  /** The answer streams: nobody waits for a judge in the middle of one. */
  | 'stream'
  /** Whoever waits for the verdict waits no longer. */
  | 'no_time'
  /** The endpoint answers by itself, without asking anyone. */
  | 'surface'

/** What is to be judged, beyond what the findings say. */
interface Matter {
  readonly text: string
  readonly asked: string
  readonly place: Place
  readonly beside: Question['beside']
  readonly streams: boolean
  readonly withinMs: number
}

/**
 * Asks second opinions on a request, cheapest first, where the light tier leaves the decision in doubt; each that is not
 * asked is listed with the reason.
 * @param withinMs For all of them together, where someone else's patience is shorter than theirs.
 */
export async function consult(
  inspection: Inspection,
  screening: Screening,
  ports: Ports,
  withinMs: number = Number.POSITIVE_INFINITY,
): Promise<Inspection> {
  const input = stepInput(screening, 'input', inspection.findings, screening.exchange.model)
  const asked = askedNow(screening)
  const place = placeOf(inspection)
  const matter = { text: asked, asked: '', place, beside: null, streams: false, withinMs }
  return { ...inspection, findings: silenced(await opinions(input, matter, screening, ports), inspection.excused) }
}

/** The same for an answer: whole, or a stream that has come to its end. @returns all findings, those given first. */
export function consultOnAnswer(
  findings: readonly Finding[],
  answer: {
    readonly text: string
    readonly streams: boolean
    readonly upstream: UpstreamAnswer
    readonly model: string
  },
  passage: Passage,
  ports: Ports,
): Promise<readonly Finding[]> {
  const input = stepInput(passage, 'output', findings, answer.model)
  const { text, streams, upstream } = answer
  const trailers = async () => {
    await upstream.ended()
    return upstream.trailers
  }
  const beside = { headers: upstream.headers, trailers }
  const matter = { text, asked: askedNow(passage), place: ANSWER, beside, streams, withinMs: Number.POSITIVE_INFINITY }
  return opinions(input, matter, passage, ports)
}

/** Every second opinion as skipped for one reason. */
export function notConsulted(stage: Question['stage'], why: Skipped, ports: Ports): readonly Finding[] {
  return ports.secondOpinions().map((opinion) => skipped(opinion, stage, why, ports))
}

async function opinions(
  input: DecisionInput,
  matter: Matter,
  screening: Screening,
  ports: Ports,
): Promise<readonly Finding[]> {
  const { policy } = screening.state.safeguard
  const stage = input.stage === 'input' ? 'input' : 'output'
  const until = ports.clock.monotonicMs() + matter.withinMs
  const findings = [...input.findings]
  let doubted = inDoubt(input, policy)
  let answered = false
  for (const opinion of ports.secondOpinions()) {
    const leftMs = Math.min(opinion.budgetMs, until - ports.clock.monotonicMs())
    const sure = answered ? 'settled' : 'not_in_doubt'
    const why = whyNot(opinion, stage, { ...input, findings }, doubted, matter.streams, leftMs, policy)
    if (why !== null) {
      findings.push(skipped(opinion, stage, why === 'not_in_doubt' ? sure : why, ports))
      continue
    }
    countAsked(opinion, screening, ports)
    const { text, asked, beside } = matter
    const question = { stage, text, asked, categories: doubted, requestId: screening.ids.request, beside } as const
    const said = await within(leftMs, opinion, question, screening, ports)
    findings.push(findingOf(said, opinion, stage, doubted, matter.place, ports))
    answered ||= said.kind === 'scored'
    doubted = inDoubt({ ...input, findings }, policy)
  }
  return findings
}

function whyNot(
  opinion: SecondOpinion,
  stage: Question['stage'],
  input: DecisionInput,
  doubted: readonly Category[],
  streams: boolean,
  leftMs: number,
  policy: Policy,
): Skipped | null {
  if (!opinion.stages.has(stage)) return 'stage'
  if (doubted.length === 0) return 'not_in_doubt'
  if (streams && opinion.tier !== 'probe') return 'stream'
  if (!mayChange(input, doubted, opinion, policy)) return 'cannot_change'
  return leftMs <= 0 ? 'no_time' : null
}

/** Holds a detector to its budget, whether or not it heeds its signal; what it throws is a finding, never a pass. */
async function within(
  leftMs: number,
  opinion: SecondOpinion,
  question: Question,
  { request }: Screening,
  ports: Ports,
): Promise<Opinion> {
  const over = new AbortController()
  const signal = AbortSignal.any([request.signal, over.signal])
  try {
    const late = ports.clock.sleep(leftMs, signal).then((): Opinion => {
      // Someone else's impatience is no fault of the detector's: its breaker must not hear of it.
      over.abort(new DOMException('late', leftMs < opinion.budgetMs ? 'AbortError' : 'TimeoutError'))
      return { kind: 'unavailable', code: 'timeout' }
    })
    return await Promise.race([opinion.ask(question, signal), late])
  } catch (error) {
    const fault = error instanceof Error ? error.name : typeof error
    if (!signal.aborted) ports.report('detector.failed', { detector: opinion.id, fault })
    return { kind: 'unavailable', code: 'failed' }
  } finally {
    over.abort()
  }
}

function findingOf(
  said: Opinion,
  opinion: SecondOpinion,
  stage: Question['stage'],
  doubted: readonly Category[],
  place: Place,
  ports: Ports,
): Finding {
  const detector = opinion.id
  const tier = opinion.tier === 'probe' ? 'probe' : 'second_opinion'
  if (said.kind === 'scored') {
    const thresholds = opinion.thresholds === null ? {} : { thresholds: opinion.thresholds }
    return { kind: 'scored', detector, tier, stage, place, ppm: said.ppm, covers: opinion.covers, ...thresholds }
  }
  countsOf(opinion, ports).unavailable++
  const onFailure = doubted.flatMap((category) => {
    const action = opinion.onFailure(category)
    return action === null ? [] : [{ category, action }]
  })
  return { kind: 'unavailable', detector, tier, stage, code: said.code, ...(onFailure.length > 0 ? { onFailure } : {}) }
}

function skipped({ id }: SecondOpinion, stage: Question['stage'], why: Skipped, ports: Ports): Finding {
  countsOf({ id }, ports).skipped++
  return { kind: 'skipped', detector: id, stage, why }
}

function countAsked(opinion: SecondOpinion, screening: Screening, ports: Ports): void {
  countsOf(opinion, ports).asked++
  if (!screening.escalated) ports.counters.escalated++
  screening.escalated = true
}

function countsOf({ id }: Pick<SecondOpinion, 'id'>, { counters }: Ports): OpinionCounts {
  let counts = counters.opinions.get(id)
  if (counts === undefined) counters.opinions.set(id, (counts = { asked: 0, unavailable: 0, skipped: 0 }))
  return counts
}

/** What the user asks now: the only text of a request that has intent. */
function askedNow({ exchange }: Screening): string {
  const texts: string[] = []
  for (const { parts } of exchange.turns.slice(exchange.newestFrom))
    for (const part of parts) if (part.kind === 'text' && part.trust === 'user') texts.push(part.text)
  return texts.join('\n')
}

/** Where the light tier read what the user asks now. */
function placeOf({ findings }: Inspection): Place {
  for (const one of findings)
    if (one.kind === 'scored' && one.place.newest && one.place.trust === 'user') return one.place
  return { part: 'user', trust: 'user', turn: 0, newest: true }
}

const ANSWER: Place = { part: 'assistant', trust: 'untrusted', turn: -1, newest: true }
