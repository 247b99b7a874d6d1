/** More than are in use at a time; what goes beyond is left to the garbage collector. */
const MOST = 64

/** Tables of those that were closed: a request that had to make its own would spend more on them than on its text. */
export class Spares<Table> {
  readonly #kept: Table[] = []

  /** One that somebody else has written to; undefined where there is none. */
  take(): Table | undefined {
    return this.#kept.pop()
  }

  keep(table: Table): void {
    if (this.#kept.length < MOST) this.#kept.push(table)
  }
}
