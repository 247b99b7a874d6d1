import type { VerifyEd25519 } from '../../../core/base/digest.ts'

/** Ed25519 as a browser checks it: not at once. */
export type VerifyLater = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>

/**
 * Runs what checks signatures at once with a check that answers later: the first run lets all of them pass, to learn
 * which are asked for; the second has the answers. One that only the second asks for counts as wrong.
 */
export async function withAnswers<T>(verify: VerifyLater, run: (verify: VerifyEd25519) => T): Promise<T> {
  const asked = new Map<string, Promise<boolean>>()
  const name = (...parts: readonly Uint8Array[]) => parts.map((part) => part.join()).join('/')
  run((key, message, signature) => {
    asked.set(name(key, message, signature), verify(key, message, signature))
    return true
  })
  const answers = new Map<string, boolean>()
  for (const [one, answer] of asked) answers.set(one, await answer)
  return run((key, message, signature) => answers.get(name(key, message, signature)) ?? false)
}
