import { goesOn, type Layer, type NormaliserSink } from './layer.ts'
import { Normaliser } from './normaliser.ts'

/**
 * What a text says beside what it shows: each of its other readings as a text of its own. What is hidden by one trick
 * over many passages is one reading. Empty for a text that hides nothing; linear.
 */
export function readingsOf(text: string): readonly string[] {
  const open = new Map<string, { said: string; end: number }>()
  const readings: string[] = []
  const sink: NormaliserSink = {
    layer(layer: Layer) {
      const key = layer.tricks.join()
      const before = open.get(key)
      if (before !== undefined && !goesOn(before.end, layer)) readings.push(before.said)
      const said = before !== undefined && goesOn(before.end, layer) ? before.said + layer.text : layer.text
      open.set(key, { said, end: layer.end })
    },
    mark() {},
  }
  const normaliser = new Normaliser()
  normaliser.feed(text, sink)
  normaliser.end(sink)
  for (const { said } of open.values()) readings.push(said)
  return readings
}
