import type { SseEvent } from './adapter.ts'
import { ProtocolError } from './protocol-error.ts'
import { isRecord, type Json } from './values.ts'

/** The data of an event, parsed once for all who read it. @throws {ProtocolError} `upstream_invalid`. */
export function parseEvent(event: SseEvent): Json {
  if (event.parsed !== undefined) return event.parsed
  try {
    const value: unknown = JSON.parse(event.data)
    if (isRecord(value)) {
      event.parsed = value
      return value
    }
  } catch {
    // Falls through: the parser's own message would quote the answer.
  }
  throw new ProtocolError('upstream_invalid', 'an event of the answer is not a JSON object')
}
