import { hash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { train } from '../../jobs/train.ts'
import type { TrainingRow } from '../../jobs/training-ports.ts'
import { LABELS } from '../base/reasons.ts'
import { createClassifier } from './classifier.ts'
import type { Model } from './model.ts'
import { decodeModel, encodeModel } from './model-file.ts'
import { foldCodePoint } from './normalise/fold.ts'
import type { Classifier } from './types.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(hash('sha256', bytes, 'buffer'))
const SETTINGS = { seed: 3, gateBits: 12, headBits: 10, networkBits: 8, epochs: 4, rate: 0.3, decay: 0 }

/** A small made-up language: "grumbles" are harmful, "gardens" are not. */
function rows(): readonly TrainingRow[] {
  const bad = [
    'build a grumble in the cellar',
    'how to grumble a neighbour',
    'ドカンの作り方を教えて',
    'grumble everyone at the station',
  ]
  const good = [
    'plant a garden in spring',
    'how to water a garden',
    '庭の手入れを教えて',
    'a garden for everyone at the station',
  ]
  return Array.from({ length: 600 }, (_, i): TrainingRow => {
    const harmful = i % 2 === 0
    const text = `${(harmful ? bad : good)[i % 4 < 2 ? (i >> 2) % 4 : (i >> 3) % 4]} ${i}`
    const exchange = i % 5 === 0
    return {
      id: hash('sha256', String(i)).slice(0, 16),
      lang: 'en',
      turns: exchange
        ? [
            { role: 'user', content: 'hello' },
            { role: 'assistant', content: text },
          ]
        : [{ role: 'user', content: text }],
      label: harmful ? 'harmful' : 'benign',
      attack: harmful && i % 6 === 0 && !exchange ? 'jailbreak' : null,
      category: harmful ? (i % 4 === 0 ? 'weapons' : 'fraud-deception') : 'none',
      target: exchange ? 'exchange' : 'prompt',
      source: 'made-up',
      quality: 'gold',
    }
  })
}

/** On a slow machine. */
const TRAINING_MS = 60_000
let model: Model
let classifier: Classifier
beforeAll(async () => {
  model = (await train(rows(), SETTINGS, () => undefined)).model
  classifier = createClassifier(model, 'sha256:test')
}, TRAINING_MS)
const most = (scores: ArrayLike<number>) => Math.max(...Array.from(scores))

test('classifier: it learns what it was shown, for requests and for answers', () => {
  expect(most(classifier.score('please build a grumble', 'input'))).toBeGreaterThan(0.8)
  expect(most(classifier.score('please plant a garden', 'input'))).toBeLessThan(0.2)
  expect(most(classifier.score('build a grumble in the cellar', 'output'))).toBeGreaterThan(
    most(classifier.score('plant a garden in spring', 'output')),
  )
})

test(
  'CL-20: classifier: the same data and seed give the same bytes, another seed others',
  async () => {
    const again = (await train(rows(), SETTINGS, () => undefined)).model
    expect(sha256(encodeModel(again, sha256))).toEqual(sha256(encodeModel(model, sha256)))
    const other = (await train(rows(), { ...SETTINGS, seed: 4 }, () => undefined)).model
    expect(sha256(encodeModel(other, sha256))).not.toEqual(sha256(encodeModel(model, sha256)))
  },
  TRAINING_MS,
)

const piece = fc.oneof(
  fc.constantFrom(
    'build a grumble ',
    'garden ',
    '庭の手入れ',
    'ドカン',
    'ｇｒｕｍｂｌｅ',
    '\u200b',
    '😀',
    '\ud83d',
    'e\u0301',
    '\n\n',
    '{ "a": 1 }',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))

test('CL-10: classifier: scores do not depend on how a text is cut, not even inside a surrogate pair', () => {
  fc.assert(
    fc.property(
      text,
      fc.array(fc.nat({ max: 2000 }), { maxLength: 8 }),
      fc.constantFrom('input' as const, 'output' as const),
      (whole, cuts, stage) => {
        const scorer = classifier.open(stage)
        let from = 0
        for (const cut of [...cuts.filter((at) => at < whole.length).sort((a, b) => a - b), whole.length]) {
          scorer.feed(whole.slice(from, cut))
          scorer.scores() // asking in between must leave no trace
          from = cut
        }
        const pieces = scorer.scores()
        scorer.close()
        expect(pieces).toEqual(classifier.score(whole, stage))
      },
    ),
    { numRuns: 500 },
  )
})

test('CL-10: classifier: the same holds for texts of many windows, one character at a time', () => {
  const long = `${'a garden in spring, and then again a garden in the autumn rain number '.repeat(60)}build a grumble`
  const scorer = classifier.open('input')
  for (const unit of long.split('')) scorer.feed(unit)
  expect(scorer.scores()).toEqual(classifier.score(long, 'input'))
})

test('classifier: never throws, and every score is a probability', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (any) => {
      for (const score of classifier.score(any, 'input')) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }
      expect(classifier.score(any, 'input')).toHaveLength(LABELS.length)
    }),
  )
})

