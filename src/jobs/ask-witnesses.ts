import type { Sha256, VerifyEd25519 } from '../core/base/digest.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import { formatAddCheckpoint } from '../core/record/add-checkpoint.ts'
import { isDecimal } from '../core/record/checkpoint.ts'
import { withCosignatures } from '../core/record/merge-cosignatures.ts'
import { openNote } from '../core/record/note.ts'
import type { Policy } from '../core/record/witness-policy.ts'
import { proveConsistency } from './prove-record.ts'
import { bodyOf } from './published.ts'
import type { RecordStore } from './record-ports.ts'

export interface AskPorts {
  readonly store: RecordStore
  readonly policy: Policy
  readonly sha256: Sha256
  readonly verify: VerifyEd25519
  /** Sends a body to a witness. @throws {Error} it does not answer. */
  post(url: string, body: Uint8Array): Promise<{ readonly status: number; readonly body: string }>
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

/** Where each witness was left; learnt from its answers. */
export type WitnessSizes = Map<string, number>

/**
 * Asks every witness for a cosignature of the published checkpoint, and merges what they give. One that is down or says
 * no is reported, and holds nothing up: the policy of who reads says how many are needed.
 * @returns witnesses that have cosigned it.
 */
export async function askWitnesses(ports: AskPorts, sizes: WitnessSizes): Promise<number> {
  const { store, policy, sha256, verify } = ports
  const head = await store.logHead()
  if (head === null) return 0
  const keys = policy.witnesses.map(({ key }) => key)
  const signed = openNote(utf8Bytes(head.checkpoint), keys, verify)
  const have = signed.kind === 'verified' ? signed.signers.map(({ key }) => key) : []
  const missing = policy.witnesses.filter(({ key, url }) => url !== null && !have.includes(key))
  const answers = await Promise.all(
    missing.map(async ({ name, url }) => {
      try {
        return await ask(name, `${url!.replace(/\/+$/, '')}/add-checkpoint`)
      } catch (error) {
        ports.report('witness.unreachable', { witness: name, fault: (error as Error).name })
        return ''
      }
    }),
  )
  const merged = withCosignatures(head.checkpoint, answers.join('\n'), keys, verify)
  if (merged !== head.checkpoint) await store.replaceCheckpoint(head.size, merged)
  const now = openNote(utf8Bytes(merged), keys, verify)
  return now.kind === 'verified' ? now.signers.length : 0

  async function ask(name: string, url: string): Promise<string> {
    const { size } = bodyOf(head!.checkpoint)
    const read = (tile: { level: number | 'entries'; n: number; width: number }) =>
      store.hashTile(Number(tile.level), tile.n, tile.width)
    // It may have been asked by an earlier process: its own word says where it is.
    for (let tries = 0; tries < 2; tries++) {
      const old = sizes.get(name) ?? 0
      const proof = await proveConsistency(sha256, old, size, read)
      const { status, body } = await ports.post(url, formatAddCheckpoint({ old, proof, checkpoint: head!.checkpoint }))
      if (status === 200) {
        sizes.set(name, size)
        return body
      }
      const at = body.trim()
      if (status !== 409 || !isDecimal(at) || Number(at) > size) {
        ports.report('witness.refused', { witness: name, status })
        return ''
      }
      sizes.set(name, Number(at))
    }
    return ''
  }
}
