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

test('lines: cut into any chunks, bytes give the same lines, and a CR alone ends none', async () => {
  const piece = fc.constantFrom(
    'a',
    '\r',
    '\n',
    '\r\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\v',
    '\f',
    '日',
    '😀',
    '{"k":1}',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 8 }), async (pieces, cuts) => {
      const text = pieces.join('')
      const bytes = new TextEncoder().encode(text)
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
      const lines = text.split('\n')
      if (lines.at(-1) === '') lines.pop()
      expect(await collect(at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(
        lines.map((line) => line.replace(/\r$/, '')),
      )
    }),
  )
})

test('lines: chunks of text are taken as they are, and no bytes are no lines', async () => {
  const texts = async function* () {
    yield* ['a\r', '\nb', '', '\n']
  }
  const lines: string[] = []
  for await (const line of linesOf(texts())) lines.push(line)
  expect(lines).toEqual(['a', 'b'])
  expect(await collect([])).toEqual([])
  expect(await collect([new Uint8Array()])).toEqual([])
})
