/**
 * Reads JSON text that arrives in pieces as a person would read it: escapes become what they stand for. Tool arguments
 * stream as JSON; words hidden behind `\u` escapes must still be words to a detector.
 */
export class EscapeReader {
  #open = ''

  /** The readable text of one more piece; an escape cut by its end waits for the next. */
  push(piece: string): string {
    const text = this.#open + piece
    this.#open = ''
    if (!text.includes('\\')) return text
    let out = ''
    let from = 0
    for (let slash = text.indexOf('\\'); slash >= 0; slash = text.indexOf('\\', from)) {
      out += text.slice(from, slash)
      const length = text[slash + 1] === 'u' ? 6 : 2
      if (slash + length > text.length) {
        this.#open = text.slice(slash)
        return out
      }
      const hex = text.slice(slash + 2, slash + 6)
      if (length === 2) out += plain(text[slash + 1]!)
      else if (HEX.test(hex)) out += String.fromCharCode(Number.parseInt(hex, 16) || 0xfffd)
      // Not JSON after all (a path, a pattern): nothing of it may get lost.
      else {
        out += '\\u'
        from = slash + 2
        continue
      }
      from = slash + length
    }
    return out + text.slice(from)
  }

  /** What still waited for the end of its escape, as it stands. */
  end(): string {
    const open = this.#open
    this.#open = ''
    return open
  }
}

const HEX = /^[0-9a-f]{4}$/i

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: ' ', f: ' ' }

function plain(character: string): string {
  return ESCAPES[character] ?? character
}
