import { bytesOfAnyBase64 } from '../core/base/base64.ts'
import { hex } from '../core/base/bytes.ts'
import { utf8Bytes, utf8Text } from '../core/base/utf8.ts'
import { type OverrideTerms, readOverrideTerms } from '../core/jailbreaks/registry/override-terms.ts'
import { INSTRUMENT } from '../core/jailbreaks/registry/verify-override.ts'
import { type EnvelopeSignature, envelopeOf, signEnvelope } from '../core/record/dsse.ts'
import { PERSON_ID } from '../core/record/person.ts'
import { sha256 } from '../io/keys/ed25519.ts'
import { readKeyFile } from '../io/keys/key-file.ts'
import { AdminClientError } from './admin-client.ts'

/** A text that is to be signed, with the signatures that are there already. */
export interface ToSign {
  readonly payload: string
  readonly terms: OverrideTerms
  readonly signatures: readonly EnvelopeSignature[]
}

/** The text of a file, or of an envelope that somebody signed before. @throws {AdminClientError} it is no override. */
export function toSignFrom(text: string, where: string): ToSign {
  const envelope = envelopeIn(text)
  const payload = envelope?.payload ?? text.replace(/\n$/, '')
  const terms = readOverrideTerms(payload)
  if (terms === null)
    throw new AdminClientError('refused', `${where}: no override as \`sluice report instrument --payload\` writes it`)
  return { payload, terms, signatures: envelope?.signatures ?? [] }
}

/** The envelope with one more signature. @throws {KeyFileError}, {AdminClientError} not the key of a person it names. */
export function signedBy(keyFile: string, { payload, terms, signatures }: ToSign): string {
  const signer = readKeyFile(keyFile)
  const { name } = signer.key
  if (!PERSON_ID.test(name) || !terms.by.includes(name))
    throw new AdminClientError('refused', `the key is that of \`${name}\`; ${terms.by.join(' and ')} sign this`)
  const own = JSON.parse(signEnvelope(INSTRUMENT, utf8Bytes(payload), [signer])) as {
    readonly signatures: readonly EnvelopeSignature[]
  }
  return envelopeOf(INSTRUMENT, utf8Bytes(payload), [...signatures, ...own.signatures])
}

export function sha256Of(text: string): string {
  return hex(sha256(utf8Bytes(text)))
}

/** What an envelope holds, unverified: whoever takes it checks it. Null: it is none. */
function envelopeIn(
  text: string,
): { readonly payload: string; readonly signatures: readonly EnvelopeSignature[] } | null {
  try {
    const { payloadType, payload, signatures } = JSON.parse(text) as {
      readonly payloadType?: unknown
      readonly payload?: unknown
      readonly signatures?: readonly EnvelopeSignature[]
    }
    if (payloadType !== INSTRUMENT || typeof payload !== 'string' || !Array.isArray(signatures)) return null
    const bytes = bytesOfAnyBase64(payload)
    const inside = bytes === null ? null : utf8Text(bytes)
    return inside === null ? null : { payload: inside, signatures }
  } catch {
    return null
  }
}
