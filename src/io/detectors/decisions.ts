import { type DecisionQuestion, decisionsPpm, decisionsRequest, predicatesFor } from '../../core/protocols/decisions.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { bearer, type Detector, known, settingsOf } from './detector.ts'
import { openCalls, unavailable } from './detector-calls.ts'

/** An endpoint of the shape of `/v1/decisions`: the operator's questions, or one per category in doubt. */
export function decisions(config: Extract<DetectorConfig, { kind: 'decisions' }>, secret: string | null): Detector {
  const calls = openCalls({ ...settingsOf(config), headers: bearer(secret) })
  const own = config.questions as readonly DecisionQuestion[] | undefined
  const names = own === undefined ? {} : { names: [...new Set(own.map(({ category }) => category))] }
  return {
    ...known(config, { tier: 'judge', costUs: 1_000_000, budgetMs: 4_000, ...names }),
    state: () => calls.state,
    close: calls.close,
    async ask({ stage, text, asked, categories }, signal) {
      const input = stage === 'input' ? text : `Request:\n${asked}\n\nAnswer:\n${text}`
      if (input.length > config.max_chars) return unavailable('too_long')
      const doubted = new Set(categories)
      const questions = own?.filter(({ category }) => doubted.has(category)) ?? predicatesFor(categories, stage)
      const read = (json: unknown) => {
        const ppm = decisionsPpm(json, questions)
        if (ppm === 'refused') return unavailable('refused')
        return ppm === null ? null : ({ kind: 'scored', ppm } as const)
      }
      return calls.post('/v1/decisions', decisionsRequest(config.model, input, questions), read, signal)
    },
  }
}
