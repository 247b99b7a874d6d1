import { LABELS } from '../base/reasons.ts'
import { explain } from './explain.ts'
import { logit, type Model, sigmoid } from './model.ts'
import { topicOf } from './topics.ts'
import type { Classifier, Scores } from './types.ts'
import { ViewScorer } from './view-scorer.ts'

/** A classifier over one model. @param modelHash `sha256:` of the file that the model came from. */
export function createClassifier(model: Model, modelHash: string): Classifier {
  return {
    modelHash,
    thresholds: model.thresholds,
    score(text, stage, context) {
      const scorer = new ViewScorer(model, stage, context)
      scorer.feed(text)
      const scores = scorer.scores()
      scorer.close()
      return scores
    },
    open: (stage, context) => new ViewScorer(model, stage, context),
    exchange: (prompt, answer) => exchange(prompt, answer, model),
    topic: (text) => (model.topics === null ? 'other' : topicOf(model.topics, text)),
    explain: (text, stage, label, most) => explain(model, text, stage, label, most),
  }
}

/**
 * The exchange view: how harmful the answer is, knowing what was asked. A refusal is harmless whatever was asked, and so
 * is help with what harms nobody: the answer is weighed together with the lesser of the two. Categories come from the
 * answer, or from the prompt where the answer by itself names none.
 */
function exchange(prompt: Scores, answer: Scores, model: Model): Scores {
  const p = logit(greatest(prompt))
  const a = logit(greatest(answer))
  const { exchange: weights } = model
  const together = sigmoid(weights.bias + weights.answer * a + weights.lesser * Math.min(p, a))
  const named = greatest(answer) >= 0.02 ? answer : prompt
  const most = greatest(named)
  const scores = new Float64Array(LABELS.length)
  // Attack forms belong to requests: an answer has a topic, not a form.
  for (let label = 0; label < LABELS.length; label++)
    if (LABELS[label]!.startsWith('harm.')) scores[label] = most === 0 ? 0 : together * (named[label]! / most)
  return scores
}

function greatest(scores: Scores): number {
  let most = 0
  for (let i = 0; i < scores.length; i++) if (scores[i]! > most) most = scores[i]!
  return most
}
