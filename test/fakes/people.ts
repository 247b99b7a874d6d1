import { utf8Bytes } from '../../src/core/base/utf8.ts'
import type { SigningTools } from '../../src/core/jailbreaks/registry/override-acts.ts'
import { INSTRUMENT } from '../../src/core/jailbreaks/registry/verify-override.ts'
import { type EnvelopeSigner, signEnvelope } from '../../src/core/record/dsse.ts'
import { verifierKey } from '../../src/core/record/note-key.ts'
import type { Person } from '../../src/core/record/person.ts'
import { sha256, signingKey, verifyEd25519 } from '../../src/io/keys/ed25519.ts'
import { CASE_AT } from './a-case.ts'

const YEAR_MS = 365 * 86_400_000

/** A signing key of a person; another seed is another key of the same person. */
export function signerOf(id: string, seed: number): EnvelopeSigner {
  const { publicKey, sign } = signingKey(new Uint8Array(32).fill(seed))
  return { key: verifierKey(sha256, id, 'note', publicKey), sign }
}

export const MORI = signerOf('u-114', 1)
/** A second key of the same person. */
export const MORI_TOO = signerOf('u-114', 2)
export const OKAFOR = signerOf('u-201', 3)
export const AOKI = signerOf('u-302', 4)
export const STRANGER = signerOf('u-114', 9)

const validOf = (...signers: readonly EnvelopeSigner[]) =>
  signers.map(({ key }) => ({ key, fromMs: CASE_AT - YEAR_MS, untilMs: CASE_AT + YEAR_MS }))

export const PEOPLE: readonly Person[] = [
  { id: 'u-114', name: 'A. Mori', keys: validOf(MORI, MORI_TOO) },
  { id: 'u-201', name: 'R. Okafor', keys: validOf(OKAFOR) },
  { id: 'u-302', name: 'M. Aoki', keys: validOf(AOKI) },
]

export const SIGNING: SigningTools = { people: PEOPLE, sha256, verify: verifyEd25519 }

/** A text as an instrument, signed by each. */
export function signed(payload: string, ...signers: readonly EnvelopeSigner[]): string {
  return signEnvelope(INSTRUMENT, utf8Bytes(payload), signers)
}
