import { LABELS } from '../core/base/reasons.ts'
import type { TextContext } from '../core/classifier/combine.ts'
import type { FamilyBook } from '../core/classifier/family-book.ts'
import type { Scores } from '../core/classifier/types.ts'
import { hasUnknownScript } from '../core/classifier/unknown-script.ts'
import { type Asked, askedOf } from '../core/conversation/asked.ts'
import type { Exchange, Part } from '../core/conversation/exchange.ts'
import { suspensionOf } from '../core/governance/suspension.ts'
import { type Finding, type Place, ruleDetector, type Stage, toPpm, UNKNOWN_LANGUAGE } from '../core/policy/finding.ts'
import { excuse, type Reading } from '../core/safeguards/exception.ts'
import type { Rule, RuleBook } from '../core/safeguards/rules.ts'
import type { Screening } from './passage.ts'
import type { ScoredTexts } from './scored-texts.ts'

/** What was found in a request, and what the answer's guard needs of it. */
export interface Inspection extends Reading {
  /** Code units of text that was looked at, whether its scores were known already or not. */
  readonly chars: number
}

export const LIGHT = 'light'
/** Of the joined text over turn borders, code units from either side. */
const TAIL_CHARS = 2_000

/** Texts of one kind within one step of the conversation: read as one running text, since a sentence may span parts. */
interface Group {
  readonly place: Place
  readonly texts: string[]
}

/**
 * Scores a request: what the user asks now, apart from history and from every kind of ambient text (system prompts,
 * documents, tool results, tool definitions).
 *
 * A step of the conversation is everything between two answers, or one answer. Each step is scored by itself, so that
 * what was scored when it was new need not be scored again (`texts` remembers it), and the result is the same whether it
 * was remembered or not. Over the border between history and the newest step a joined stretch is scored as well, against
 * a request that was cut in pieces.
 *
 * What was asked before and is asked still counts as if it stood there again, else whoever was refused or diverted would
 * say "continue", or have a tool answer.
 *
 * A classifier that throws becomes a finding, and families as well; nothing is passed over in silence.
 *
 * @param asking Whose words these are, where some parts of the request are left out.
 */
export function inspect(
  exchange: Exchange,
  rules: RuleBook | null,
  texts: ScoredTexts,
  families: FamilyBook | null = null,
  { still, bySystem }: Asked = askedOf(exchange),
): Inspection {
  const findings: Finding[] = []
  const groups = groupsOf(exchange, findings)
  const contexts = contextsOf(exchange)
  const history = new Map<string, History>()
  let failed = false
  const besideScores = (text: string, place: Place): readonly Finding[] => {
    try {
      return [...familyFindings(families, text, place), ...(place.trust === 'user' ? unread(text, place) : [])]
    } catch {
      failed = true
      return NO_FINDINGS
    }
  }
  let asked: Scores | null = null
  let chars = 0
  let askedBefore = ''
  let askedNow = ''
  for (const { place: stood, texts: parts } of groups) {
    // Without a user, what is written in the operator's place is what is asked.
    const place: Place = bySystem && stood.newest && stood.trust === 'system' ? { ...stood, trust: 'user' } : stood
    const text = parts.length === 1 ? parts[0]! : parts.join('\n')
    chars += text.length
    findings.push(...ruleFindings(rules, 'input', text, place))
    if (place.newest) findings.push(...besideScores(text, place))
    const byUser = place.part === 'user' && place.trust === 'user'
    if (byUser && place.newest) askedNow = text
    else if (byUser) askedBefore = `${askedBefore}\n${text}`.slice(-TAIL_CHARS)
    try {
      const scores = texts.score('input', text, contexts(place))
      if (place.newest) findings.push(scored('input', place, scores))
      else remember(history, place, scores)
      if (place.newest && place.trust === 'user') asked = maxScores(asked, scores)
      else if (byUser && still !== null && place.turn >= still.from && place.turn < still.to) {
        const again = { ...place, newest: true }
        findings.push(scored('input', again, scores), ...besideScores(text, again))
        asked = maxScores(asked, scores)
      }
    } catch {
      failed = true
    }
  }
  for (const { place, scores } of history.values()) findings.push(scored('input', place, scores))
  if (askedBefore !== '' && askedNow !== '') {
    const joined = `${askedBefore}\n${askedNow.slice(0, TAIL_CHARS)}`
    try {
      findings.push(
        scored(
          'input',
          { part: 'user', trust: 'user', turn: exchange.newestFrom, newest: false },
          texts.scoreOnce('input', joined, contexts({ part: 'user' })),
        ),
      )
    } catch {
      failed = true
    }
  }
  if (failed) findings.push({ kind: 'unavailable', detector: LIGHT, tier: 'light', stage: 'input' })
  return { findings, asked, chars }
}

/** What reads a request. */
export interface Detectors {
  readonly texts: ScoredTexts
  readonly families: FamilyBook | null
  readonly rules: RuleBook | null
}

/** The text of a request, and the controls that hold for the model it names. */
export function inspectAll(
  { exchange, state, caller, atMs }: Screening,
  { texts, families, rules }: Detectors,
): Inspection {
  const asking = askedOf(exchange)
  const read = excuse(exchange, caller, atMs, state.exceptions, (some) => inspect(some, rules, texts, families, asking))
  if (suspensionOf(exchange.model, state.suspended, atMs) === null) return read
  return { ...read, findings: [{ kind: 'control', control: 'suspended' }, ...read.findings] }
}

