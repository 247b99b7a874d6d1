import { base64, bytesOfBase64 } from '../base/base64.ts'
import type { Sha256, VerifyEd25519 } from '../base/digest.ts'
import { utf8Bytes } from '../base/utf8.ts'
import { isDecimal, openCheckpoint } from './checkpoint.ts'
import { RecordError } from './record-error.ts'
import { HASH_BYTES } from './tree.ts'
import { verifyInclusion } from './tree-proof.ts'
import type { Policy } from './witness-policy.ts'

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^63 entries is proven by so many. */
const MOST_HASHES = 63

/** A proof that needs no network: the entry's place, its path, and the cosigned checkpoint. Source: C2SP `tlog-proof.md`. */
export interface OfflineProof {
  readonly index: number
  /** The leaf's sibling first. */
  readonly hashes: readonly Uint8Array[]
  /** The signed note, verbatim. */
  readonly checkpoint: string
  /** Never trusted. */
  readonly extra?: Uint8Array
}

export function formatProof({ index, hashes, checkpoint, extra }: OfflineProof): string {
  const more = extra === undefined ? [] : [`extra ${base64(extra)}`]
  return `${[FIRST_LINE, ...more, `index ${index}`, ...hashes.map(base64), '', checkpoint].join('\n')}`
}

/** @throws {RecordError} `malformed`. */
export function parseProof(text: string): OfflineProof {
  // The first empty line: the checkpoint holds another one.
  const end = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, Math.max(0, end)).split('\n')
  if (end < 0 || first !== FIRST_LINE) throw malformed(`wanted \`${FIRST_LINE}\` first`)
  const extra = lines[0]?.startsWith('extra ') ? bytesOfBase64(lines.shift()!.slice(6)) : undefined
  if (extra === null) throw malformed('extra: wanted base64')
  const place = lines.shift()
  const index = place?.startsWith('index ') ? place.slice(6) : undefined
  if (!isDecimal(index)) throw malformed('wanted an index line')
  const hashes = lines.map(bytesOfBase64)
  if (hashes.length > MOST_HASHES || !hashes.every((hash) => hash?.length === HASH_BYTES))
    throw malformed(`wanted at most ${MOST_HASHES} hashes of ${HASH_BYTES} bytes`)
  const proof = { index: Number(index), hashes: hashes as Uint8Array[], checkpoint: text.slice(end + 2) }
  return extra === undefined ? proof : { ...proof, extra }
}

/** `proven`, or the first thing that is wrong. */
export type ProofResult =
  | { readonly kind: 'proven'; readonly index: number; readonly size: number }
  | {
      readonly kind: 'rejected'
      readonly reason: 'malformed' | 'unknown_origin' | 'bad_signature' | 'no_log_signature' | 'quorum' | 'not_included'
    }

/** Is this leaf in the log that the proof names, as the policy wants it signed? Needs nothing else. */
export function verifyProof(
  text: string,
  leaf: Uint8Array,
  policy: Policy,
  { sha256, verify }: { readonly sha256: Sha256; readonly verify: VerifyEd25519 },
): ProofResult {
  let proof: OfflineProof
  try {
    proof = parseProof(text)
  } catch (error) {
    if (error instanceof RecordError) return { kind: 'rejected', reason: 'malformed' }
    throw error
  }
  const opened = openCheckpoint(utf8Bytes(proof.checkpoint), policy, verify)
  if (opened.kind === 'rejected') return opened
  const { index, hashes } = proof
  const { size, root } = opened.checkpoint
  if (!verifyInclusion(sha256, hashes, { leaf, index, size, root })) return { kind: 'rejected', reason: 'not_included' }
  return { kind: 'proven', index, size }
}

function malformed(what: string): RecordError {
  return new RecordError('malformed', `proof: ${what}`)
}
