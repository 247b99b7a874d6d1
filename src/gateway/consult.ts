import type { Category } from '../core/base/harm.ts'
import { askedText } from '../core/conversation/asked.ts'
import { type Circumstance, cascade, failures } from '../core/policy/cascade.ts'
import type { DecisionInput } from '../core/policy/decision.ts'
import type { Finding, Place } from '../core/policy/finding.ts'
import { silenced } from '../core/safeguards/exception.ts'
import type { OpinionCounts } from './counters.ts'
import type { Inspection } from './inspect.ts'
import { type Passage, type Screening, stepInput } from './passage.ts'
import type { Opinion, Ports, Question, SecondOpinion, UpstreamAnswer } from './ports.ts'

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
 * Asks second opinions on a request, one after the other, where the light tier leaves the decision in doubt; each that is not
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
  const asked = askedText(screening.exchange)
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
  const matter = {
    text,
    asked: askedText(passage.exchange),
    place: ANSWER,
    beside,
    streams,
    withinMs: Number.POSITIVE_INFINITY,
  }
  return opinions(input, matter, passage, ports)
}

/** Every second opinion as skipped for one reason. */
export function notConsulted(
  stage: Question['stage'],
  why: Circumstance,
  screening: Pick<Screening, 'state'>,
  ports: Ports,
): readonly Finding[] {
  const { cascade } = screening.state.safeguard
  const skipped = ports
    .secondOpinions(cascade)
    .map(({ id }) => ({ kind: 'skipped', detector: id, stage, why }) satisfies Finding)
  return countSkipped(skipped, ports)
}

/** Walks the cascade of the safeguard that decides, and asks whom it says. */
async function opinions(
  input: DecisionInput,
  matter: Matter,
  screening: Screening,
  ports: Ports,
): Promise<readonly Finding[]> {
  const { policy, cascade: settings } = screening.state.safeguard
  const stage = input.stage === 'input' ? 'input' : 'output'
  const until = ports.clock.monotonicMs() + matter.withinMs
  const leftMs = ({ budgetMs }: SecondOpinion) => Math.min(budgetMs, until - ports.clock.monotonicMs())
  const bar = (opinion: SecondOpinion): Circumstance | null => {
    if (matter.streams && opinion.tier !== 'probe') return 'stream'
    return leftMs(opinion) <= 0 ? 'no_time' : null
  }
  const walk = cascade(input, ports.secondOpinions(settings), settings?.stop ?? 'settled', policy, bar)
  let next = walk.next()
  while (next.done !== true) {
    const { member: opinion, doubted } = next.value
    countAsked(opinion, screening, ports)
    const { text, asked, beside } = matter
    const question = { stage, text, asked, categories: doubted, requestId: screening.ids.request, beside } as const
    const said = await within(leftMs(opinion), opinion, question, screening, ports)
    next = walk.next(findingOf(said, opinion, stage, doubted, matter.place, ports))
  }
  countSkipped(next.value.slice(input.findings.length), ports)
  return next.value
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
    const { kind: _, ...word } = said
    const thresholds = opinion.thresholds === null ? {} : { thresholds: opinion.thresholds }
    return { kind: 'scored', detector, tier, stage, place, ...word, covers: opinion.covers, ...thresholds }
  }
  countsOf(opinion, ports).unavailable++
  return { kind: 'unavailable', detector, tier, stage, code: said.code, ...failures(opinion, doubted) }
}

function countSkipped(findings: readonly Finding[], ports: Ports): readonly Finding[] {
  for (const one of findings) if (one.kind === 'skipped') countsOf({ id: one.detector }, ports).skipped++
  return findings
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

/** Where the light tier read what the user asks now. */
function placeOf({ findings }: Inspection): Place {
  for (const one of findings)
    if (one.kind === 'scored' && one.place.newest && one.place.trust === 'user') return one.place
  return { part: 'user', trust: 'user', turn: 0, newest: true }
}

const ANSWER: Place = { part: 'assistant', trust: 'untrusted', turn: -1, newest: true }
