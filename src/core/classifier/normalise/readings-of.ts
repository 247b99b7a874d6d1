import { goesOn, type Layer, type NormaliserSink } from './layer.ts'
import { Normaliser } from './normaliser.ts'

/**
 * What a text says beside what it shows: each of its other readings as a text of its own. What is hidden by one trick
 * over many passages is one reading. None for a text that hides nothing; linear. A text may come in any pieces.
 */
export class OtherReadings implements NormaliserSink {
  readonly #open = new Map<string, { said: string; end: number }>()
  readonly #readings: string[] = []
  readonly #normaliser = new Normaliser()

  feed(piece: string): void {
    this.#normaliser.feed(piece, this)
  }

  /** Once. */
  end(): readonly string[] {
    this.#normaliser.end(this)
    return [...this.#readings, ...[...this.#open.values()].map(({ said }) => said)]
  }

  layer(layer: Layer): void {
    const key = layer.tricks.join()
    const before = this.#open.get(key)
    const follows = before !== undefined && goesOn(before.end, layer)
    if (before !== undefined && !follows) this.#readings.push(before.said)
    this.#open.set(key, { said: follows ? before.said + layer.text : layer.text, end: layer.end })
  }

  mark(): void {}
}

/** All other readings of a whole text. */
export function readingsOf(text: string): readonly string[] {
  const readings = new OtherReadings()
  readings.feed(text)
  return readings.end()
}
