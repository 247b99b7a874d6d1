import type { VerifyEd25519 } from '../../../core/base/digest.ts'
import { utf8Text } from '../../../core/base/utf8.ts'
import { type Checkpoint, openCheckpoint, parseCheckpointBody } from '../../../core/record/checkpoint.ts'
import { type NoteSignature, parseNote, signerOf } from '../../../core/record/note.ts'
import { RecordError } from '../../../core/record/record-error.ts'
import { type Policy, parsePolicy } from '../../../core/record/witness-policy.ts'
import { withAnswers } from './later.ts'
import type { LogFiles } from './log-files.ts'

export type SignatureState =
  /** Signed by the key that the policy names, and by as many witnesses as it asks for. */
  | 'verified'
  /** This browser cannot. */
  | 'unchecked'
  | 'malformed'
  | 'unknown_origin'
  | 'bad_signature'
  | 'no_log_signature'
  | 'quorum'

export interface WitnessState {
  readonly name: string
  /** `absent`: it has not cosigned this checkpoint. */
  readonly state: 'verified' | 'unchecked' | 'wrong' | 'absent'
  readonly seenAtMs: number | null
}

/** The newest checkpoint, and what its signatures are worth. */
export interface Head {
  /** The signed note, verbatim. */
  readonly note: string
  readonly policy: string
  /** Null: it cannot be read, and nothing below it is worth a look. */
  readonly checkpoint: Checkpoint | null
  readonly signature: SignatureState
  readonly keyId: string | null
  readonly witnesses: readonly WitnessState[]
  readonly quorum: string | null
}

/** Reads the checkpoint and the policy, and checks one against the other. Null: there is no checkpoint yet. */
export async function readHead({ read, sha256, verify }: LogFiles): Promise<Head | null> {
  const [note, policyBytes] = await Promise.all([read('checkpoint'), read('log.policy')])
  if (note === null || policyBytes === null) return null
  const texts = { note: utf8Text(note) ?? '', policy: utf8Text(policyBytes) ?? '' }
  const nothing = { ...texts, checkpoint: null, keyId: null, witnesses: [], quorum: null }
  try {
    const policy = parsePolicy(sha256, texts.policy)
    const { text, signatures } = parseNote(note)
    const checkpoint = parseCheckpointBody(text)
    const look = (check: VerifyEd25519) => ({
      opened: openCheckpoint(note, policy, check),
      witnesses: witnessesOf(policy, text, signatures, check),
    })
    const { opened, witnesses } = verify === null ? look(() => true) : await withAnswers(verify, look)
    const unchecked = verify === null
    return {
      ...{ ...texts, checkpoint, quorum: policy.quorum },
      signature: opened.kind === 'rejected' ? opened.reason : unchecked ? 'unchecked' : 'verified',
      keyId: policy.logs.find(({ key }) => key.name === checkpoint.origin)?.key.id ?? null,
      witnesses: unchecked
        ? witnesses.map((one) => (one.state === 'verified' ? { ...one, state: 'unchecked' as const } : one))
        : witnesses,
    }
  } catch (error) {
    if (error instanceof RecordError) return { ...nothing, signature: 'malformed' }
    throw error
  }
}

function witnessesOf(
  { witnesses }: Policy,
  text: string,
  signatures: readonly NoteSignature[],
  verify: VerifyEd25519,
): readonly WitnessState[] {
  return witnesses.map(({ name, key }): WitnessState => {
    const given = signatures.find((one) => one.name === key.name && one.keyId === key.id)
    if (given === undefined) return { name, state: 'absent', seenAtMs: null }
    const signer = signerOf(text, given, key, verify)
    if (signer === null) return { name, state: 'wrong', seenAtMs: null }
    return { name, state: 'verified', seenAtMs: signer.timeS === null ? null : signer.timeS * 1000 }
  })
}
