import type { SseEvent } from '../core/protocols/adapter.ts'
import { withoutSluice } from '../core/protocols/sluice-member.ts'
import { sseText } from '../core/protocols/sse.ts'
import type { Frame } from './sse-frames.ts'

const utf8 = new TextDecoder()

/** An event as it leaves. */
export interface CleanFrame extends SseEvent {
  readonly text: string
}

/** The event without what an upstream says in our name; null where there is nothing of the kind, as in nearly all. */
export function cleanedFrame(frame: Frame): CleanFrame | null {
  const data = isJson(frame) ? withoutSluice(frame.data) : frame.data
  return data === frame.data ? null : { event: frame.event, data, text: sseText(frame.event, data) }
}

/** The event as it came. */
export function textOf(frame: Frame): CleanFrame {
  return { ...frame, text: utf8.decode(frame.raw) }
}

/** The bytes without what an upstream says in our name: the same where there is nothing of the kind, or no JSON. */
export function cleanedBytes(bytes: Uint8Array): Uint8Array | string {
  const text = utf8.decode(bytes)
  const clean = isJson({ data: text }) ? withoutSluice(text) : text
  return clean === text ? bytes : clean
}

function isJson({ data, parsed }: Pick<SseEvent, 'data' | 'parsed'>): boolean {
  if (parsed !== undefined) return true
  if (!data.trimStart().startsWith('{')) return false
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}
