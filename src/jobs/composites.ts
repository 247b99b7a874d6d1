import { xorshift } from '../core/classifier/train-step.ts'
import type { Sample } from './training-rows.ts'

/** Texts made of others for a set of gates to be read together from: how many of each side at most, and how long. */
export interface CompositeSettings {
  readonly kind: 'asked' | 'answer'
  readonly each: number
  readonly leastChars: number
  readonly mostChars: number
  readonly seed: number
}

export const REQUESTS: CompositeSettings = { kind: 'asked', each: 500, leastChars: 800, mostChars: 300_000, seed: 11 }
/** An answer goes on in one language, and seldom for pages. */
export const ANSWERS: CompositeSettings = { kind: 'answer', each: 500, leastChars: 300, mostChars: 20_000, seed: 12 }
/** They teach how evidence goes together in long texts, not what words mean. */
const WEIGHT = 0.6

/**
 * Long texts in which one request or answer stands among harmless ones, and as many without it: nothing in the data is so
 * long, and a sentence hidden in pages must weigh what it weighs alone. Lengths are spread evenly over their logarithm.
 *
 * @param samples All of one part of the data, so that nothing in a composite was learned from by the gates that read it.
 */
export function composites(samples: readonly Sample[], settings: CompositeSettings): readonly Sample[] {
  const own = samples.filter(({ kind }) => kind === settings.kind)
  const hay = own.filter(({ harmful, attack }) => !harmful && attack === null)
  const needles = own.filter(({ harmful }) => harmful)
  if (hay.length === 0 || needles.length === 0) return []
  const byLanguage = Map.groupBy(hay, ({ row }) => row.lang)
  const random = xorshift(settings.seed)
  const pick = <T>(from: readonly T[]) => from[random() % from.length]!
  const made: Sample[] = []
  // Of few requests more composites teach nothing more, and long ones are slow to read.
  const each = Math.min(settings.each, needles.length)
  for (let i = 0; i < 2 * each; i++) {
    const share = random() / 2 ** 32
    const chars = Math.round(settings.leastChars * (settings.mostChars / settings.leastChars) ** share)
    const pieces: string[] = []
    const base = i % 2 === 0 ? pick(needles) : pick(hay)
    const around = settings.kind === 'asked' ? hay : (byLanguage.get(base.row.lang) ?? hay)
    for (let length = 0; length < chars; ) {
      const { text } = pick(around)
      pieces.push(text)
      length += text.length + 1
    }
    if (base.harmful) pieces.splice(random() % (pieces.length + 1), 0, base.text)
    made.push({ ...base, text: pieces.join('\n'), weight: WEIGHT })
  }
  return made
}
