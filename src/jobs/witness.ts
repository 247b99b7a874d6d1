import { hex } from '../core/base/bytes.ts'
import type { Sha256, VerifyEd25519 } from '../core/base/digest.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import { type AddCheckpoint, parseAddCheckpoint } from '../core/record/add-checkpoint.ts'
import { parseCheckpointBody } from '../core/record/checkpoint.ts'
import { cosignNote, formatNote, formatSignature, openNote, parseNote } from '../core/record/note.ts'
import type { VerifierKey } from '../core/record/note-key.ts'
import { RecordError } from '../core/record/record-error.ts'
import { emptyRoot } from '../core/record/tree.ts'
import { verifyConsistency } from '../core/record/tree-proof.ts'
import type { LogKey, RecordStore } from './record-ports.ts'

export interface WitnessPorts {
  readonly store: Pick<RecordStore, 'witnessed' | 'witness'>
  /** Logs that this instance is a witness for. */
  readonly logs: readonly VerifierKey[]
  /** Its own key, in this role alone. */
  readonly witness: LogKey
  readonly sha256: Sha256
  readonly verify: VerifyEd25519
  nowMs(): number
}

export interface WitnessReply {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size'
  readonly body: string
}

/**
 * Cosigns what continues what was seen before. The new checkpoint is stored before the answer is given, check and write
 * being one step: two histories are never both cosigned, whoever asks at once and wherever the process ends.
 * Source: C2SP `tlog-witness.md`.
 */
export async function addCheckpoint(body: Uint8Array, ports: WitnessPorts): Promise<WitnessReply> {
  let asked: AddCheckpoint
  let claimed: ReturnType<typeof parseCheckpointBody>
  try {
    asked = parseAddCheckpoint(body)
    claimed = parseCheckpointBody(parseNote(utf8Bytes(asked.checkpoint)).text)
  } catch (error) {
    if (error instanceof RecordError) return reply(400, `${error.message}\n`)
    throw error
  }
  const keys = ports.logs.filter(({ name }) => name === claimed.origin)
  if (keys.length === 0) return reply(404, 'no log of that origin is witnessed here\n')
  const opened = openNote(utf8Bytes(asked.checkpoint), keys, ports.verify)
  if (opened.kind === 'rejected') return reply(403, 'not signed by that log\n')
  if (asked.old > claimed.size) return reply(400, 'old: larger than the checkpoint\n')
  const seen = await ports.store.witnessed(claimed.origin)
  if (asked.old !== (seen?.size ?? 0)) return conflict(seen?.size ?? 0)
  const before =
    seen === null
      ? { size: 0, root: emptyRoot(ports.sha256) }
      : parseCheckpointBody(parseNote(utf8Bytes(seen.checkpoint)).text)
  if (!verifyConsistency(ports.sha256, asked.proof, before, claimed))
    return reply(422, 'does not continue what was cosigned before\n')
  const timeS = Math.floor(ports.nowMs() / 1000)
  const cosignature = cosignNote(opened.text, ports.witness.key, timeS, ports.witness.sign)
  const own = parseNote(utf8Bytes(asked.checkpoint)).signatures.filter(({ name, keyId }) =>
    keys.some((key) => key.name === name && key.id === keyId),
  )
  const note = formatNote({ text: opened.text, signatures: [...own, cosignature] })
  if (!(await ports.store.witness(claimed.origin, seen?.size ?? null, claimed.size, note)))
    return conflict((await ports.store.witnessed(claimed.origin))?.size ?? 0)
  return reply(200, `${formatSignature(cosignature)}\n`)
}

/** The latest cosigned checkpoint of a log, by the hex SHA-256 of its origin; null: not witnessed here. */
export async function witnessedCheckpoint(
  originHash: string,
  { store, logs, sha256 }: Pick<WitnessPorts, 'store' | 'logs' | 'sha256'>,
): Promise<string | null> {
  const log = logs.find(({ name }) => hex(sha256(utf8Bytes(name))) === originHash)
  return log === undefined ? null : ((await store.witnessed(log.name))?.checkpoint ?? null)
}

function conflict(size: number): WitnessReply {
  return { status: 409, type: 'text/x.tlog.size', body: `${size}\n` }
}

function reply(status: WitnessReply['status'], body: string): WitnessReply {
  return { status, type: 'text/plain; charset=utf-8', body }
}
