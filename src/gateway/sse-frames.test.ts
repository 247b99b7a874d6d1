import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Frame, SseFrames } from './sse-frames.ts'

const encoder = new TextEncoder()
const read = (chunks: readonly Uint8Array[]): Frame[] => {
  const frames = new SseFrames()
  const all = chunks.flatMap((chunk) => frames.push(chunk))
  const rest = frames.end()
  return rest === null ? all : [...all, rest]
}
const seen = (frames: readonly Frame[]) => frames.map(({ event, data, comment }) => [event, data, comment])
const bytesOf = (frames: readonly Frame[]) => Buffer.concat(frames.map(({ raw }) => raw))

const stream = [
  'event: a\ndata: {"x":"日本 😀"}\n\n',
  ': a comment\n\n',
  'data: one\ndata: two\nid: 7\n\n',
  'data\n\n',
  'event:b\ndata:no blank\n\n',
  'data: [DONE]\n\n',
].join('')

for (const [name, end] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const)
  test(`GW-8: frames: ${name}, with and without a byte-order mark, cut at every offset, give the same events and bytes`, () => {
    for (const mark of ['', '\ufeff']) {
      const bytes = encoder.encode(mark + stream.replaceAll('\n', end))
      const whole = read([bytes])
      expect(seen(whole)).toEqual([
        ['a', '{"x":"日本 😀"}', false],
        ['', '', true],
        ['', 'one\ntwo', false],
        ['', '', false],
        ['b', 'no blank', false],
        ['', '[DONE]', false],
      ])
      for (let at = 1; at < bytes.length; at++) {
        const parts = read([bytes.subarray(0, at), bytes.subarray(at)])
        expect(seen(parts)).toEqual(seen(whole))
        expect(bytesOf(parts).equals(bytes)).toBe(true)
      }
    }
  })

test('frames: any bytes in any chunks come out as they went in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('\n', '\r', 'data: x', ':', 'event: y', '\n\n', 'é', ' '), { maxLength: 40 }),
      fc.array(fc.nat({ max: 100 })),
      (pieces, cuts) => {
        const bytes = encoder.encode(pieces.join(''))
        const ends = [...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]
        const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
        const parts = read(chunks)
        expect(bytesOf(parts).equals(bytes)).toBe(true)
        expect(seen(parts)).toEqual(seen(read([bytes])))
      },
    ),
  )
})

test('frames: an event without an end is refused at 1 MiB', () => {
  const frames = new SseFrames()
  frames.push(encoder.encode(`data: ${'x'.repeat(1_000_000)}`))
  expect(() => frames.push(encoder.encode('x'.repeat(100_000)))).toThrow(
    expect.objectContaining({ code: 'upstream_invalid' }),
  )
})
