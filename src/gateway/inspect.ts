import { LABELS } from '../core/base/reasons.ts'
import type { Classifier, Scores, TextScorer } from '../core/classifier/types.ts'
import type { Exchange } from '../core/conversation/exchange.ts'
import { type Finding, type Place, toPpm } from '../core/policy/finding.ts'

/** What was found in a request, and what the answer's guard needs of it. */
export interface Inspection {
  readonly findings: readonly Finding[]
  /** Scores of what the user asks now: the exchange view reads them together with the answer. Null without text. */
  readonly asked: Scores | null
  /** Code units classified. */
  readonly chars: number
}

export const LIGHT = 'light'

/**
 * Scores a request, part by part: what the user asks now, apart from history and from every kind of ambient text
 * (system prompts, documents, tool results, tool definitions). Texts of one kind are read as one running text, so that
 * a sentence split over parts is still one sentence.
 *
 * A classifier that throws becomes a finding; nothing is passed over in silence.
 */
export function inspect(exchange: Exchange, classifier: Classifier): Inspection {
  const groups = new Map<string, { place: Place; scorer: TextScorer | null }>()
  const findings: Finding[] = []
  let failed = false
  let chars = 0
  for (let turn = 0; turn < exchange.turns.length; turn++) {
    const newest = turn >= exchange.newestFrom
    for (const part of exchange.turns[turn]!.parts) {
      const place: Place = { part: part.place, trust: part.trust, turn, newest }
      if (part.kind === 'uninspected') {
        findings.push({ kind: 'uninspected', stage: 'input', media: part.media, place })
        continue
      }
      const key = `${part.place} ${part.trust} ${newest}`
      let group = groups.get(key)
      if (group === undefined) groups.set(key, (group = { place, scorer: null }))
      try {
        if (group.scorer === null) group.scorer = classifier.open('input')
        else group.scorer.feed('\n')
        group.scorer.feed(part.text)
      } catch {
        failed = true
      }
      group.place = place
      chars += part.text.length
    }
  }
  let asked: Scores | null = null
  for (const { place, scorer } of groups.values()) {
    if (scorer === null) continue
    try {
      const scores = scorer.scores()
      if (place.newest && place.trust === 'user') asked = scores
      findings.push({ kind: 'scored', detector: LIGHT, tier: 'light', stage: 'input', place, ppm: toPpm(scores) })
      scorer.close()
    } catch {
      failed = true
    }
  }
  if (failed) findings.push({ kind: 'unavailable', detector: LIGHT, tier: 'light', stage: 'input' })
  return { findings, asked, chars }
}

/** A finding about an answer: `scores` of its text, or of prompt and answer read together. */
export function answerFinding(stage: 'output' | 'exchange', scores: Scores): Finding {
  return { kind: 'scored', detector: LIGHT, tier: 'light', stage, place: ANSWER, ppm: toPpm(scores) }
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