/** How a text of a request is read: what only came with the question is judged apart from it. */
export function contextsOf({ turns }: Exchange): (place: Pick<Place, 'part'>) => TextContext {
  const system = turns.some(({ role }) => role === 'system')
  const asked = { ambient: false, system }
  const ambient = { ambient: true, system }
  return ({ part }) => (AMBIENT.has(part) ? ambient : asked)
}

const AMBIENT: ReadonlySet<Place['part']> = new Set(['tool_result', 'tool_definition', 'document'])

export function groupsOf({ turns, newestFrom }: Exchange, findings: Finding[]): Iterable<Group> {
  const groups = new Map<string, Group>()
  let step = 0
  for (let turn = 0; turn < turns.length; turn++) {
    const { role, parts } = turns[turn]!
    const newest = turn >= newestFrom
    if (!newest && turn > 0 && (role === 'assistant') !== (turns[turn - 1]!.role === 'assistant')) step++
    for (const part of parts) {
      const place: Place = { part: part.place, trust: part.trust, turn, newest }
      if (part.kind === 'uninspected') findings.push({ kind: 'uninspected', stage: 'input', media: part.media, place })
      else add(groups, newest ? -1 : step, place, part)
    }
  }
  return groups.values()
}

function add(groups: Map<string, Group>, step: number, place: Place, part: Extract<Part, { kind: 'text' }>): void {
  const key = `${step} ${place.part} ${place.trust}`
  const group = groups.get(key)
  if (group === undefined) groups.set(key, { place, texts: [part.text] })
  else group.texts.push(part.text)
}

/** Scores of past steps of one kind. */
interface History {
  place: Place
  readonly scores: Float64Array
  most: number
}

/** History says where it was worst: label by label the most of any step, at the turn of the step with the most. */
function remember(history: Map<string, History>, place: Place, scores: Scores): void {
  const key = `${place.part} ${place.trust}`
  let one = history.get(key)
  if (one === undefined) {
    one = { place, scores: new Float64Array(LABELS.length), most: Number.NEGATIVE_INFINITY }
    history.set(key, one)
  }
  let most = Number.NEGATIVE_INFINITY
  // In place: there are tens of thousands of steps in the longest requests.
  for (let label = 0; label < LABELS.length; label++) {
    const score = scores[label] ?? 0
    if (score > most) most = score
    if (score > one.scores[label]!) one.scores[label] = score
  }
  if (most <= one.most) return
  one.place = place
  one.most = most
}

function scored(stage: Stage, place: Place, scores: Scores): Finding {
  return { kind: 'scored', detector: LIGHT, tier: 'light', stage, place, ppm: toPpm(scores) }
}

/** What is asked in a language that the classifier cannot read has its scores as well, and they say nothing. */
function unread(text: string, place: Place): readonly Finding[] {
  return hasUnknownScript(text)
    ? [{ kind: 'uninspected', stage: 'input', media: UNKNOWN_LANGUAGE, place }]
    : NO_FINDINGS
}

/** Reported techniques that `text` is a variant of. Only what is new is looked at: history was, when it was new. */
function familyFindings(families: FamilyBook | null, text: string, place: Place): readonly Finding[] {
  if (families === null) return NO_FINDINGS
  return families
    .match(text)
    .map(({ id, attack, category }) => ({ kind: 'family', family: id, form: attack, category, stage: 'input', place }))
}

/** The operator's rules that `text` meets. @param place Null for an answer. */
export function ruleFindings(
  rules: RuleBook | null,
  stage: 'input' | 'output',
  text: string,
  place: Place | null,
): readonly Finding[] {
  if (rules === null) return NO_FINDINGS
  const matched = rules.match(stage, text).map(
    ({ name, action, category }): Finding => ({
      ...{ kind: 'rule', rule: name, stage, action, category, place: place ?? ANSWER },
    }),
  )
  const disabled = rules.disabled(stage)
  return disabled.length === 0 ? matched : [...matched, ...disabled.map((rule) => silent(rule, stage))]
}

/** A rule that is not asked any more says nothing of a text, and that is said: it marks the text for a person. */
function silent({ name, category }: Rule, stage: 'input' | 'output'): Finding {
  return {
    ...{ kind: 'unavailable', detector: ruleDetector(name), tier: 'second_opinion', stage, code: 'over_budget' },
    onFailure: [{ category, action: 'flag' }],
  }
}

const NO_FINDINGS: readonly Finding[] = []

/** A finding about an answer: `scores` of its text, or of prompt and answer read together. */
export function answerFinding(stage: 'output' | 'exchange', scores: Scores): Finding {
  return scored(stage, ANSWER, scores)
}

/** A block of an answer that no detector of ours can read. */
export function uninspectedAnswer(media: string): Finding {
  return { kind: 'uninspected', stage: 'output', media, place: ANSWER }
}

/** The answer is no turn of the request yet, hence -1. */
const ANSWER: Place = { part: 'assistant', trust: 'untrusted', turn: -1, newest: true }

/** The greater of two score arrays, label by label. */
export function maxScores(a: Scores | null, b: Scores): Scores {
  if (a === null) return b
  const most = new Float64Array(LABELS.length)
  for (let i = 0; i < most.length; i++) most[i] = Math.max(a[i] ?? 0, b[i] ?? 0)
  return most
}
