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

test('frames: the bound is on the event: the same whether it came in one chunk or in many', () => {
  const event = (bytes: number) => `data: ${'x'.repeat(bytes - 'data: \n\n'.length)}\n\n`
  const limit = 1024 * 1024
  const cut = (bytes: Uint8Array) => [bytes.subarray(0, 700_000), bytes.subarray(700_000)]
  for (const chunks of [(bytes: Uint8Array) => [bytes], cut]) {
    expect(read(chunks(encoder.encode(event(limit) + event(limit))))).toHaveLength(2)
    expect(() => read(chunks(encoder.encode(`data: a\n\n${event(limit + 1)}`)))).toThrow(
      expect.objectContaining({ code: 'upstream_invalid' }),
    )
  }
})

test('frames: a byte-order mark is dropped at the start alone', () => {
  const frames = read([encoder.encode('\ufeffdata: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n')])
  expect(seen(frames)).toEqual([
    ['', 'a', false],
    ['', '', true],
    ['', '\ufeffc', false],
  ])
})

test('frames: fields as the standard has them: one space is dropped, the last `event` counts, unknown ones are ignored', () => {
  const one = (text: string) => seen(read([encoder.encode(text)]))
  expect(one('data:  a\ndata:b\n\n')).toEqual([['', ' a\nb', false]])
  expect(one('event: a\nevent: b\ndata: c:d\nretry: 5\nid: 1\nhologram\n\n')).toEqual([['b', 'c:d', false]])
  expect(one('Data: a\n\n')).toEqual([['', '', true]])
  expect(one('data\ndata\n\n')).toEqual([['', '\n', false]])
  expect(one(':data: a\n\n')).toEqual([['', '', true]])
  expect(one('event: ping\n\n')).toEqual([['ping', '', true]])
})

test('GW-8: frames: one byte at a time, the line ends mixed, gives the same events and bytes', () => {
  const bytes = encoder.encode('\ufeffdata: 日\r\n\r\n: c\r\rdata: 😀\n\nevent: e\rdata: f\n\r\ndata: rest')
  const parts = read([...bytes].map((byte) => Uint8Array.of(byte)))
  expect(seen(parts)).toEqual([
    ['', '日', false],
    ['', '', true],
    ['', '😀', false],
    ['e', 'f', false],
    ['', 'rest', false],
  ])
  expect(seen(parts)).toEqual(seen(read([bytes])))
  expect(bytesOf(parts).equals(bytes)).toBe(true)
})
