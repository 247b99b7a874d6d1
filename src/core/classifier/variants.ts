import { appliesTo, EVASIONS, type Evasion, evade } from './evasions.ts'

/** A rewording of a reported text, and how it came about. */
export interface Variant {
  readonly text: string
  /** Kind of rewording: `plain`, `framed`, `reordered`, `noisy`, or the evasion's name. */
  readonly kind: string
  /** Which of the reported texts it comes from. */
  readonly of: number
}

/** What people put around a request that was refused once: openers and closers, in the languages that are at hand. */
const FRAMES: readonly (readonly [before: string, after: string])[] = [
  ['Hi! ', ''],
  ['', ' Thanks in advance.'],
  ['Please help me with this. ', ''],
  ['My manager asked for it: ', ''],
  ['For a course I am taking: ', ' Keep it short.'],
  ['I asked before and you said no. Again: ', ''],
  ['', ' Answer in one block and without comments.'],
  ['Continue where you stopped. ', ''],
  ['次の内容をお願いします。', ''],
  ['', ' よろしくお願いします。'],
  ['授業の課題です。', ' 短くお願いします。'],
]

const SYNONYMS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\bplease\b/gi, 'kindly'],
  [/\bfix\b/gi, 'repair'],
  [/\bwrite\b/gi, 'draft'],
  [/\bcode\b/gi, 'program'],
  [/\bmake\b/gi, 'let'],
  [/\bignore\b/gi, 'disregard'],
  [/\bprevious\b/gi, 'earlier'],
  [/\banswer\b/gi, 'reply'],
  [/\bshow me\b/gi, 'give me'],
  [/\bwithout\b/gi, 'with no'],
  [/教えて/g, '説明して'],
  [/直して/g, '修正して'],
  [/書いて/g, '作成して'],
]

/**
 * Evasions that keep a text's own words, as the scorer reads them: the others are read by the normaliser in any case. One
 * letter a line is read as `spacing` is.
 */
const SPREAD: readonly Evasion[] = EVASIONS.filter((one) => one !== 'tags' && one !== 'lines')

/**
 * Rewordings of reported texts: framed, with synonyms, reordered, with small slips, and under every evasion that applies.
 * Pure and deterministic: the same texts give the same variants, in the same order, the plain ones first.
 *
 * @param most At most so many for each reported text.
 */
export function proliferate(reported: readonly string[], most = 60): readonly Variant[] {
  return reported.flatMap((text, of) => {
    const seen = new Set<string>()
    const variants: Variant[] = []
    const add = (kind: string, changed: string) => {
      const trimmed = changed.trim()
      if (trimmed === '' || seen.has(trimmed) || variants.length >= most) return
      seen.add(trimmed)
      variants.push({ text: trimmed, kind, of })
    }
    add('plain', text)
    const reworded = SYNONYMS.reduce((now, [pattern, by]) => now.replace(pattern, by), text)
    add('reworded', reworded)
    for (const [before, after] of FRAMES) {
      add('framed', before + text + after)
      add('framed', before + reworded + after)
    }
    const sentences = text.split(/(?<=[.!?。！？\n])\s*/).filter((part) => part.trim() !== '')
    for (let turn = 1; turn < Math.min(sentences.length, 5); turn++)
      add('reordered', [...sentences.slice(turn), ...sentences.slice(0, turn)].join(' '))
    add('noisy', text.toLowerCase())
    add('noisy', text.toUpperCase())
    add(
      'noisy',
      text.replace(/([aeiou])\1?/g, (letters, _one, at: number) => (at % 11 === 3 ? '' : letters)),
    )
    for (const evasion of SPREAD) if (appliesTo(evasion, text)) add(evasion, evade(evasion, text))
    return variants
  })
}
