import type { ChannelText, EventFacts } from '../core/protocols/adapter.ts'
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

/** An event's texts in order, so many characters at a time; what else it says comes last. */
function* slicesOf(facts: EventFacts): Generator<EventFacts> {
  let texts: ChannelText[] = []
  let room = EVENT_SLICE_CHARS
  for (const one of facts.texts)
    for (let at = 0; at === 0 || at < one.text.length; ) {
      const text = one.text.slice(at, at + room)
      texts.push({ ...one, text })
      at += Math.max(1, text.length)
      room -= text.length
      if (room > 0 && texts.length < EVENT_SLICE_CHARS) continue
      yield { ...NOTHING, texts }
      texts = []
      room = EVENT_SLICE_CHARS
    }
  if (texts.length > 0) yield { ...NOTHING, texts }
  yield { ...facts, texts: [] }
}

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: false }
