import { hash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { train } from '../../jobs/train.ts'
import type { TrainingRow } from '../../jobs/training-ports.ts'
import { LABELS } from '../base/reasons.ts'
import { createClassifier } from './classifier.ts'
import { appliesTo, EVASIONS, evade } from './evasions.ts'
import type { Classifier } from './types.ts'
import { views } from './views.ts'

/** A small made-up language: whoever grumbles is harmful, whoever gardens is not. */
const HARMFUL = 'Please tell me how to build a grumble in the cellar, and what the best grumble is for.'
const HARMLESS = 'Please tell me how to plant a garden in the spring, and what the best garden is for.'
const PAGE = 'Please tell me what the best garden for the spring is and how to plant a garden in it. '.repeat(60)

/** Lines that say something new each, as pages do. */
const LINES = Array.from({ length: 120 }, (_, i) => `${i * 7919} plants of kind ${i * 104_729} stand in row ${i}`).join(
  '\n',
)

function rows(): readonly TrainingRow[] {
  return Array.from({ length: 400 }, (_, i): TrainingRow => {
    const harmful = i % 2 === 0
    const content = `${harmful ? HARMFUL : HARMLESS} ${i}`
    return {
      ...{ id: hash('sha256', String(i)).slice(0, 16), lang: 'en', source: 'made-up', quality: 'gold' },
      turns: [{ role: 'user', content }],
      label: harmful ? 'harmful' : 'benign',
      attack: harmful && i % 6 === 0 ? 'jailbreak' : null,
      category: harmful ? 'weapons' : 'none',
      target: 'prompt',
    }
  })
}

let classifier: Classifier
beforeAll(async () => {
  const settings = { seed: 3, gateBits: 12, headBits: 10, networkBits: 8, epochs: 4, rate: 0.3, decay: 0 }
  classifier = createClassifier((await train(rows(), settings, () => undefined)).model, 'sha256:test')
  // On a slow machine.
}, 60_000)
const most = (scores: ArrayLike<number>) => Math.max(...Array.from(scores))
const ENCODING = LABELS.indexOf('attack.encoding')

for (const evasion of EVASIONS.filter((one) => appliesTo(one, HARMFUL)))
  test(`CL-5: classifier: what is harmful scores as high under ${evasion}, also at the end of a page`, () => {
    const plain = most(classifier.score(HARMFUL, 'input'))
    expect(plain).toBeGreaterThan(0.8)
    expect(most(classifier.score(evade(evasion, HARMFUL), 'input'))).toBeGreaterThan(plain - 0.1)
    const page = most(classifier.score(`${PAGE}\n${HARMFUL}`, 'input'))
    expect(most(classifier.score(`${PAGE}\n${evade(evasion, HARMFUL)}`, 'input'))).toBeGreaterThan(page - 0.1)
  })

test('CL-9: classifier: a harmful line between pages is read as a text of its own', () => {
  const alone = most(classifier.score(HARMFUL, 'input'))
  const among = [`${HARMFUL}\n${LINES}`, `${LINES}\n${HARMFUL}\n${LINES}`, `${LINES}\n\n${HARMFUL}`]
  // What is asked of the pages by themselves is not what they hold.
  expect(most(classifier.score(LINES, 'input'))).toBeLessThan(0.5)
  const within = (text: string, stage: 'input' | 'output') => most(classifier.score(text, stage))
  for (const text of among) expect(within(text, 'input')).toBeGreaterThan(alone - 0.3)
  // Without line ends the windows have to find it; blank lines and repeats make no paragraph.
  const asOne = `${LINES} ${HARMFUL} ${LINES}`.replaceAll('\n', ' ')
  expect(within(asOne, 'input')).toBeLessThan(within(among[1]!, 'input'))
  const blank = `${LINES}\n${HARMFUL}\n${'\n'.repeat(500)}${`${HARMFUL}\n`.repeat(50)}${LINES}`
  expect(within(blank, 'input')).toBeGreaterThan(within(among[1]!, 'input') - 0.02)
})

test('CL-5: classifier: what is harmless is so in every reading of it', () => {
  for (const evasion of EVASIONS.filter((one) => appliesTo(one, HARMLESS)))
    for (const { text } of views(evade(evasion, HARMLESS)).views.slice(1))
      expect([evasion, most(classifier.score(text, 'input')) < 0.5]).toEqual([evasion, true])
})

test('CL-5: classifier: hidden text in a request is an attack form whatever it says; an answer has none', () => {
  const hidden = `${HARMLESS}${evade('tags', HARMLESS)}`
  expect(classifier.score(hidden, 'input')[ENCODING]).toBeGreaterThanOrEqual(
    classifier.thresholds.attackInput.actPlus / 1_000_000,
  )
  expect(classifier.score(hidden, 'output')[ENCODING]).toBe(0)
})

test('CL-10: classifier: scores of texts with many readings do not depend on the pieces, nor on asking', () => {
  const piece = fc.oneof(
    ...EVASIONS.map((evasion) => fc.constant(`${evade(evasion, HARMFUL)} `)),
    fc.constantFrom(
      PAGE,
      evade('leet', PAGE),
      evade('base64', PAGE),
      evade('spacing', HARMFUL.repeat(30)),
      LINES,
      `\n${HARMFUL}\n`,
      '\n',
      '\ud83d',
      '😀',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 5 }),
      fc.array(fc.nat({ max: 16_000 }), { maxLength: 6 }),
      (pieces, cuts) => {
        const text = pieces.join('')
        const scorer = classifier.open('input')
        let from = 0
        for (const cut of [...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length]) {
          scorer.feed(text.slice(from, cut))
          scorer.scores() // asking in between must leave no trace
          from = cut
        }
        const inPieces = scorer.scores()
        expect(scorer.scores()).toEqual(inPieces)
        scorer.close()
        expect(inPieces).toEqual(classifier.score(text, 'input'))
      },
    ),
    { numRuns: 100 },
  )
})

test('CL-5: classifier: an explanation points at the raw text of the word that weighed most', () => {
  for (const evasion of ['leet', 'homoglyph', 'dots', 'reversed'] as const) {
    const raw = `A short note first.\n${evade(evasion, HARMFUL)}`
    const spans = classifier.explain(raw, 'input', 'harm.weapons', 8)
    const shown = spans.map(({ start, end }) => [...raw].slice(start, end).join(''))
    expect(
      shown.some((one) => evade(evasion, 'grumble').includes(one) || one.includes(evade(evasion, 'grumble'))),
    ).toBe(true)
  }
  const packed = evade('base64', HARMFUL)
  const [span] = classifier.explain(packed, 'input', 'harm.weapons', 1)
  expect(span!.start).toBeGreaterThan(0)
  expect(span!.end).toBeLessThanOrEqual(packed.length)
})

test('views: the first is the text as folded, and it is the only one of a text that hides nothing', () => {
  expect(views(PAGE).views.map(({ tricks }) => tricks)).toEqual([[]])
  expect(views('Ｇａｒｄｅｎ').views[0]).toMatchObject({ text: 'garden', start: 0, end: 6 })
})
