import type { CreditOffer, FallbackEntry, FallbackWish } from '../conversation/exchange.ts'
import { invalid } from './json.ts'
import { isRecord, type Json, stringOr } from './values.ts'

/** What a Messages request says about fallbacks: `fallbacks`, `fallback_credit_token`, and the betas that switch them on. */

const MOST_ENTRIES = 3
const OVERRIDES: ReadonlySet<string> = new Set(['max_tokens', 'thinking', 'output_config', 'speed'])
/** Tokens that Sluice minted; any other is the upstream's and is passed on untouched. */
export const OWN_TOKEN = 'slfc_'

/** @throws {ProtocolError} a list that wire.md §6.1 rule 1 does not allow. */
export function fallbackWish(body: Json, model: string, betas: string): FallbackWish {
  const serverSide = betas.includes('server-side-fallback-')
  const { fallbacks } = body
  if (serverSide && fallbacks !== undefined && fallbacks !== null) {
    if (ownCredit(body) !== null) throw invalid('fallback_credit_token', 'cannot be used together with `fallbacks`')
    if (fallbacks !== 'default') return { kind: 'list', entries: entriesOf(fallbacks, model) }
    if (!betas.includes('server-side-fallback-2026-07-01'))
      throw invalid('fallbacks', 'wanted a list: "default" needs the beta server-side-fallback-2026-07-01')
    return { kind: 'default' }
  }
  return !serverSide && betas.includes('fallback-credit-') ? { kind: 'caller' } : { kind: 'none' }
}

function entriesOf(fallbacks: unknown, model: string): FallbackEntry[] {
  if (!Array.isArray(fallbacks) || fallbacks.length < 1 || fallbacks.length > MOST_ENTRIES)
    throw invalid('fallbacks', `wanted "default" or a list of 1 to ${MOST_ENTRIES}`)
  const named = new Set([model])
  return fallbacks.map((entry: unknown, i): FallbackEntry => {
    if (!isRecord(entry) || typeof entry.model !== 'string' || entry.model === '')
      throw invalid(`fallbacks[${i}].model`, 'wanted a non-empty string')
    const { model: target, ...overrides } = entry
    for (const key of Object.keys(overrides))
      if (!OVERRIDES.has(key)) throw invalid(`fallbacks[${i}]`, `wanted only model, ${[...OVERRIDES].join(', ')}`)
    if (named.has(target)) throw invalid(`fallbacks[${i}].model`, 'wanted a model that is not named before')
    named.add(target)
    return { model: target, overrides }
  })
}

/** A token of ours in the request, or null. A bare string is as strict as the vendor's. */
export function ownCredit({ fallback_credit_token: offer }: Json): CreditOffer | null {
  const token = isRecord(offer) ? stringOr(offer.token, '') : stringOr(offer, '')
  if (!token.startsWith(OWN_TOKEN)) return null
  return { token, mode: isRecord(offer) && offer.mode === 'best_effort' ? 'best_effort' : 'strict' }
}

export function hasFixedShape({ output_format, output_config, tool_choice }: Json): boolean {
  const formatted = isRecord(output_format) || (isRecord(output_config) && isRecord(output_config.format))
  const forced = isRecord(tool_choice) && (tool_choice.type === 'tool' || tool_choice.type === 'any')
  return formatted || forced
}

/**
 * The members of a fallback hop's request that differ from the original's: the model, and the entry's overrides, of
 * which `null` removes a member and `output_config` changes only what it names. `between_tools` thinking is the
 * requested model's own; a target that is not told otherwise gets none.
 */
export function hopEdits(
  body: Json,
  model: string,
  overrides: Json,
): { set: Record<string, unknown>; remove: string[] } {
  const set: Record<string, unknown> = { model }
  const remove = ownCredit(body) === null ? ['fallbacks'] : ['fallbacks', 'fallback_credit_token']
  for (const [key, value] of Object.entries(overrides)) {
    if (value === null) remove.push(key)
    else if (key === 'output_config' && isRecord(value)) {
      const kept = { ...(isRecord(body.output_config) ? body.output_config : {}), ...value }
      set.output_config = Object.fromEntries(Object.entries(kept).filter(([, one]) => one !== null))
    } else set[key] = value
  }
  const thinking = isRecord(body.thinking) ? body.thinking : {}
  if (!('thinking' in overrides) && thinking.type === 'between_tools') set.thinking = { type: 'disabled' }
  return { set, remove }
}
