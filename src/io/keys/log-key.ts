import { createSecretKey, randomBytes } from 'node:crypto'
import { hex } from '../../core/base/bytes.ts'
import { CodedError } from '../../core/base/errors.ts'
import { type NoteKeyType, verifierKey } from '../../core/record/note-key.ts'
import type { LogKey, RecordStore } from '../../jobs/record-ports.ts'
import { type SigningKey, sha256, signingKey } from './ed25519.ts'
import { seal, unseal } from './sealer.ts'

/** The store holds a log key that another instance's master key wraps: this one must not sign for it. */
export class LogKeyError extends CodedError<'log_key_foreign'> {}

const SEED_BYTES = 32

/** The key of that use, made on the first start; its seed is stored wrapped by the master key. @throws {LogKeyError} */
export async function recordKey(store: RecordStore, master: Uint8Array, use: 'log' | 'witness'): Promise<SigningKey> {
  const wrapping = createSecretKey(master)
  const wrapped = await store.recordKey(use, () => seal(wrapping, randomBytes(SEED_BYTES)))
  let seed: Buffer
  try {
    seed = unseal(wrapping, wrapped)
  } catch (cause) {
    throw new LogKeyError(
      'log_key_foreign',
      `the ${use} key in the store is not wrapped by this instance's master key`,
      {
        cause,
      },
    )
  }
  return signingKey(seed)
}

/** That key under a name: the origin of a log, or the name of a witness. */
export function namedKey({ publicKey, sign }: SigningKey, name: string, type: NoteKeyType): LogKey {
  return { key: verifierKey(sha256, name, type, publicKey), sign }
}

/** Name of a log that nobody has named: as unique as its key. */
export function defaultOrigin({ publicKey }: SigningKey): string {
  return `sluice.local/${hex(sha256(publicKey)).slice(0, 16)}`
}
