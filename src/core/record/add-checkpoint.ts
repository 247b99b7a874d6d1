import { base64, bytesOfBase64 } from '../base/base64.ts'
import { utf8Bytes, utf8Text } from '../base/utf8.ts'
import { isDecimal } from './checkpoint.ts'
import { RecordError } from './record-error.ts'
import { HASH_BYTES } from './tree.ts'

/** What a log asks of a witness: cosign this, it continues what you last saw. Source: C2SP `tlog-witness.md`. */
export interface AddCheckpoint {
  /** Size that the witness last cosigned, 0 for none. */
  readonly old: number
  readonly proof: readonly Uint8Array[]
  /** The signed note, verbatim. */
  readonly checkpoint: string
}

const MOST_HASHES = 63

export function formatAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): Uint8Array {
  return utf8Bytes(`old ${old}\n${proof.map((hash) => `${base64(hash)}\n`).join('')}\n${checkpoint}`)
}

/** @throws {RecordError} `malformed`. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = utf8Text(body)
  const end = text?.indexOf('\n\n') ?? -1
  const [first, ...lines] = text?.slice(0, Math.max(0, end)).split('\n') ?? []
  const old = first?.startsWith('old ') ? first.slice(4) : undefined
  const proof = lines.map(bytesOfBase64)
  const wrong = proof.length > MOST_HASHES || !proof.every((hash) => hash?.length === HASH_BYTES)
  if (text === null || end < 0 || !isDecimal(old) || wrong)
    throw new RecordError(
      'malformed',
      'add-checkpoint: wanted `old` and a size, proof hashes, an empty line, and a note',
    )
  return { old: Number(old), proof: proof as Uint8Array[], checkpoint: text.slice(end + 2) }
}
