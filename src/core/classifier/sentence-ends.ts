/** Where a sentence ends, so that a request can be read out of what stands around it. */
export const NO_END = 0
export const MAY_END = 1
export const SURE_END = 2
/** What an ASCII unit that is no letter may be: after an ender a closing mark or a blank ends a sentence, a newline always does. */
export const ENDER = 1
export const CLOSER = 2
export const NEWLINE = 3
export const MARKS = new Uint8Array(128)
for (const unit of '.?!:;') MARKS[unit.charCodeAt(0)] = ENDER
for (const unit of ' \t\r"\')]*<') MARKS[unit.charCodeAt(0)] = CLOSER
MARKS[10] = NEWLINE
/** In Japanese a sentence also ends before `「`. */
export const OPENING = 0x300c

/** `。` `？` `！` `：` `」` */
export function isWideEnd(code: number): boolean {
  return code === 0x3002 || code === 0xff1f || code === 0xff01 || code === 0xff1a || code === 0x300d
}

/** Of marks beyond ASCII: curly quotes, and the wide blank. */
export function isCloser(codePoint: number): boolean {
  return codePoint === 0x201d || codePoint === 0x2019 || codePoint === 0x3000
}
