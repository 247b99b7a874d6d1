declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

export type DecisionId = Brand<'DecisionId'>
export type AppealId = Brand<'AppealId'>
export type RequestId = Brand<'RequestId'>
/** Keyed hash of a caller's credential, or the id of a Sluice key: never the credential itself. */
export type PrincipalId = Brand<'PrincipalId'>
export type OrgId = Brand<'OrgId'>

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * A ULID: 48 bits of time, 80 random bits, 26 characters of Crockford base 32; sorts by time.
 *
 * @param nowMs Milliseconds since 1970, in [0, 2^48).
 * @param random At least 10 bytes.
 * Source: ulid/spec.
 */
export function ulid(nowMs: number, random: Uint8Array): string {
  let time = ''
  for (let i = 0, t = nowMs; i < 10; i++, t = Math.floor(t / 32)) time = ALPHABET[t % 32] + time
  let tail = ''
  let bits = 0
  let held = 0
  for (let i = 0; i < 10; i++) {
    held = (held << 8) | random[i]!
    bits += 8
    while (bits >= 5) {
      bits -= 5
      tail += ALPHABET[(held >>> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return time + tail
}

/** The three ids of one decision share their ULID, so that each can be found from the others. */
export function decisionIds(id: string): { decision: DecisionId; appeal: AppealId; request: RequestId } {
  return { decision: `dec_${id}` as DecisionId, appeal: `apl_${id}` as AppealId, request: `req_${id}` as RequestId }
}

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/

export function isDecisionId(value: string): value is DecisionId {
  return value.startsWith('dec_') && ULID.test(value.slice(4))
}
