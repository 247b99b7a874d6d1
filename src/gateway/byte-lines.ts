const LF = 10

/** Lines of a byte stream as they came, each with its LF; the last one perhaps without. */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let open: Uint8Array[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      yield joined([...open, chunk.subarray(from, end + 1)])
      open = []
      from = end + 1
    }
    if (from < chunk.length) open.push(chunk.subarray(from))
  }
  if (open.length > 0) yield joined(open)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
