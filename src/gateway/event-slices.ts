import type { EventFacts } from '../core/protocols/adapter.ts'
import type { StreamGuard, Waiting } from './stream-guard.ts'

/** Characters of one event that are judged in one go: with a decision each 256 of them, some milliseconds. */
const EVENT_SLICE_CHARS = 4096

/** Whether an event carries more than is judged in one go. */
export function isLarge({ texts }: EventFacts): boolean {
  let chars = 0
  for (const { text } of texts) chars += text.length
  return chars > EVENT_SLICE_CHARS
}

/**
 * Judges a large event a slice at a time, as if it had come in many, so that it holds up nobody else's.
 * @param pause Lets others be served.
 */
export async function takeInSlices(
  facts: EventFacts,
  guard: StreamGuard,
  pause: () => Promise<void>,
): Promise<Waiting> {
  const ends = new Map<string, number>()
  let chars = 0
  let said = ''
  let begins = false
  for (const slice of slicesOf(facts)) {
    const waiting = guard.take(slice)
    for (const { channel, end } of waiting.ends) ends.set(channel, end)
    chars += waiting.chars
    said += waiting.said
    begins ||= waiting.begins
    if (guard.stopped !== null) break
    await pause()
  }
  return { ends: Array.from(ends, ([channel, end]) => ({ channel, end })), chars, said, begins }
}

/** Pieces of an event's texts, in order; what else it says comes last. */
function* slicesOf(facts: EventFacts): Generator<EventFacts> {
  for (const one of facts.texts)
    for (let at = 0; at === 0 || at < one.text.length; at += EVENT_SLICE_CHARS)
      yield { ...NOTHING, texts: [{ ...one, text: one.text.slice(at, at + EVENT_SLICE_CHARS) }] }
  yield { ...facts, texts: [] }
}

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: false }
