import { en } from './en.ts'
import { ja } from './ja.ts'
import type { TransparencyWords } from './words.ts'

/** What the report says in both languages. */
export const TRANSPARENCY_WORDS: Readonly<Record<'en' | 'ja', TransparencyWords>> = { en, ja }
