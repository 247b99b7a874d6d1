import { MODERATION_COVERS, MODERATION_NAMES, moderationPpm } from '../../core/protocols/moderation-verdict.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { bearer, type Detector, known, settingsOf } from './detector.ts'
import { openCalls, unavailable } from './detector-calls.ts'

/** A moderation endpoint in OpenAI's shape, hosted or self-hosted. */
export function moderation(config: Extract<DetectorConfig, { kind: 'moderation' }>, secret: string | null): Detector {
  const calls = openCalls({ ...settingsOf(config), headers: bearer(secret) })
  const facts = known(config, { tier: 'hosted', costUs: 300_000, budgetMs: 2_000, names: MODERATION_NAMES })
  return {
    ...facts,
    covers: MODERATION_COVERS.filter((one) => config.categories?.includes(one) ?? true),
    state: () => calls.state,
    close: calls.close,
    async ask({ text, categories }, signal) {
      if (text.length > config.max_chars) return unavailable('too_long')
      const read = (json: unknown) => {
        const ppm = moderationPpm(json, categories, facts.thresholds.clear)
        // It speaks against this answer, not against the host: such a text must not open the breaker for all.
        if (ppm === 'contradicted') return unavailable('invalid')
        return ppm === null ? null : ({ kind: 'scored', ppm } as const)
      }
      return calls.post('/v1/moderations', { model: config.model, input: text }, read, signal)
    },
  }
}
