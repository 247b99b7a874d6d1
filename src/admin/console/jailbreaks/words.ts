import { jailbreakEn } from '../messages/jailbreak-en.ts'
import type { PlainKey, Words } from '../words.tsx'

/** What happened, by its code; a code of a later version stands as it is. */
export function eventWords(kind: string, words: Words): string {
  const key = `jb.event.${kind}`
  return Object.hasOwn(jailbreakEn, key) ? words(key as PlainKey) : kind
}
