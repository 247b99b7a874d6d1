/** A word of severity in a text that is no place for one. */
export interface SeverityWord {
  /** Zero-based offset in UTF-16 code units. */
  readonly at: number
  readonly length: number
  /** The entry of the list, not the text. */
  readonly word: string
}

/**
 * Words that say how bad something is. Severity is a vector here, so that two strangers come to the same number; a word
 * in its place is refused. Matched as whole words, in any case and width.
 */
const ENGLISH: readonly string[] = [
  ...['critical', 'critically', 'criticality', 'severe', 'severely', 'severity', 'serious', 'seriously'],
  ...['catastrophic', 'catastrophe', 'devastating', 'disastrous', 'dangerous', 'dangerously', 'alarming', 'terrifying'],
  ...['extreme', 'extremely', 'grave', 'massive', 'existential', 'unprecedented', 'worst', 'game-changing'],
  ...['harmless', 'trivial', 'negligible', 'low-risk', 'high-risk', 'low-impact', 'high-impact'],
  ...['high risk', 'low risk', 'medium risk', 'high impact', 'low impact', 'high priority', 'top priority'],
  ...['sev0', 'sev1', 'sev2', 'sev-0', 'sev-1', 'sev-2', 'sev 0', 'sev 1', 'sev 2', 'urgent'],
]
/** Without these a report could not name what it is about: they hold a word of the list and say nothing of severity. */
const ENGLISH_FREE: readonly string[] = [
  ...['critical infrastructure', 'critical section', 'critical sections', 'critical path', 'severity vector'],
  ...['severity field', 'harmless-looking', 'dangerous goods', 'organised serious crime', 'serious crime'],
]

const JAPANESE: readonly string[] = [
  ...[
    '重大',
    '深刻',
    '致命的',
    '壊滅的',
    '破滅的',
    '破局的',
    '危険',
    '甚大',
    '最悪',
    '緊急',
    '極めて',
    '前代未聞',
    '恐ろしい',
  ],
  ...[
    '軽微',
    '些細',
    '無害',
    '高リスク',
    '低リスク',
    '中リスク',
    'リスクが高',
    'リスクが低',
    '影響が大き',
    '影響が小さ',
  ],
]
const JAPANESE_FREE: readonly string[] = ['深刻度ベクトル', '危険物', '緊急連絡先', '緊急停止', '緊急制限']

const LATIN = /[\p{L}\p{N}]/u

/** Every word of severity in a text, in order of place. */
export function severityWordsIn(text: string): readonly SeverityWord[] {
  const folded = folding(text)
  const free = [
    ...ENGLISH_FREE.flatMap((word) => places(folded, word, true)),
    ...JAPANESE_FREE.flatMap((word) => places(folded, word, false)),
  ]
  const found = [
    ...ENGLISH.flatMap((word) => places(folded, word, true)),
    ...JAPANESE.flatMap((word) => places(folded, word, false)),
  ].filter((one) => !free.some((other) => within(one, other)))
  // Of words inside one another the longest is named.
  return found
    .filter((one) => !found.some((other) => other !== one && other.length > one.length && within(one, other)))
    .sort((a, b) => a.at - b.at)
}

/** Lower case, full-width letters as plain ones, hyphens alike: every step keeps the length, so offsets stay true. */
function folding(text: string): string {
  return text
    .replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll(/[\u3000\u00a0\t\n]/g, ' ')
    .replaceAll(/[\u2010\u2011\u2012]/g, '-')
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function places(text: string, word: string, whole: boolean): readonly SeverityWord[] {
  const found: SeverityWord[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const beside = [text[at - 1], text[at + word.length]]
    // Japanese beside an English word does not make it another word.
    const inside = whole && beside.some((one) => one !== undefined && LATIN.test(one) && one.charCodeAt(0) < 0x3000)
    if (!inside) found.push({ at, length: word.length, word })
  }
  return found
}

function within(one: SeverityWord, other: SeverityWord): boolean {
  return one.at >= other.at && one.at + one.length <= other.at + other.length
}
