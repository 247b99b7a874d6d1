import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LEVELS, MANDATORY, METRICS, type SeverityVector } from './levels.ts'
import { readSeverity } from './score.ts'
import { formatVector, parseVector, readVector, VectorError } from './vector.ts'
import { faultWords } from './words.ts'

interface Frozen {
  readonly n: number
  readonly vector: string
  readonly tenths: number | null
  readonly band: string | null
  readonly canonical?: string
  readonly range?: readonly number[]
  readonly bandRange?: readonly string[]
  readonly error?: unknown
}
const { vectors }: { vectors: readonly Frozen[] } = JSON.parse(
  readFileSync(new URL('../../../../docs/formats/severity-vectors.json', import.meta.url), 'utf8'),
)

/** Any vector, with and without the optional metrics. */
const anyVector: fc.Arbitrary<SeverityVector> = fc.record({
  UP: fc.constantFrom(...LEVELS.UP, '?' as const),
  HD: fc.constantFrom(...LEVELS.HD),
  UN: fc.constantFrom(...LEVELS.UN),
  EF: fc.constantFrom(...LEVELS.EF),
  RE: fc.constantFrom(...LEVELS.RE),
  DI: fc.constantFrom(...LEVELS.DI),
  CF: fc.constantFrom(...LEVELS.CF),
  LG: fc.constantFrom(...LEVELS.LG, null),
  MT: fc.constantFrom(...LEVELS.MT, null),
})

test('RX-1: all 60 frozen vectors agree in the library', () => {
  expect(vectors).toHaveLength(60)
  for (const { vector, tenths, band, canonical, range, bandRange, error } of vectors) {
    const reading = readSeverity(vector)
    if (error !== undefined) expect(reading).toEqual({ vector, tenths: null, band: null, error })
    else
      expect(reading).toEqual({
        vector,
        canonical: canonical ?? vector,
        tenths,
        band,
        range: range ?? null,
        bandRange: bandRange ?? null,
      })
  }
})

test('vector: writing and reading is the identity, in whatever order it is written', () => {
  fc.assert(
    fc.property(anyVector, fc.array(fc.nat(100), { minLength: 9, maxLength: 9 }), (vector, keys) => {
      const written = formatVector(vector)
      expect(parseVector(written)).toEqual(vector)
      const [prefix, ...segments] = written.split('/')
      const shuffled = segments.map((segment, i) => ({ segment, key: keys[i]! })).sort((a, b) => a.key - b.key)
      const text = [prefix, ...shuffled.map(({ segment }) => segment)].join('/')
      expect(formatVector(parseVector(text))).toBe(written)
    }),
  )
})

test('RX-1: every malformed text is refused with code and place', () => {
  const fragment = fc.oneof(
    fc.constantFrom(...METRICS.flatMap((metric) => LEVELS[metric].map((level) => `${metric}:${level}`))),
    fc.constantFrom(
      '',
      ':',
      'UP',
      ':L',
      'up:L',
      'UP:?',
      'HD:?',
      'UP:',
      'XX:A',
      'UP:L:M',
      '__proto__:A',
      'UP:L ',
      '\ud83d',
    ),
    fc.string({ maxLength: 6 }),
  )
  const text = fc.oneof(
    fc.array(fragment, { maxLength: 12 }).map((segments) => ['JSS:1.0', ...segments].join('/')),
    fc.string({ maxLength: 140 }),
    fc.constantFrom('JSS:', 'JSS:1', 'JSS:1.0 ', 'jss:1.0', 'JSS:1.0/', 'JSS:1.0?UP:L', ` ${vectors[0]!.vector}`),
    // One character of a good vector changed, taken away or put in.
    fc
      .tuple(anyVector.map(formatVector), fc.nat(60), fc.string({ maxLength: 1 }), fc.nat(1))
      .map(([good, at, put, cut]) => good.slice(0, at) + put + good.slice(at + cut)),
  )
  fc.assert(
    fc.property(text, (given) => {
      const read = readVector(given)
      if (!('code' in read)) {
        // Whatever is taken is a vector: every segment is known, and stands once.
        const segments = given.split('/').slice(1)
        expect(formatVector(read).split('/').slice(1).sort()).toEqual(segments.sort())
        return
      }
      expect(read.at).toBeGreaterThanOrEqual(0)
      expect(read.at).toBeLessThanOrEqual(given.length)
      expect(read.metric !== undefined).toBe(['repeated_key', 'unknown_value', 'missing'].includes(read.code))
      expect(() => parseVector(given)).toThrow(VectorError)
      expect(faultWords('ja', read)).toContain(String(read.code === 'prefix' ? 'JSS:' : read.at))
    }),
    { numRuns: 2000 },
  )
})

test('vector: faults in the order of the table, at the first place from the left', () => {
  const good = 'JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C'
  const cases: readonly (readonly [string, unknown])[] = [
    ['x'.repeat(129), { code: 'too_long', at: 128 }],
    [`${good}/${'x'.repeat(128 - good.length - 1)}`, { code: 'segment', at: 43 }],
    [`${good}/${'x'.repeat(128 - good.length)}`, { code: 'too_long', at: 128 }],
    ['JSS:', { code: 'version', at: 4 }],
    ['JSS:1.0UP:L', { code: 'version', at: 4 }],
    ['JSS:1.0//UP:L', { code: 'segment', at: 8 }],
    ['JSS:1.0/UP:Q/UP:L', { code: 'unknown_value', at: 11, metric: 'UP' }],
    ['JSS:1.0/UP:L/UP:Q', { code: 'repeated_key', at: 13, metric: 'UP' }],
    [`${good}/LG:D/MT:U/LG:D`, { code: 'repeated_key', at: 53, metric: 'LG' }],
    ['JSS:1.0/UP:L:M', { code: 'unknown_value', at: 11, metric: 'UP' }],
    ['JSS:1.0/constructor:A', { code: 'unknown_key', at: 8 }],
  ]
  for (const [text, fault] of cases) expect([text, readVector(text)]).toEqual([text, fault])
  for (const metric of MANDATORY) {
    const text = good.replace(new RegExp(`/${metric}:.`), '')
    expect(readVector(text)).toEqual({ code: 'missing', at: text.length, metric })
  }
})
