import type { ModerationWish } from '../conversation/exchange.ts'
import { invalid } from './json.ts'
import { isRecord, type Json } from './values.ts'

/** The only moderation model that is ours; any other is the upstream's. */
export const OURS = 'sluice'

/**
 * The caller's wish for our scores, as a member of an exchange; nothing where it asks another model, or none.
 * @throws {ProtocolError} a mode that is neither `score` nor `block`.
 */
export function moderationWish({ moderation }: Json): { readonly moderation?: ModerationWish } {
  if (!isRecord(moderation) || moderation.model !== OURS) return {}
  const policy = isRecord(moderation.policy) ? moderation.policy : {}
  return { moderation: { input: modeOf(policy.input, 'input'), output: modeOf(policy.output, 'output') } }
}

function modeOf(side: unknown, name: string): 'score' | 'block' {
  if (side === undefined || side === null) return 'score'
  const mode = isRecord(side) ? side.mode : side
  if (mode !== 'score' && mode !== 'block') throw invalid(`moderation.policy.${name}.mode`, 'wanted score or block')
  return mode
}

/** Members that end here: our own moderation is nothing an upstream knows. */
export function ownMembers(value: Json): readonly string[] {
  return isRecord(value.moderation) && value.moderation.model === OURS ? ['moderation'] : []
}
