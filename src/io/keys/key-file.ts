import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '../../core/base/errors.ts'
import type { EnvelopeSigner } from '../../core/record/dsse.ts'
import { type NoteKeyType, verifierKey } from '../../core/record/note-key.ts'
import { sha256, signingKey } from './ed25519.ts'

/** A key file that cannot be used. Never says what is in it. */
export class KeyFileError extends CodedError<'missing' | 'malformed' | 'exists'> {}

interface KeyFile {
  readonly name: string
  readonly type: NoteKeyType
  readonly seed: string
}

/** The signing key of a file: name, type and seed, a line each. @throws {KeyFileError} */
export function readKeyFile(path: string): EnvelopeSigner {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KeyFileError('missing', `no key file ${path}; name the one that was made with the key`, { cause })
  }
  const [name, type, seed, end] = text.split('\n')
  const known = type === 'note' || type === 'cosignature'
  if (!name || !known || end !== '' || !/^[0-9a-f]{64}$/.test(seed ?? ''))
    throw new KeyFileError('malformed', `${path}: wanted name, type and 64 hex digits, a line each`)
  return signerOf({ name, type, seed: seed! })
}

/** Makes a key in a file that its owner alone can read. @throws {KeyFileError} `exists`: it is never overwritten. */
export function makeKeyFile(path: string, name: string, type: NoteKeyType = 'note'): EnvelopeSigner {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const seed = randomBytes(32).toString('hex')
  // Checks the name before anything is written.
  const signer = signerOf({ name, type, seed })
  try {
    writeFileSync(path, `${name}\n${type}\n${seed}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    throw new KeyFileError('exists', `${path} cannot be made, or is there already; choose another folder`, { cause })
  }
  return signer
}

function signerOf({ name, type, seed }: KeyFile): EnvelopeSigner {
  const { publicKey, sign } = signingKey(new Uint8Array(Buffer.from(seed, 'hex')))
  return { key: verifierKey(sha256, name, type, publicKey), sign }
}
