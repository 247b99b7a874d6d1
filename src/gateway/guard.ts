import type { Scores } from '../core/classifier/types.ts'
import { guardMode } from '../core/policy/guard-mode.ts'
import { rank } from '../core/policy/policy.ts'
import type { Answer } from './act.ts'
import { ask } from './act.ts'
import { answerFinding, type Inspection, LIGHT, maxScores, uninspectedAnswer } from './inspect.ts'
import { decideStep, type Passage } from './passage.ts'
import type { Ports } from './ports.ts'
import { effective } from './settle.ts'
import { StreamGuard } from './stream-guard.ts'

/** An answer that was looked at, or the guard that will look at it while it streams. */
export type Guarded =
  | Exclude<Answer, { kind: 'stream' } | { kind: 'whole' }>
  | (Extract<Answer, { kind: 'whole' }> & { readonly charsScored: number })
  | (Extract<Answer, { kind: 'stream' }> & { readonly guard: StreamGuard })
  /** A model answered, and its answer is withheld. */
  | { readonly kind: 'withheld'; readonly whole: Extract<Answer, { kind: 'whole' }>; readonly charsScored: number }

/**
 * Looks at what a model answered before the caller gets it. A whole answer is judged here, and may still be diverted to
 * the weaker model, since nothing has left; a stream gets a guard that judges it on its way.
 */
export async function guard(answer: Answer, inspection: Inspection, passage: Passage, ports: Ports): Promise<Guarded> {
  if (answer.kind === 'stream') {
    const mode = guardMode(effective(passage), inspection.findings, passage.mode)
    return { ...answer, guard: new StreamGuard(mode, answer.model, inspection, passage, ports) }
  }
  if (answer.kind !== 'whole') return answer
  const charsScored = judge(answer, inspection, passage, ports)
  const decision = passage.steps.at(-1)!.decision
  if (rank(decision.action) <= rank('flag')) return { ...answer, charsScored }
  passage.declinedUsage = answer.reply.usage
  if (decision.action !== 'fall_back' || decision.fallbackModel === null)
    return { kind: 'withheld', whole: answer, charsScored }
  // Not streamed, so nothing has left: the weaker model may answer instead (wire.md §6.2), and is judged in turn.
  const second = await ask(decision.fallbackModel, passage, ports)
  if (second.kind !== 'whole') return { kind: 'withheld', whole: answer, charsScored }
  const more = judge(second, inspection, passage, ports)
  if (rank(passage.steps.at(-1)!.decision.action) > rank('flag'))
    return { kind: 'withheld', whole: second, charsScored: charsScored + more }
  return { ...second, charsScored: charsScored + more }
}

/** Scores a whole answer and decides. @returns code units scored. */
function judge(
  answer: Extract<Answer, { kind: 'whole' }>,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): number {
  const { classifier } = ports
  let chars = 0
  try {
    const scorers = new Map<string, ReturnType<typeof classifier.open>>()
    for (const { channel, text } of answer.reply.texts) {
      let scorer = scorers.get(channel)
      if (scorer === undefined) scorers.set(channel, (scorer = classifier.open('output')))
      scorer.feed(text)
      chars += text.length
    }
    let scores: Scores | null = null
    for (const scorer of scorers.values()) {
      scores = maxScores(scores, scorer.scores())
      scorer.close()
    }
    const findings = [
      ...(scores === null ? [] : [answerFinding('output', scores)]),
      ...(scores === null || inspection.asked === null
        ? []
        : [answerFinding('exchange', classifier.exchange(inspection.asked, scores))]),
      ...answer.reply.uninspected.map(uninspectedAnswer),
    ]
    decideStep(passage, 'output', findings, answer.model)
  } catch {
    decideStep(
      passage,
      'output',
      [{ kind: 'unavailable', detector: LIGHT, tier: 'light', stage: 'output' }],
      answer.model,
    )
  }
  return chars
}
