import type { Hono } from 'hono'
import { z } from 'zod'
import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import type { Policy } from '../core/policy/policy.ts'
import { type Draft, DraftError, LEAST_DRAFT_PPM } from '../jobs/draft-corpus.ts'
import type { AdminPorts } from './ports.ts'
import { apiError } from './replies.ts'

const ppm = z.int().min(LEAST_DRAFT_PPM).max(1_000_001)
const lines = { clear: ppm, act: ppm, actPlus: ppm }
const draftSchema = z.union([
  z.strictObject({
    rule: z
      .strictObject({
        name: z.string().min(1).max(64).default('draft'),
        stage: z.enum(['input', 'output', 'both']).default('input'),
        action: z.enum(['flag', 'fall_back', 'require_trust', 'refuse']),
        category: z.enum(CATEGORIES),
        phrases: z.array(z.string().min(1).max(256)).max(200).default([]),
        patterns: z.array(z.string().min(1).max(1000)).max(20).default([]),
      })
      .refine(({ phrases, patterns }) => phrases.length + patterns.length > 0, 'wanted a phrase or a pattern'),
  }),
  z.strictObject({
    threshold: z
      .union([
        z.strictObject({ category: z.enum(CATEGORIES), stage: z.enum(['input', 'output', 'exchange']), ...lines }),
        z.strictObject({ attack: z.enum(ATTACK_FORMS), ...lines }),
      ])
      .refine(({ clear, act, actPlus }) => clear <= act && act <= actPlus, 'wanted clear ≤ act ≤ actPlus'),
  }),
])

/**
 * `POST /api/drafts/score`: what a rule or threshold would hit of the last 30 days, while it is typed; `GET /api/drafts/policy`: the thresholds that
 * decide now. Changes nothing.
 */
export function draftRoutes(app: Hono, ports: Pick<AdminPorts, 'policy' | 'scoreDraft'>): void {
  app.get('/api/drafts/policy', (c) => c.json(ports.policy()))
  app.post('/api/drafts/score', async (c) => {
    const read = draftSchema.safeParse(await c.req.json().catch(() => null))
    if (!read.success) {
      const faults = read.error.issues.map(({ path, message }) => `${path.join('.') || 'draft'}: ${message}`).join('; ')
      return apiError(
        c,
        400,
        'draft_invalid',
        faults,
        'send {rule: {action, category, phrases, patterns}} or {threshold}',
      )
    }
    const draft: Draft =
      'rule' in read.data ? read.data : { policy: withThreshold(ports.policy(), read.data.threshold) }
    try {
      return c.json(await ports.scoreDraft(draft))
    } catch (error) {
      if (!(error instanceof DraftError)) throw error
      return apiError(c, 400, 'draft_invalid', error.message, 'correct the member named')
    }
  })
}

type Threshold = Extract<z.infer<typeof draftSchema>, { threshold: unknown }>['threshold']

function withThreshold(policy: Policy, threshold: Threshold): Policy {
  const { clear, act, actPlus } = threshold
  const own = { clear, act, actPlus }
  if ('attack' in threshold) {
    const rule = { ...policy.attacks[threshold.attack], input: own }
    return { ...policy, attacks: { ...policy.attacks, [threshold.attack]: rule } }
  }
  const rule = { ...policy.harms[threshold.category], [threshold.stage]: own }
  return { ...policy, harms: { ...policy.harms, [threshold.category]: rule } }
}
