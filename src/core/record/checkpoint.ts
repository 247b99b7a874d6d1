import { base64, bytesOfBase64 } from '../base/base64.ts'
import { sameBytes } from '../base/bytes.ts'
import type { VerifyEd25519 } from '../base/digest.ts'
import { openNote, parseNote, type Signer } from './note.ts'
import { RecordError } from './record-error.ts'
import { HASH_BYTES } from './tree.ts'
import type { TreeHead } from './tree-proof.ts'
import { type Policy, quorumMet } from './witness-policy.ts'

/** A log at one size. Source: C2SP `tlog-checkpoint.md`; extension lines are never written, and make one invalid. */
export interface Checkpoint extends TreeHead {
  readonly origin: string
}

/** The three lines that are signed. */
export function checkpointBody({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${base64(root)}\n`
}

/** @throws {RecordError} `malformed`. */
export function parseCheckpointBody(text: string): Checkpoint {
  const [origin, size, encoded, end, ...more] = text.split('\n')
  const root = encoded === undefined ? null : bytesOfBase64(encoded)
  if (!origin || end !== '' || more.length > 0 || !isDecimal(size) || root?.length !== HASH_BYTES)
    throw new RecordError('malformed', 'checkpoint: wanted origin, size and root, one line each')
  return { origin, size: Number(size), root }
}

/** Decimal, without leading zeros, exact as a number. */
export function isDecimal(text: string | undefined): text is string {
  return text !== undefined && /^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))
}

export type CheckpointResult =
  | { readonly kind: 'verified'; readonly checkpoint: Checkpoint; readonly witnesses: readonly Signer[] }
  | {
      readonly kind: 'rejected'
      /** The first that holds, in this order. */
      readonly reason: 'malformed' | 'unknown_origin' | 'bad_signature' | 'no_log_signature' | 'quorum'
    }

/** A signed checkpoint as a policy sees it: whose it is, whether its log signed it, and whether enough witnesses did. */
export function openCheckpoint(note: Uint8Array, policy: Policy, verify: VerifyEd25519): CheckpointResult {
  let checkpoint: Checkpoint
  try {
    checkpoint = parseCheckpointBody(parseNote(note).text)
  } catch (error) {
    if (error instanceof RecordError) return { kind: 'rejected', reason: 'malformed' }
    throw error
  }
  const logs = policy.logs.map(({ key }) => key).filter(({ name }) => name === checkpoint.origin)
  if (logs.length === 0) return { kind: 'rejected', reason: 'unknown_origin' }
  const opened = openNote(note, [...logs, ...policy.witnesses.map(({ key }) => key)], verify)
  if (opened.kind === 'rejected')
    return { kind: 'rejected', reason: opened.reason === 'no_known_signature' ? 'no_log_signature' : opened.reason }
  if (!opened.signers.some(({ key }) => logs.includes(key))) return { kind: 'rejected', reason: 'no_log_signature' }
  const witnesses = opened.signers.filter(({ key }) => !logs.includes(key))
  if (
    !quorumMet(
      policy,
      witnesses.map(({ key }) => key),
    )
  )
    return { kind: 'rejected', reason: 'quorum' }
  return { kind: 'verified', checkpoint, witnesses }
}

/**
 * What a checkpoint is to the one before it, as far as sizes and roots alone tell: `grown` still needs its consistency
 * proof. `fork` and `rollback` are evidence: both notes are kept.
 */
export function follows(before: TreeHead, after: TreeHead): 'same' | 'grown' | 'rollback' | 'fork' {
  if (after.size < before.size) return 'rollback'
  if (after.size > before.size) return 'grown'
  return sameBytes(before.root, after.root) ? 'same' : 'fork'
}
