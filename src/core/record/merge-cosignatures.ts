import type { VerifyEd25519 } from '../base/digest.ts'
import { utf8Bytes } from '../base/utf8.ts'
import { formatNote, parseNote, signatureOf, signerOf } from './note.ts'
import type { VerifierKey } from './note-key.ts'
import { RecordError } from './record-error.ts'

/**
 * A checkpoint with what its witnesses answered. Only lines of witnesses that one knows, and that verify, are taken; a
 * later one of the same witness takes the place of the earlier. The log's own line stays first.
 * @param lines Signature lines, one after the other, as a witness sent them: untrusted.
 */
export function withCosignatures(
  checkpoint: string,
  lines: string,
  witnesses: readonly VerifierKey[],
  verify: VerifyEd25519,
): string {
  const note = parseNote(utf8Bytes(checkpoint))
  let signatures = note.signatures
  for (const line of lines.split('\n').filter((one) => one !== '')) {
    const one = parsed(line)
    const key = witnesses.find(({ name, id }) => name === one?.name && id === one.keyId)
    if (one === null || key === undefined || signerOf(note.text, one, key, verify) === null) continue
    signatures = [...signatures.filter(({ name, keyId }) => name !== one.name || keyId !== one.keyId), one]
  }
  return formatNote({ text: note.text, signatures })
}

function parsed(line: string) {
  try {
    return signatureOf(line)
  } catch (error) {
    if (error instanceof RecordError) return null
    throw error
  }
}
