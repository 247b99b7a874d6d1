import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DecisionId } from '../../core/base/ids.ts'
import type { SealedSegment } from '../../jobs/spool-ports.ts'
import { decodeSegments, encodeContents, encodeSegment, findContent } from './segments.ts'

const segment: fc.Arbitrary<SealedSegment> = fc.record({
  id: fc.string({ minLength: 1 }),
  subject: fc.string({ unit: 'grapheme' }),
  fromMs: fc.nat(),
  toMs: fc.nat(),
  expiresAtMs: fc.nat(),
  blob: fc.uint8Array({ maxLength: 200 }),
})
const plain = (one: SealedSegment) => ({ ...one, blob: Buffer.from(one.blob).toString('hex') })

test('segments: cut anywhere, what is whole comes back and what is not waits', () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 4 }), fc.nat(), (segments, seed) => {
      const records = segments.map(encodeSegment)
      const bytes = Buffer.concat(records)
      const cut = seed % (bytes.length + 1)
      const { segments: whole, used } = decodeSegments(bytes.subarray(0, cut))
      const rest = decodeSegments(bytes.subarray(used))
      expect([...whole, ...rest.segments].map(plain)).toEqual(segments.map(plain))
      expect(used).toBeLessThanOrEqual(cut)
      expect(used + rest.used).toBe(bytes.length)
    }),
  )
})

const good = encodeSegment({ id: 's', subject: 'o', fromMs: 1, toMs: 2, expiresAtMs: 3, blob: new Uint8Array(4) })
const raw = (header: string) => {
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32LE(header.length, 0)
  return Buffer.concat([lengths, Buffer.from(header)])
}
const damaged: [what: string, bytes: Buffer][] = [
  ['zeros, as a power cut leaves them', Buffer.alloc(64)],
  ['a header that is not JSON', raw('{"id":')],
  ['a header that is no object', raw('null')],
  ['a header without its members', raw('{"id":"s"}')],
  ['lengths beyond the file', Buffer.alloc(16, 0xff)],
]
for (const [what, bytes] of damaged)
  test(`segments: ${what} ends the list without an error, and what stands before it is kept`, () => {
    const { segments, used } = decodeSegments(Buffer.concat([good, bytes, good]))
    expect(segments.map(({ id }) => id)).toEqual(['s'])
    expect(used).toBe(good.length)
  })

test('contents: every decision’s own is found, whatever the texts hold', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('dec_1 3 3\nabcdef'), fc.constant('\n'))
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (pairs) => {
      const contents = pairs.map(([request, answer], i) => ({
        ...{ id: `dec_${i}` as DecisionId, atMs: 0, subject: 'o' },
        ...{ request, answer },
      }))
      const joined = encodeContents(contents)
      for (const { id, request, answer } of contents) expect(findContent(joined, id)).toEqual({ request, answer })
      expect(findContent(joined, 'dec_none')).toBeNull()
    }),
  )
})
