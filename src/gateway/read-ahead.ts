import type { TextContext } from '../core/classifier/combine.ts'
import type { FamilyBook, FamilyDetector } from '../core/classifier/family-book.ts'
import type { Scores } from '../core/classifier/types.ts'
import type { Rule } from '../core/safeguards/rules.ts'
import { contextsOf, type Detectors, groupsOf } from './inspect.ts'
import type { Screening } from './passage.ts'
import type { Ports } from './ports.ts'
import { SLICE_CHARS } from './scored-texts.ts'

/** What reading a text costs whatever its length, as so many characters: many short ones take time as well. */
const EACH_CHARS = 128
/** Of so many long texts what was matched is kept: strings of their length are told apart slowly. */
const MOST_LONG = 256

/**
 * Reads the texts of a large request ahead of `inspect`, a slice at a time: one megabyte holds up nobody else, in one
 * text or in many. A detector that throws here throws there again, where it becomes a finding.
 * @returns Detectors that have at hand what was read, and read all else as it is asked for.
 */
export async function readAhead(
  screening: Screening,
  ports: Pick<Ports, 'scores'> & { readonly clock: Pick<Ports['clock'], 'pause'> },
): Promise<Detectors> {
  const { document, exchange, caller, state } = screening
  const { families, rules } = state
  const texts = ports.scores.of(caller.org)
  // Nearly every request: all of its texts together are no longer than it is.
  if (document.text.length <= SLICE_CHARS) return { texts, families, rules }
  const contexts = contextsOf(exchange)
  const read = Array.from({ length: 4 }, () => new Map<string, Scores>())
  const readIn = ({ ambient, system }: TextContext) => read[2 * Number(ambient) + Number(system)]!
  const familiesIn = new Map<string, readonly FamilyDetector[]>()
  const rulesIn = new Map<string, readonly Rule[]>()
  const { pause } = ports.clock
  let sincePause = 0
  let long = 0
  for (const { place, texts: parts } of groupsOf(exchange, [])) {
    const text = parts.join('\n')
    const context = contexts(place)
    sincePause += text.length + EACH_CHARS
    try {
      if (text.length < SLICE_CHARS) {
        if (sincePause > SLICE_CHARS) {
          sincePause = 0
          await pause()
        }
        readIn(context).set(text, texts.score('input', text, context))
        if (rules !== null) rulesIn.set(text, rules.match('input', text))
        continue
      }
      sincePause = 0
      await texts.ahead('input', text, context)
      if (++long > MOST_LONG) continue
      if (rules !== null) rulesIn.set(text, await rules.matchInSlices('input', text, SLICE_CHARS, pause))
      const mayBeAsked = place.newest || (place.part === 'user' && place.trust === 'user')
      if (families !== null && mayBeAsked) familiesIn.set(text, await matchInSlices(families, text, pause))
    } catch {
      // It is asked for again.
    }
  }
  return {
    texts: {
      score: (stage, text, context) =>
        (stage === 'input' && context !== undefined ? readIn(context).get(text) : undefined) ??
        texts.score(stage, text, context),
      scoreOnce: texts.scoreOnce,
    },
    families: families && { ...families, match: (text) => familiesIn.get(text) ?? families.match(text) },
    rules: rules && {
      ...rules,
      match: (stage, text) => (stage === 'input' ? rulesIn.get(text) : undefined) ?? rules.match(stage, text),
    },
  }
}

async function matchInSlices(families: FamilyBook, text: string, pause: () => Promise<void>) {
  const reading = families.open()
  for (let at = 0; at < text.length; at += SLICE_CHARS) {
    reading.feed(text.slice(at, at + SLICE_CHARS))
    await pause()
  }
  return reading.match()
}
