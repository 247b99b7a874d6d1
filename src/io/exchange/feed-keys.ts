import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../../core/base/errors.ts'
import type { EnvelopeSigner } from '../../core/record/dsse.ts'
import { type NoteKeyType, verifierKey } from '../../core/record/note-key.ts'
import { sha256, signingKey } from '../keys/ed25519.ts'

/** A key file that cannot be used. Never says what is in it. */
export class FeedKeyError extends CodedError<'missing' | 'malformed'> {}

interface KeyFile {
  readonly name: string
  readonly type: NoteKeyType
  readonly seed: string
}

/** A signing key of the folder. @throws {FeedKeyError} */
export function readFeedKey(folder: string, file: string): EnvelopeSigner {
  let text: string
  try {
    text = readFileSync(join(folder, `${file}.key`), 'utf8')
  } catch (cause) {
    throw new FeedKeyError('missing', `no key \`${file}\` in ${folder}; \`sluice feed init\` makes it`, { cause })
  }
  const [name, type, seed, end] = text.split('\n')
  const known = type === 'note' || type === 'cosignature'
  if (!name || !known || end !== '' || !/^[0-9a-f]{64}$/.test(seed ?? ''))
    throw new FeedKeyError(
      'malformed',
      `key \`${file}\` in ${folder}: wanted name, type and 64 hex digits, a line each`,
    )
  return signerOf({ name, type, seed: seed! })
}

/** Makes a key, readable by its owner only. @throws {FeedKeyError} `malformed`: one is there; it is never overwritten. */
export function makeFeedKey(folder: string, file: string, name: string, type: NoteKeyType = 'note'): EnvelopeSigner {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const seed = randomBytes(32).toString('hex')
  // Checks the name before anything is written.
  const signer = signerOf({ name, type, seed })
  try {
    writeFileSync(join(folder, `${file}.key`), `${name}\n${type}\n${seed}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    throw new FeedKeyError('malformed', `key \`${file}\` is in ${folder} already; choose another folder`, { cause })
  }
  return signer
}

function signerOf({ name, type, seed }: KeyFile): EnvelopeSigner {
  const { publicKey, sign } = signingKey(new Uint8Array(Buffer.from(seed, 'hex')))
  return { key: verifierKey(sha256, name, type, publicKey), sign }
}
