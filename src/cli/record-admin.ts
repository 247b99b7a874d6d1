import { randomBytes } from 'node:crypto'
import type { RecordAdmin } from '../admin/record-admin.ts'
import { hex } from '../core/base/bytes.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import { commitment } from '../core/record/commitment.ts'
import { openNote } from '../core/record/note.ts'
import { formatVerifierKey, type VerifierKey } from '../core/record/note-key.ts'
import { formatProof } from '../core/record/offline-proof.ts'
import { formatPolicy, type Policy } from '../core/record/witness-policy.ts'
import { sha256, verifyEd25519 } from '../io/keys/ed25519.ts'
import { openFolder } from '../io/record/folder-reader.ts'
import type { Store } from '../jobs/ports.ts'
import { proveInclusion } from '../jobs/prove-record.ts'
import { bodyOf } from '../jobs/published.ts'
import { proveReceipt } from '../jobs/record-place.ts'
import type { LogKey } from '../jobs/record-ports.ts'
import { addCheckpoint, witnessedCheckpoint } from '../jobs/witness.ts'

/** More waiting drafts are not counted. */
const MOST_WAITING = 1000

/** The record as the admin API answers for it. */
export function recordAdmin({
  store,
  folder,
  log,
  policy,
  witness,
  witnessFor,
  forgotten,
}: {
  readonly store: Store
  readonly folder: string
  readonly log: LogKey | null
  readonly policy: Policy | null
  readonly witness: LogKey | null
  readonly witnessFor: readonly VerifierKey[]
  /** Tells everybody who holds unwrapped data keys to forget them. */
  forgotten(): Promise<void>
}): RecordAdmin {
  const files = openFolder(folder)
  const nowMs = () => Date.now()
  return {
    async status() {
      const [head, drafts] = await Promise.all([store.logHead(), store.drafts(MOST_WAITING)])
      const keys = policy?.witnesses.map(({ key }) => key) ?? []
      const opened = head === null ? null : openNote(utf8Bytes(head.checkpoint), keys, verifyEd25519)
      return {
        origin: log?.key.name ?? null,
        key: log === null ? null : formatVerifierKey(log.key),
        witnessKey: witness === null ? null : formatVerifierKey(witness.key),
        size: head?.size ?? 0,
        root: head === null ? null : hex(bodyOf(head.checkpoint).root),
        atMs: head?.atMs ?? 0,
        witnesses: opened?.kind === 'verified' ? opened.signers.map(({ key }) => key.name) : [],
        waiting: drafts.length,
      }
    },
    file: (path) => files.read(path),
    async proof(index) {
      const head = await store.logHead()
      if (head === null || index >= head.size || policy === null) return null
      const read = (tile: { level: number | 'entries'; n: number; width: number }) =>
        store.hashTile(Number(tile.level), tile.n, tile.width)
      const hashes = await proveInclusion(sha256, index, head.size, read)
      const [entry] = await store.entryBytes(index, index + 1)
      const proof = formatProof({ index, hashes, checkpoint: head.checkpoint })
      return { proof, entry: entry!, policy: formatPolicy(policy) }
    },
    receiptProof: (decision, index) => proveReceipt(store, sha256, decision, index),
    addCheckpoint: async (body) =>
      witness === null
        ? { status: 404, type: 'text/plain; charset=utf-8', body: 'no log is witnessed here\n' }
        : addCheckpoint(body, { store, logs: witnessFor, witness, sha256, verify: verifyEd25519, nowMs }),
    witnessed: (originHash) => witnessedCheckpoint(originHash, { store, logs: witnessFor, sha256 }),
    async shred(org, ground) {
      // The salt is not kept: nobody can ever tie this commitment to the organisation again.
      const subject = commitment(sha256, randomBytes(32), 'subject', org)
      const d = { key: `data/${subject.slice(-16)}`, move: 'destroyed', purpose: 'erasure', subject, ground }
      const done = await store.shredKey(org, { k: 'key', who: 'system:keys', about: d.key, d }, nowMs())
      await forgotten()
      return done
    },
  }
}
