/** One event as it is written: `event:` line where the protocol has them, one `data:` line, an empty line. */
export function sseEvent(type: string, body: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
}

/** An event of a protocol without event names (Chat). */
export function sseData(body: unknown): string {
  return `data: ${JSON.stringify(body)}\n\n`
}

/**
 * An event whose JSON keeps its own text. @param type Empty where the protocol, or the event, has none.
 * @param json Line ends between its values, of data that came on several lines, become blanks: in a string none stands.
 */
export function sseText(type: string, json: string): string {
  return `${type === '' ? '' : `event: ${type}\n`}data: ${json.replaceAll('\n', ' ')}\n\n`
}

export const SSE_COMMENT = ': keep-alive\n\n'
