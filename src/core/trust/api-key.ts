import type { KeySettings } from './key-settings.ts'

/** A key of Sluice, as it is stored: the secret itself is shown once, when it is made, and then gone. */
export interface ApiKey {
  /** `key_` and 12 characters; the secret begins with them, so that a key found somewhere names itself. */
  readonly id: string
  readonly name: string
  readonly org: string
  /** Keyed hash of the whole secret, hex. */
  readonly hash: string
  readonly settings: KeySettings
  readonly createdAtMs: number
  readonly revokedAtMs: number | null
}

const SECRET = /^slk_([0-9a-z]{12})_[\w-]{43}$/

/** Id of the key that a credential says it is, or null where it is not of this form. */
export function keyIdOf(credential: string): string | null {
  const match = SECRET.exec(credential)
  return match === null ? null : `key_${match[1]}`
}
