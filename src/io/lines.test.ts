import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

async function collect(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(
    (async function* () {
      yield* chunks
    })(),
  ))
    lines.push(line)
  return lines
}

test('lines: LF and CRLF end a line, U+2028 does not, and cuts do not matter', async () => {
  const bytes = new TextEncoder().encode('a\u2028b\r\n\n日本 😀\nlast')
  for (let at = 0; at <= bytes.length; at++)
    expect(await collect([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(['a\u2028b', '', '日本 😀', 'last'])
})

test('lines: joined by LF they are the text again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: 'grapheme' }).filter((line) => !/[\r\n]/.test(line)),
        { minLength: 1 },
      ),
      async (lines) => {
        expect(await collect([new TextEncoder().encode(`${lines.join('\n')}\n`)])).toEqual(lines)
      },
    ),
  )
})
