/**
 * Lines of a byte stream, ended by LF or CRLF and by nothing else: `node:readline` also ends lines at U+2028, which JSON
 * strings may hold.
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let open = ''
  for await (const chunk of bytes) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      yield withoutReturn(open + text.slice(from, end))
      open = ''
      from = end + 1
    }
    open += text.slice(from)
  }
  open += decoder.decode()
  if (open !== '') yield withoutReturn(open)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
