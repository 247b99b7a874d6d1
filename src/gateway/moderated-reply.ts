import type { StreamRewriter } from '../core/protocols/adapter.ts'
import { moderatedSides } from './moderated.ts'
import type { Passage } from './passage.ts'
import { SseFrames } from './sse-frames.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** A complete answer with our scores, for a caller who asked for them. */
export function moderatedWhole(text: string, passage: Passage): string {
  const { moderation } = passage.adapter
  if (moderation === null || passage.exchange.moderation === undefined) return text
  return moderation.whole(text, moderatedSides(passage))
}

/** A whole stream that we compose, with our scores. */
export function moderatedEvents(text: string, passage: Passage): string {
  const rewriter = openModeration(passage)
  return rewriter === null ? text : throughModeration(text, rewriter)
}

/** Puts our scores into a stream as it leaves; null for nearly all callers. */
export function openModeration(passage: Passage): StreamRewriter | null {
  const { moderation } = passage.adapter
  if (moderation === null || passage.exchange.moderation === undefined) return null
  return moderation.open(() => moderatedSides(passage))
}

/** @param text Zero or more whole events. */
export function throughModeration(text: string, rewriter: StreamRewriter): string {
  const frames = new SseFrames()
  const whole = frames.push(encoder.encode(text))
  const rest = frames.end()
  return [...whole, ...(rest === null ? [] : [rest])]
    .map((frame) => rewriter.rewrite(frame, decoder.decode(frame.raw)))
    .join('')
}
