import type { CreditOffer, FallbackEntry, FallbackWish } from '../conversation/exchange.ts'
import { invalid, type JsonDocument, replaceIn } from './json.ts'
import { isRecord, type Json, stringOr } from './values.ts'

/** What a Messages request says about fallbacks: `fallbacks`, `fallback_credit_token`, and the betas that switch them on. */

const MOST_ENTRIES = 3
/** What a model of the list may be asked with instead, and what it has to be; `null` everywhere. */
const OVERRIDES: ReadonlyMap<string, { readonly wanted: string; readonly fits: (value: unknown) => boolean }> = new Map(
  [
    [
      'max_tokens',
      { wanted: 'a whole number of at least 1', fits: (value) => Number.isSafeInteger(value) && (value as number) > 0 },
    ],
    ['thinking', { wanted: 'an object', fits: isRecord }],
    ['output_config', { wanted: 'an object', fits: isRecord }],
    ['speed', { wanted: 'a string', fits: (value) => typeof value === 'string' }],
  ],
)
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
  return betas.includes('fallback-credit-') ? { kind: 'caller' } : { kind: 'none' }
}

function entriesOf(fallbacks: unknown, model: string): FallbackEntry[] {
  if (!Array.isArray(fallbacks) || fallbacks.length < 1 || fallbacks.length > MOST_ENTRIES)
    throw invalid('fallbacks', `wanted "default" or a list of 1 to ${MOST_ENTRIES}`)
  const named = new Set([model])
  return fallbacks.map((entry: unknown, i): FallbackEntry => {
    if (!isRecord(entry) || typeof entry.model !== 'string' || entry.model === '')
      throw invalid(`fallbacks[${i}].model`, 'wanted a non-empty string')
    const { model: target, ...overrides } = entry
    for (const [key, value] of Object.entries(overrides)) {
      const override = OVERRIDES.get(key)
      if (override === undefined)
        throw invalid(`fallbacks[${i}]`, `wanted only model, ${[...OVERRIDES.keys()].join(', ')}`)
      if (value !== null && !override.fits(value))
        throw invalid(`fallbacks[${i}].${key}`, `wanted ${override.wanted}, or null`)
    }
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
 * which `null` removes a member and `output_config` changes only what it names; `max_tokens` alone is required, and stays.
 */
export function hopEdits(
  document: JsonDocument,
  model: string,
  overrides: Json,
): { set: Record<string, unknown>; raw: Record<string, string>; remove: string[] } {
  const { value: body } = document
  const set: Record<string, unknown> = { model }
  const raw: Record<string, string> = {}
  const remove = ownCredit(body) === null ? ['fallbacks'] : ['fallbacks', 'fallback_credit_token']
  for (const [key, value] of Object.entries(overrides)) {
    if (key === 'output_config' && isRecord(value)) raw[key] = combined(document, value)
    else if (value !== null) set[key] = value
    else if (key !== 'max_tokens') remove.push(key)
  }
  if (!('thinking' in overrides) && isBetweenTools(body)) set.thinking = { type: 'disabled' }
  return { set, raw, remove }
}

/** The request's `output_config` with what an entry says differently; `null` removes. As JSON text. */
function combined(document: JsonDocument, changes: Json): string {
  const kept = Object.entries(changes).filter(([, value]) => value !== null)
  const remove = Object.keys(changes).filter((key) => changes[key] === null)
  return replaceIn(document, 'output_config', { set: Object.fromEntries(kept), remove })
}

/** `between_tools` thinking is the requested model's own; a target that is not told otherwise gets none. */
function isBetweenTools({ thinking }: Json): boolean {
  return isRecord(thinking) && thinking.type === 'between_tools'
}

/** Whether a target can go on from a part of the answer: not where it has a fixed shape, or begins with thinking. */
export function takesPrefill(body: Json, overrides: Json): boolean {
  const { thinking, output_config } = { ...body, ...overrides }
  const config =
    isRecord(output_config) && isRecord(body.output_config)
      ? { ...body.output_config, ...output_config }
      : output_config
  if (hasFixedShape({ ...body, output_config: config })) return false
  if (!('thinking' in overrides) && isBetweenTools(body)) return true
  return !isRecord(thinking) || thinking.type === 'disabled'
}
