/**
 * Whether a turn asks for nothing of its own, only for more of what was asked before: "please continue", 「続けて」. Short
 * of that, a bare yes or thanks is none: it may answer an offer to do something else.
 */
export function isContinuation(text: string): boolean {
  return text.length <= MOST_CHARS && CONTINUATION.test(text)
}

const MOST_CHARS = 60
const LEAD = String.raw`(?:(?:ok(?:ay)?|yes|sure|please|now|just|then|well|はい|では|じゃあ|どうか)[\s,.、。!！]*)*`
const WORDS = [
  ...['continue', 'go on', 'go ahead', 'keep going', 'carry on', 'proceed', 'resume', 'finish(?: it)?', 'do it'],
  ...['(?:try |once |and )?again', 'retry', 'next', 'more', 'the rest', 'and then', 'continue (?:the|your) answer'],
  ...[
    '続けて',
    '続き(?:を|は)?',
    '続行(?:して)?',
    'もう一度',
    'もっと',
    '次(?:は|を|へ)?',
    'つづけて',
    'つづき(?:を)?',
  ],
  ...['continuez?', 'contin[uú]a', 'weiter', 'продолжай(?:те)?', '继续', '계속(?:해)?'],
]
const TAIL = String.raw`(?:[\s,]*(?:please|now|anyway|then|from there|where you (?:left off|stopped)|ください|下さい|お願いします|くれ|教えて))*`
const CONTINUATION = new RegExp(String.raw`^\s*${LEAD}(?:${WORDS.join('|')})${TAIL}[\s.,!?…。、！？:)]*$`, 'iu')