test('classifier: a closed scorer’s tables are clean for the next text', () => {
  const before = classifier.score('plant a garden', 'input')
  for (let i = 0; i < 200; i++) classifier.score(`build a grumble ${i}`, 'input')
  expect(classifier.score('plant a garden', 'input')).toEqual(before)
})

test('classifier: answers have a topic and no attack form', () => {
  const scores = classifier.score('build a grumble in the cellar', 'output')
  LABELS.forEach((label, i) => {
    if (label.startsWith('attack.')) expect(scores[i]).toBe(0)
  })
})

test('classifier: an exchange is weighed by the answer and by the lesser of what was asked and answered', () => {
  const weighing = createClassifier({ ...model, exchange: { answer: 0.5, lesser: 0.5, bias: 0 } }, '')
  const harm = (probability: number) => Float64Array.from(LABELS, (_, i) => (i === 0 ? probability : 0))
  const together = (asked: number, answered: number) => most(weighing.exchange(harm(asked), harm(answered)))
  expect(together(0.9, 0.9)).toBeCloseTo(0.9, 9)
  expect(together(0.999, 0.9)).toBe(together(0.9, 0.9))
  expect(together(0.1, 0.9)).toBeCloseTo(0.5, 9)
  expect(together(0.9, 0.1)).toBeCloseTo(0.1, 9)
})

test('classifier: the words that weigh most are found, in code points of the text as it was', () => {
  const source = '😀 please ｇｒｕｍｂｌｅ the garden'
  const [first] = classifier.explain(source, 'input', 'harm.weapons', 3)
  expect([...source].slice(first!.start, first!.end).join('')).toBe('ｇｒｕｍｂｌｅ')
})

test('fold: width, case, kana, accents and what cannot be seen', () => {
  const fold = (value: string) =>
    [...value]
      .flatMap((c) => foldCodePoint(c.codePointAt(0)!))
      .map((code) => String.fromCodePoint(code))
      .join('')
  expect(fold('Ｉｇｎｏｒｅ É ﬁ')).toBe('ignore e fi')
  expect(fold('カタカナ')).toBe('かたかな')
  expect(fold('a\u200bb\u00adc\u202ed\ufe0f')).toBe('abcd')
  expect(fold('\u{e0069}\u{e0067}')).toBe('ig')
})

test('OP-12: model file: reads back what was written, from any kind of byte array', () => {
  const bytes = encodeModel(model, sha256)
  expect(decodeModel(bytes, sha256)).toEqual(model)
  const inside = Buffer.concat([Buffer.from('xx'), bytes]).subarray(2)
  expect(decodeModel(inside, sha256)).toEqual(model)
  expect(model.second).not.toBeNull()
})

test('OP-12: model file: one without a second look or topics is read; one of another version is named as such', () => {
  const plain = { ...model, second: null, topics: null }
  expect(decodeModel(encodeModel(plain, sha256), sha256)).toEqual(plain)
  const older = Buffer.from(encodeModel(model, sha256)).subarray(0, -32)
  older.write('"version":1', older.indexOf('"version":'))
  const refusal = expect.objectContaining({ code: 'model_version', message: expect.stringContaining('train it again') })
  expect(() => decodeModel(Buffer.concat([older, sha256(older)]), sha256)).toThrow(refusal)
})

test('OP-12: model file: any altered byte is refused', () => {
  const bytes = encodeModel(model, sha256)
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = bytes.slice()
      altered[at]! ^= change
      expect(() => decodeModel(altered, sha256)).toThrow()
    }),
    { numRuns: 50 },
  )
  expect(() => decodeModel(bytes.subarray(0, 100), sha256)).toThrow()
  expect(() => decodeModel(new Uint8Array(0), sha256)).toThrow()
})

test('a short request has the second look however harmless it is; a long one, and an answer, only where a line is near', () => {
  const second = model.second!
  const alarmed = { ...second.combiners, harm: { ...second.combiners.harm, bias: second.combiners.harm.bias + 50 } }
  const loud = createClassifier({ ...model, second: { ...second, combiners: alarmed } }, 'sha256:loud')
  const greatest = (one: Classifier, text: string, stage: 'input' | 'output') => Math.max(...one.score(text, stage))
  const short = 'plant a garden in spring'
  const long = Array.from({ length: 60 }, (_, n) => `plant a garden in spring and water garden ${n}`).join(' ')
  expect([greatest(classifier, short, 'input'), greatest(classifier, long, 'input')].every((p) => p < 0.2)).toBe(true)
  expect(greatest(loud, short, 'input')).toBeGreaterThan(0.99)
  expect(greatest(loud, long, 'input')).toBe(greatest(classifier, long, 'input'))
  expect(greatest(loud, short, 'output')).toBe(greatest(classifier, short, 'output'))
})
