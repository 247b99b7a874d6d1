import type { Layer, Mark } from './normalise/layer.ts'
import { normalise } from './normalise/normaliser.ts'

/** One way to read a text; the first is the text folded code point by code point, the others are undone tricks. */
export type View = Layer

/** All views of a whole text, and what is marked in it. Linear; never throws. */
export function views(text: string): { readonly views: readonly View[]; readonly marks: readonly Mark[] } {
  const { folded, layers, marks } = normalise(text)
  const plain: View = { tricks: [], ...folded, start: 0, end: folded.ends.at(-1) ?? 0 }
  return { views: [plain, ...layers], marks }
}
