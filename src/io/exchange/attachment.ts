import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, GeneralEncrypt, generalDecrypt, generateKeyPair, importJWK, type JWK } from 'jose'
import { CodedError } from '../../core/base/errors.ts'

/** An attachment that cannot be sealed or opened. */
export class AttachmentError extends CodedError<'key' | 'not_for_us' | 'malformed'> {}

const KEY_WRAP = 'ECDH-ES+A256KW'
const CONTENT = 'A256GCM'

/** What travels at RED besides pointers and records: sealed for named recipients, JWE in its general JSON form. */
export async function sealFor(bytes: Uint8Array, recipients: readonly JWK[]): Promise<Uint8Array> {
  if (recipients.length === 0) throw new AttachmentError('key', 'recipients: name at least one key')
  const encrypt = new GeneralEncrypt(bytes).setProtectedHeader({ enc: CONTENT })
  for (const jwk of recipients) {
    const { d: _secret, ...open } = jwk
    if (open.kty !== 'OKP' || open.crv !== 'X25519')
      throw new AttachmentError('key', 'recipients: wanted X25519 keys, as `sluice feed key encryption` prints them')
    encrypt
      .addRecipient(await importJWK(open, KEY_WRAP))
      .setUnprotectedHeader({ alg: KEY_WRAP, ...(open.kid === undefined ? {} : { kid: open.kid }) })
  }
  return new TextEncoder().encode(JSON.stringify(await encrypt.encrypt()))
}

/** @throws {AttachmentError} `not_for_us`: sealed for others, or changed. */
export async function openSealed(sealed: Uint8Array, own: JWK): Promise<Uint8Array> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(sealed))
  } catch (cause) {
    throw new AttachmentError('malformed', 'attachment: wanted JWE as JSON', { cause })
  }
  try {
    const key = await importJWK(own, KEY_WRAP)
    // jose checks the shape; only the two algorithms of the format are tried.
    const { plaintext } = await generalDecrypt(value as Parameters<typeof generalDecrypt>[0], key, {
      keyManagementAlgorithms: [KEY_WRAP],
      contentEncryptionAlgorithms: [CONTENT],
    })
    return plaintext
  } catch (cause) {
    throw new AttachmentError('not_for_us', 'attachment: not sealed for this key, or changed on the way', { cause })
  }
}

/** The key that others seal for this instance with; made when it is first asked for. */
export async function encryptionKey(folder: string, name: string): Promise<{ readonly own: JWK; readonly open: JWK }> {
  const path = join(folder, 'encryption.jwk')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let own: JWK
  try {
    own = JSON.parse(readFileSync(path, 'utf8')) as JWK
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const { privateKey } = await generateKeyPair(KEY_WRAP, { crv: 'X25519', extractable: true })
    own = { ...(await exportJWK(privateKey)), kid: name }
    writeFileSync(path, `${JSON.stringify(own)}\n`, { flag: 'wx', mode: 0o600 })
    chmodSync(path, 0o600)
  }
  const { d: _secret, ...open } = own
  return { own, open }
}
