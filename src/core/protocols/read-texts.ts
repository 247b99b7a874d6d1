/**
 * What of an answer was read, by the place where it stands. Events repeat each other: a text comes in pieces, whole with
 * its part, with its item and with the response, and each piece may be missing. What was read is not read twice, and what
 * was not is never taken for it.
 *
 * Holds the texts of one answer. Cost of a repeated text: one comparison.
 */
export class ReadTexts {
  readonly #texts = new Map<string, string>()

  /** A piece that goes on where the text at `place` ended. */
  add(place: string, piece: string): void {
    const before = this.#texts.get(place)
    this.#texts.set(place, before === undefined ? piece : before + piece)
  }

  /** Its pieces were not read as one text: what comes whole is read again. */
  forget(place: string): void {
    this.#texts.delete(place)
  }

  /** What a text that came whole says beyond what was read at its place; null: nothing. */
  beyond(place: string, whole: string): Beyond | null {
    const before = this.#texts.get(place) ?? ''
    if (before.startsWith(whole)) return null
    this.#texts.set(place, whole)
    const goesOn = whole.startsWith(before)
    return { text: goesOn ? whole.slice(before.length) : whole, goesOn }
  }
}

export interface Beyond {
  readonly text: string
  /** It continues what was read there; false: the whole says something else, and is all to be read. */
  readonly goesOn: boolean
}
