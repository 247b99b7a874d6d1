import { base64, bytesOfBase64 } from '../base/base64.ts'
import { bytesOfHex, hex, joined } from '../base/bytes.ts'
import type { SignEd25519, VerifyEd25519 } from '../base/digest.ts'
import { utf8Bytes, utf8Text } from '../base/utf8.ts'
import { cosignedMessage, timeBytes, timeOf } from './cosigned-message.ts'
import { isKeyName, type VerifierKey } from './note-key.ts'
import { RecordError } from './record-error.ts'

const ID_BYTES = 4
const TIME_BYTES = 8
const SIGNATURE_BYTES = 64
/** A reader must take 16; more than this is somebody else's work for us. */
const MOST_SIGNATURES = 64

/** A note taken apart; nothing in it is checked yet. */
export interface Note {
  /** What is signed, its last line feed included. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  /** 8 lower-case hex digits. */
  readonly keyId: string
  /** Everything after the key id. */
  readonly bytes: Uint8Array
}

/** Who signed a note, as far as one knows the keys. */
export type NoteResult =
  | { readonly kind: 'verified'; readonly text: string; readonly signers: readonly Signer[] }
  | { readonly kind: 'rejected'; readonly reason: 'malformed' | 'bad_signature' | 'no_known_signature' }

export interface Signer {
  readonly key: VerifierKey
  /** Seconds since 1970 of a cosignature, else null. */
  readonly timeS: number | null
}

const LINE = /^\u2014 (\S+) (\S+)$/u

/** @throws {RecordError} `malformed`. Source: C2SP `signed-note.md`. */
export function parseNote(bytes: Uint8Array): Note {
  const whole = utf8Text(bytes)
  // The last empty line: a text may hold some of its own.
  const end = whole?.lastIndexOf('\n\n') ?? -1
  if (whole === null || end < 0 || !whole.endsWith('\n') || hasControls(whole))
    throw malformed('wanted text, an empty line, and signature lines')
  const lines = whole.slice(end + 2).split('\n')
  lines.pop()
  if (lines.length < 1 || lines.length > MOST_SIGNATURES)
    throw malformed(`wanted 1 to ${MOST_SIGNATURES} signature lines, not ${lines.length}`)
  return { text: whole.slice(0, end + 1), signatures: lines.map(signatureOf) }
}

/** One line of a signature. @throws {RecordError} `malformed`. */
export function signatureOf(line: string): NoteSignature {
  const match = LINE.exec(line)
  const raw = match === null ? null : bytesOfBase64(match[2]!)
  if (match === null || raw === null || raw.length <= ID_BYTES || !isKeyName(match[1]!))
    throw malformed('wanted signature lines of an em dash, a name and base64')
  return { name: match[1]!, keyId: hex(raw.subarray(0, ID_BYTES)), bytes: raw.slice(ID_BYTES) }
}

export function formatSignature({ name, keyId, bytes }: NoteSignature): string {
  return `\u2014 ${name} ${base64(joined(bytesOfHex(keyId)!, bytes))}`
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map((one) => `${formatSignature(one)}\n`).join('')}`
}

/**
 * Checks a note against the keys one knows. Lines of other keys are passed over; a line of a known key that does not
 * verify rejects all of it, since somebody changed something.
 */
export function openNote(bytes: Uint8Array, keys: readonly VerifierKey[], verify: VerifyEd25519): NoteResult {
  let note: Note
  try {
    note = parseNote(bytes)
  } catch (error) {
    if (error instanceof RecordError) return { kind: 'rejected', reason: 'malformed' }
    throw error
  }
  const signers: Signer[] = []
  for (const signature of note.signatures) {
    const key = keys.find(({ name, id }) => name === signature.name && id === signature.keyId)
    if (key === undefined) continue
    const signer = signerOf(note.text, signature, key, verify)
    if (signer === null) return { kind: 'rejected', reason: 'bad_signature' }
    if (!signers.some((one) => one.key === key)) signers.push(signer)
  }
  if (signers.length === 0) return { kind: 'rejected', reason: 'no_known_signature' }
  return { kind: 'verified', text: note.text, signers }
}

/** Null where the signature is not this key's over this text. */
export function signerOf(
  text: string,
  { bytes }: NoteSignature,
  key: VerifierKey,
  verify: VerifyEd25519,
): Signer | null {
  if (key.type === 'note') return verify(key.publicKey, utf8Bytes(text), bytes) ? { key, timeS: null } : null
  const timeS = bytes.length === TIME_BYTES + SIGNATURE_BYTES ? timeOf(bytes.subarray(0, TIME_BYTES)) : null
  if (timeS === null) return null
  return verify(key.publicKey, cosignedMessage(text, timeS), bytes.subarray(TIME_BYTES)) ? { key, timeS } : null
}

/** Signs a text as a note. @param text Ends in a line feed. */
export function signNote(text: string, key: VerifierKey, sign: SignEd25519): NoteSignature {
  return { name: key.name, keyId: key.id, bytes: sign(utf8Bytes(text)) }
}

/** Signs that a text was seen at a time. @param text Body of a checkpoint. */
export function cosignNote(text: string, key: VerifierKey, timeS: number, sign: SignEd25519): NoteSignature {
  const signature = sign(cosignedMessage(text, timeS))
  return { name: key.name, keyId: key.id, bytes: joined(timeBytes(timeS), signature) }
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 && text[i] !== '\n') return true
  return false
}

function malformed(what: string): RecordError {
  return new RecordError('malformed', `note: ${what}`)
}
