import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

export interface HookGateSettings {
  /** One, or two during rotation: `whsec_` and standard base64. */
  readonly secrets: readonly string[]
  /** Until then unsigned requests are let in: a vendor's connection test comes before its first save. */
  readonly acceptUnsignedUntilMs: number | null
}

const TOLERANCE_S = 300

/**
 * Who may ask for verdicts: whoever signs as Standard Webhooks says, over the bytes as they came.
 * @returns the message's id, null for one that is unsigned and let in, or `refused`.
 */
export type HookGate = (
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  nowMs: number,
) => { readonly id: string | null } | 'refused'

export function createHookGate({ secrets, acceptUnsignedUntilMs }: HookGateSettings): HookGate {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64')))
  return (headers, body, nowMs) => {
    const id = headers['webhook-id']
    const timestamp = headers['webhook-timestamp']
    const signatures = headers['webhook-signature']
    if (id === undefined && timestamp === undefined && signatures === undefined)
      return acceptUnsignedUntilMs !== null && nowMs < acceptUnsignedUntilMs ? { id: null } : 'refused'
    if (id === undefined || timestamp === undefined || signatures === undefined || !/^\d{1,12}$/.test(timestamp))
      return 'refused'
    if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_S) return 'refused'
    const offered = signatures
      .split(' ')
      .filter((one) => one.startsWith('v1,'))
      .map((one) => Buffer.from(one.slice(3), 'base64'))
    const signed = keys.some((key) => {
      const wanted = signature(key, `${id}.${timestamp}.`, body)
      return offered.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted))
    })
    return signed ? { id } : 'refused'
  }
}

function signature(key: KeyObject, head: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(head).update(body).digest()
}
