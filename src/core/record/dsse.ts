import { base64, bytesOfAnyBase64 } from '../base/base64.ts'
import { hex, joined } from '../base/bytes.ts'
import type { SignEd25519, VerifyEd25519 } from '../base/digest.ts'
import { strictJson } from '../base/strict-json.ts'
import { utf8Bytes, utf8Text } from '../base/utf8.ts'
import type { VerifierKey } from './note-key.ts'
import { RecordError } from './record-error.ts'

/** More are not tried: a stranger's list must not become our work. */
const MOST_SIGNATURES = 16

/** What is signed inside an envelope; every kind of object has its type. */
export const PAYLOAD_TYPES = ['record', 'statement', 'panel', 'instrument', 'root', 'provider'].map(
  (kind) => `application/vnd.sluice.${kind}+json;v=1`,
) as readonly string[]

/** The bytes that a signature of an envelope is over: type and body with their lengths. Source: DSSE 1.0.2. */
export function preAuthEncoding(payloadType: string, body: Uint8Array): Uint8Array {
  const type = utf8Bytes(payloadType)
  return joined(utf8Bytes(`DSSEv1 ${type.length} ${payloadType} ${body.length} `), body)
}

export interface EnvelopeSigner {
  readonly key: VerifierKey
  readonly sign: SignEd25519
}

/** An envelope as JSON, signed by each. */
export function signEnvelope(payloadType: string, body: Uint8Array, signers: readonly EnvelopeSigner[]): string {
  const message = preAuthEncoding(payloadType, body)
  return envelopeOf(
    payloadType,
    body,
    signers.map(({ key, sign }) => ({ keyid: key.id, sig: base64(sign(message)) })),
  )
}

/** A signature as an envelope holds it. */
export interface EnvelopeSignature {
  readonly keyid: string
  /** Base64. */
  readonly sig: string
}

/** An envelope as JSON, of signatures that were made elsewhere. */
export function envelopeOf(payloadType: string, body: Uint8Array, signatures: readonly EnvelopeSignature[]): string {
  return JSON.stringify({
    payloadType,
    payload: base64(body),
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })),
  })
}

/** Exactly the bytes that were verified; there is no other way to a payload. */
export interface Opened {
  readonly kind: 'verified'
  readonly payloadType: string
  readonly bytes: Uint8Array
  /** Keys that signed, each once. */
  readonly signers: readonly VerifierKey[]
  /** What each of them signed with, in the same order. */
  readonly signatures: readonly EnvelopeSignature[]
}

export type EnvelopeResult =
  | Opened
  | { readonly kind: 'rejected'; readonly reason: 'decode' | 'threshold' | 'payload_type' }

/** Whose signatures count, how many are needed, and which types may be inside. */
export interface EnvelopeTrust {
  readonly keys: readonly VerifierKey[]
  readonly threshold: number
  /** Default: all that are registered. */
  readonly types?: readonly string[]
}

/**
 * Opens an envelope, in this order; the first failure names the result. What counts are keys, not signatures: one key
 * that signs twice is one. `keyid` is a hint, and decides nothing. A signature that does not verify is passed over.
 */
export function openEnvelope(envelope: string, trust: EnvelopeTrust, verify: VerifyEd25519): EnvelopeResult {
  const decoded = decode(envelope)
  if (decoded === null) return { kind: 'rejected', reason: 'decode' }
  const { payloadType, bytes, signatures } = decoded
  const message = preAuthEncoding(payloadType, bytes)
  const signed = new Map<string, { readonly key: VerifierKey; readonly sig: Uint8Array }>()
  for (const { keyid, sig } of signatures.slice(0, MOST_SIGNATURES)) {
    const hinted = trust.keys.filter(({ id }) => id === keyid)
    const others = trust.keys.filter(({ id }) => id !== keyid)
    const key = [...hinted, ...others].find(({ publicKey }) => verify(publicKey, message, sig))
    if (key !== undefined) signed.set(hex(key.publicKey), { key, sig })
  }
  // Nothing is signed by nobody: a threshold of 0 would accept it.
  if (signed.size < Math.max(1, trust.threshold)) return { kind: 'rejected', reason: 'threshold' }
  if (!(trust.types ?? PAYLOAD_TYPES).includes(payloadType)) return { kind: 'rejected', reason: 'payload_type' }
  const all = [...signed.values()]
  return {
    ...{ kind: 'verified', payloadType, bytes },
    signers: all.map(({ key }) => key),
    signatures: all.map(({ key, sig }) => ({ keyid: key.id, sig: base64(sig) })),
  }
}

/**
 * The value inside, read from the verified bytes.
 * @throws {RecordError} `malformed`: not UTF-8, no JSON, or a key twice in one object.
 */
export function payloadOf({ bytes }: Opened): unknown {
  const text = utf8Text(bytes)
  const value = text === null ? undefined : strictJson(text)
  if (value === undefined) throw new RecordError('malformed', 'payload: wanted UTF-8 JSON without a key twice')
  return value
}

interface Decoded {
  readonly payloadType: string
  readonly bytes: Uint8Array
  readonly signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[]
}

function decode(envelope: string): Decoded | null {
  const value = strictJson(envelope)
  if (typeof value !== 'object' || value === null) return null
  const { payloadType, payload, signatures } = value as Readonly<Record<string, unknown>>
  if (typeof payloadType !== 'string' || typeof payload !== 'string' || !Array.isArray(signatures)) return null
  const bytes = bytesOfAnyBase64(payload)
  const found = (signatures as readonly unknown[]).map((one) => {
    const { keyid, sig } = (typeof one === 'object' && one !== null ? one : {}) as { keyid?: unknown; sig?: unknown }
    const signature = typeof sig === 'string' ? bytesOfAnyBase64(sig) : null
    return signature === null ? null : { keyid: typeof keyid === 'string' ? keyid : '', sig: signature }
  })
  if (bytes === null || found.includes(null)) return null
  return { payloadType, bytes, signatures: found as Decoded['signatures'] }
}
