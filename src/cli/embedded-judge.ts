import { CATEGORIES } from '../core/base/harm.ts'
import { PLAIN_CONTEXT, type TextContext } from '../core/classifier/combine.ts'
import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import type { Classifier, ScoreStage, Scores } from '../core/classifier/types.ts'
import { decide, strictest } from '../core/policy/decide.ts'
import { inDoubt, mayChange } from '../core/policy/doubt.ts'
import { rank } from '../core/policy/policy.ts'
import type { Safeguard } from '../core/safeguards/safeguard.ts'
import { ORDINARY } from '../core/trust/standing.ts'
import type { ScoredTexts } from '../gateway/scored-texts.ts'
import { scoreRows } from '../jobs/evaluation/score-rows.ts'
import type { Judge } from '../jobs/training-ports.ts'
import { judgedSteps } from './judged-steps.ts'

/**
 * The embedded model as a judge: the score is the greatest probability, flagged and acted are what the default policy
 * would do in enforce, for an ordinary caller with a weaker model at hand; asked is what it would ask someone who knows of
 * every category.
 */
export function embeddedJudge(classifier: Classifier, { policy }: Safeguard): Judge {
  // Policy and score read the same texts: each is scored once per row.
  const known = new Map<string, Scores>()
  const score = (text: string, stage: ScoreStage, context: TextContext = PLAIN_CONTEXT): Scores => {
    const key = `${stage} ${Number(context.ambient)}${Number(context.system)} ${text}`
    const found = known.get(key) ?? classifier.score(text, stage, context)
    known.set(key, found)
    return found
  }
  const remembering: Classifier = { ...classifier, score }
  const texts: ScoredTexts = {
    score: (stage, text, context) => score(text, stage, context),
    scoreOnce: (stage, text, context) => score(text, stage, context),
  }
  const context = {
    standing: ORDINARY,
    mode: 'enforce',
    fallbackModel: 'the weaker model',
    asksFallbackTarget: false,
  } as const
  return {
    concurrency: 1,
    verdict(row: EvalRow) {
      known.clear()
      const steps = judgedSteps(row.turns, classifier, texts).map((step) => ({ ...context, ...step }))
      const { action } = strictest(steps.map((step) => decide(step, policy)))
      const asked = steps.some((step) => {
        const doubted = inDoubt(step, policy)
        return doubted.length > 0 && mayChange(step, doubted, ANYONE, policy)
      })
      const greatest = scoreRows([row], remembering)[0]!.score
      return { kind: 'scored', score: greatest, flagged: action !== 'allow', acted: rank(action) > rank('flag'), asked }
    },
  }
}

const ANYONE = { names: CATEGORIES, covers: CATEGORIES }
