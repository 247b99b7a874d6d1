import { isContinuation } from './continuation.ts'
import type { Exchange, TextPart, Turn } from './exchange.ts'

/** What is asked now, beside what the user says in the newest turns. */
export interface Asked {
  /** Turns of an earlier step, half-open, that are asked still; null where there are none. */
  readonly still: { readonly from: number; readonly to: number } | null
  /** No user says anything: whoever calls asks in the operator's place. */
  readonly bySystem: boolean
}

type Conversation = Pick<Exchange, 'turns' | 'newestFrom'>

/**
 * Who asks what. Newest turns that say nothing of their own (none, blanks, "continue") ask for what was asked before: the
 * last step in which a user says something. So do turns in which the caller brings results of tools, whatever is said beside
 * them: the model is in the middle of its answer, and what was said beside earlier results is asked still with the question
 * that they belong to. Results in an answer that the caller goes on from came after its question.
 */
export function askedOf({ turns, newestFrom }: Conversation): Asked {
  const now = turns.slice(newestFrom)
  const silent = !saysSomething(now)
  const still = silent || isMidway(now) ? stillAsked(turns, newestFrom) : null
  return { still, bySystem: silent && still === null }
}

/** Text that is asked now, in order: what a detector of intent reads. */
export function askedText(conversation: Conversation, { still, bySystem }: Asked = askedOf(conversation)): string {
  const { turns, newestFrom } = conversation
  const before = still === null ? [] : turns.slice(still.from, still.to).flatMap(byUser)
  const now = turns.slice(newestFrom).flatMap(bySystem ? bySystemOrUser : byUser)
  return [...before, ...now].map(({ text }) => text).join('\n')
}

/**
 * The question that the model is at: the same in every round of tools and after every "continue", whatever is said beside
 * the results. Where nobody asked one, all that is asked now.
 */
export function questionText(conversation: Conversation): string {
  const { turns, newestFrom } = conversation
  const opens = (step: readonly Turn[]) => saysSomething(step) && !isMidway(step)
  const opened = opens(turns.slice(newestFrom)) ? null : lastStep(turns, newestFrom, opens)
  if (opened === null) return askedText(conversation)
  const parts = turns.slice(opened.from, opened.to).flatMap(byUser)
  return parts.map(({ text }) => text).join('\n')
}

/** The last step before `end` in which a user says something; where it is in the middle of an answer, from its question on. */
function stillAsked(turns: readonly Turn[], end: number): Asked['still'] {
  const last = lastStep(turns, end, saysSomething)
  if (last === null) return null
  let step: NonNullable<Asked['still']> = last
  while (isMidway(turns.slice(step.from, step.to))) {
    const before = lastStep(turns, step.from, saysSomething)
    if (before === null) break
    step = before
  }
  return { from: step.from, to: last.to }
}

/** The last such step before `end`: everything between two answers. */
function lastStep(turns: readonly Turn[], end: number, is: (step: readonly Turn[]) => boolean): Asked['still'] {
  for (let to = end; to > 0; ) {
    let from = to - 1
    while (from > 0 && isAnswer(turns[from - 1]!) === isAnswer(turns[to - 1]!)) from--
    if (is(turns.slice(from, to))) return { from, to }
    to = from
  }
  return null
}

function isAnswer({ role }: Turn): boolean {
  return role === 'assistant'
}

/** Results of tools: the model is in the middle of its answer. */
function isMidway(step: readonly Turn[]): boolean {
  return step.some((turn) => !isAnswer(turn) && turn.parts.some(({ place }) => place === 'tool_result'))
}

function saysSomething(turns: readonly Turn[]): boolean {
  const text = turns
    .flatMap(byUser)
    .map((part) => part.text)
    .join('\n')
  return text.trim() !== '' && !isContinuation(text)
}

function byUser({ parts }: Turn): readonly TextPart[] {
  return parts.filter((part): part is TextPart => part.kind === 'text' && part.trust === 'user')
}

function bySystemOrUser({ parts }: Turn): readonly TextPart[] {
  return parts.filter((part): part is TextPart => part.kind === 'text' && part.trust !== 'untrusted')
}
