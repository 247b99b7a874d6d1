import { sameBytes } from '../../core/base/bytes.ts'
import { CodedError } from '../../core/base/errors.ts'
import { utf8Bytes } from '../../core/base/utf8.ts'
import type { Tools } from '../../core/jailbreaks/exchange/root-chain.ts'
import { checkpointBody, follows, openCheckpoint } from '../../core/record/checkpoint.ts'
import type { EnvelopeSigner } from '../../core/record/dsse.ts'
import { cosignNote, formatNote, parseNote } from '../../core/record/note.ts'
import type { VerifierKey } from '../../core/record/note-key.ts'
import { treeRoot } from '../../core/record/tree.ts'
import type { TreeHead } from '../../core/record/tree-proof.ts'
import { LogFileError, readLeaves } from './read-log.ts'

/** A checkpoint that a witness does not sign. `inconsistent` and `rollback` are evidence against the log. */
export class CosignError extends CodedError<'no_checkpoint' | 'not_signed' | 'rollback' | 'inconsistent' | 'damaged'> {}

export interface CosignPorts {
  read(path: string): Promise<Uint8Array | null>
  /** Whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** What this witness signed last for a log, or null. */
  last(origin: string): Promise<TreeHead | null>
  /** Durable when it returns: a witness keeps what it signs before it shows it. */
  keep(origin: string, head: TreeHead): Promise<void>
  readonly tools: Tools
  nowMs(): number
}

/**
 * Adds a witness's cosignature to the checkpoint of a level, in the folder where it is. The witness proves from the tiles
 * that the log continues what it signed last, and never signs anything else. A cosignature of its own that is there is
 * replaced by a newer one.
 * @param log The log's own key. @param witness A cosignature key.
 * @throws {CosignError}
 */
export async function cosign(
  prefix: string,
  log: VerifierKey,
  witness: EnvelopeSigner,
  ports: CosignPorts,
): Promise<TreeHead & { readonly origin: string }> {
  const served = await ports.read(`${prefix}checkpoint`)
  if (served === null) throw new CosignError('no_checkpoint', `${prefix}checkpoint: is not there`)
  const policy = { logs: [{ key: log, url: null }], witnesses: [], groups: [], quorum: null }
  const opened = openCheckpoint(served, policy, ports.tools.verify)
  if (opened.kind === 'rejected') throw new CosignError('not_signed', `${prefix}checkpoint: ${opened.reason}`)
  const { checkpoint } = opened
  const before = await ports.last(checkpoint.origin)
  const step = before === null ? 'grown' : follows(before, checkpoint)
  if (step === 'rollback') throw new CosignError('rollback', `${checkpoint.origin}: is smaller than what was signed`)
  if (step === 'fork') throw new CosignError('inconsistent', `${checkpoint.origin}: has another root at the same size`)
  if (step === 'grown') await assertContinues(prefix, before, checkpoint, ports)
  await ports.keep(checkpoint.origin, checkpoint)
  const note = parseNote(served)
  const text = checkpointBody(checkpoint)
  const own = cosignNote(text, witness.key, Math.floor(ports.nowMs() / 1000), witness.sign)
  const others = note.signatures.filter(({ name, keyId }) => name !== own.name || keyId !== own.keyId)
  await ports.write(`${prefix}checkpoint`, utf8Bytes(formatNote({ text, signatures: [...others, own] })))
  return checkpoint
}

async function assertContinues(
  prefix: string,
  before: TreeHead | null,
  after: TreeHead & { readonly origin: string },
  { read, tools }: CosignPorts,
): Promise<void> {
  try {
    const leaves = await readLeaves(read, prefix, 0, after.size)
    if (!sameBytes(treeRoot(tools.sha256, leaves), after.root))
      throw new CosignError('damaged', `${after.origin}: its tiles do not give its root`)
    if (before !== null && !sameBytes(treeRoot(tools.sha256, leaves.slice(0, before.size)), before.root))
      throw new CosignError('inconsistent', `${after.origin}: does not continue what was signed`)
  } catch (cause) {
    if (cause instanceof LogFileError) throw new CosignError('damaged', cause.message, { cause })
    throw cause
  }
}
