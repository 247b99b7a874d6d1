import { base64, bytesOfBase64 } from '../base/base64.ts'
import { hex, joined } from '../base/bytes.ts'
import type { Sha256 } from '../base/digest.ts'
import { utf8Bytes } from '../base/utf8.ts'
import { RecordError } from './record-error.ts'

/** What a signature of a note is over: `note` its text, `cosignature` a time and its text. */
export type NoteKeyType = 'note' | 'cosignature'

/** The byte of each type. Source: C2SP `signed-note.md`, `tlog-cosignature.md`. */
const TYPE_BYTES: Readonly<Record<NoteKeyType, number>> = { note: 0x01, cosignature: 0x04 }
const PUBLIC_KEY_BYTES = 32
const ID_BYTES = 4

/** A key that a note can be checked with: Ed25519. */
export interface VerifierKey {
  readonly name: string
  /** 8 lower-case hex digits. */
  readonly id: string
  readonly type: NoteKeyType
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/** A name that can stand in a signature line: not empty, no Unicode space, no `+`. */
export function isKeyName(name: string): boolean {
  return /^[^\s+\u{85}]+$/u.test(name)
}

/** Key id: the first 4 bytes of SHA-256(name, line feed, type, public key), in hex. */
export function keyId(sha256: Sha256, name: string, type: NoteKeyType, publicKey: Uint8Array): string {
  const bytes = joined(utf8Bytes(name), Uint8Array.of(0x0a, TYPE_BYTES[type]), publicKey)
  return hex(sha256(bytes).subarray(0, ID_BYTES))
}

/** @throws {RecordError} `malformed`: a name that cannot stand in a note, or a key that is not 32 bytes. */
export function verifierKey(sha256: Sha256, name: string, type: NoteKeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new RecordError('malformed', 'key name: wanted at least one character, no space, no `+`')
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new RecordError('malformed', `public key: wanted ${PUBLIC_KEY_BYTES} bytes, not ${publicKey.length}`)
  return { name, type, publicKey, id: keyId(sha256, name, type, publicKey) }
}

/** A verifier key as people pass it on: `<name>+<id>+<base64 of type and key>`. */
export function formatVerifierKey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${id}+${base64(joined(Uint8Array.of(TYPE_BYTES[type]), publicKey))}`
}

/** @throws {RecordError} `malformed`; `key_mismatch`: the id in it is not the id of this name and key. */
export function parseVerifierKey(sha256: Sha256, text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text)
  const bytes = match === null ? null : bytesOfBase64(match[3]!)
  const type = (Object.keys(TYPE_BYTES) as NoteKeyType[]).find((one) => TYPE_BYTES[one] === bytes?.[0])
  if (match === null || bytes === null || type === undefined)
    throw new RecordError('malformed', 'verifier key: wanted `<name>+<8 hex digits>+<base64 of an Ed25519 key>`')
  const key = verifierKey(sha256, match[1]!, type, bytes.subarray(1))
  if (key.id !== match[2])
    throw new RecordError('key_mismatch', `verifier key of \`${key.name}\`: its id is ${key.id}, not ${match[2]}`)
  return key
}
