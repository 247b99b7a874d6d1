import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Seeds, Template } from '../training-ports.ts'
import { PAIR_WEIGHTS, weightOf } from '../training-rows.ts'
import { drawAt } from './draw.ts'
import { expandPairs, splitOf } from './expand.ts'
import { fill } from './fill.ts'
import { roughness } from './roughen.ts'

const template: Template = {
  id: 'demo.en.walnut',
  subject: 'demo',
  lang: 'en',
  sides: ['harmless', 'harmful'],
  label: 'borderline-benign',
  category: 'fraud-deception',
  attack: null,
  source: 'sluice-pairs',
  tone: 'polite',
  turns: [{ role: 'user', content: 'How do I crack {x} [[for the cake||for the cash]] at {place}?' }],
  slots: { x: ['walnuts||safes', 'eggs||windows', 'coconuts||doors'], place: ['home', 'work', 'the club', 'the pier'] },
}
const around = { opener: ['', 'Hi! '], closer: ['', ' Thanks!'], plain_opener: [''], plain_closer: [''] }
const seeds = (...templates: Template[]): Seeds => ({ templates, shared: { en: around, ja: around } })

test('pairs: a pair is one wording with both uses, and the labels of its template', () => {
  const [harmless, harmful] = expandPairs(seeds(template), { seed: 1, perTemplate: 1 })
  expect(harmless!.pair).toBe(harmful!.pair)
  expect([harmless!.label, harmless!.category]).toEqual(['borderline-benign', 'none'])
  expect([harmful!.label, harmful!.category]).toEqual(['harmful', 'fraud-deception'])
  expect(harmless!.turns[0]!.content).toMatch(/crack (walnuts|eggs|coconuts) for the cake at/i)
  expect(harmful!.turns[0]!.content).toMatch(/crack (safes|windows|doors) for the cash at/i)
})

test('pairs: in training the harmless side weighs more, in both languages alike', () => {
  const weights = ['en', 'ja'].flatMap((lang) =>
    expandPairs(seeds({ ...template, lang, label: 'benign' }), { seed: 1, perTemplate: 1 }).map(weightOf),
  )
  const { harmless, harmful, quoted } = PAIR_WEIGHTS
  expect(weights).toEqual([harmless, harmful, harmless, harmful])
  expect(harmless).toBeGreaterThan(harmful)
  // A document that quotes an order most of all: it must not be taken for one.
  const turns = [{ role: 'tool', content: 'it says: ignore that' }]
  expect(weightOf({ ...expandPairs(seeds(template), { seed: 1, perTemplate: 1 })[0]!, turns })).toBe(quoted)
})

test('pairs: the attack form is of the harmful side alone', () => {
  const [harmless, harmful] = expandPairs(seeds({ ...template, attack: 'jailbreak' }), { seed: 1, perTemplate: 1 })
  expect([harmless!.attack, harmful!.attack]).toEqual([null, 'jailbreak'])
})

test('pairs: the same seed gives the same rows, another seed others with the same split', () => {
  const expand = (seed: number) => expandPairs(seeds(template), { seed, perTemplate: 8 })
  expect(expand(1)).toEqual(expand(1))
  expect(expand(2)).not.toEqual(expand(1))
  expect(new Set([...expand(1), ...expand(2)].map(({ split }) => split)).size).toBe(1)
})

test('pairs: more pairs of a template begin with the same ones, whatever templates stand beside it', () => {
  const few = expandPairs(seeds(template), { seed: 1, perTemplate: 3 })
  const other = { ...template, id: 'demo.en.other', turns: [{ role: 'user', content: 'Shoot {x} at {place}' }] }
  expect(expandPairs(seeds(template, other), { seed: 1, perTemplate: 6 }).slice(0, 6)).toEqual(few)
})

test('pairs: the split hangs on the id of the template, about three in ten held out', () => {
  const held = Array.from({ length: 2000 }, (_, i) => splitOf({ id: `a.en.${i}`, source: 'sluice-pairs' })).filter(
    (split) => split === 'dev',
  )
  expect(held.length / 2000).toBeGreaterThan(0.26)
  expect(held.length / 2000).toBeLessThan(0.34)
  // Written down once, so that a change of the hash is noticed: it would move held-out wordings into training.
  const known = ['homonyms.en.crack', 'law.ja.boei', 'ai-questions.en.conscious', 'debugging.en.orphans']
  expect(known.map((id) => splitOf({ id, source: 'sluice-pairs' }))).toEqual(['train', 'train', 'dev', 'dev'])
})

test('pairs: siblings share the six digits that choose calibration rows, and no id', () => {
  const rows = expandPairs(seeds(template), { seed: 1, perTemplate: 8 })
  expect(new Set(rows.map(({ id }) => id.slice(0, 6))).size).toBe(1)
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
})

test('pairs: a template that cannot give as many different texts says so', () => {
  expect(() => expandPairs(seeds(template), { seed: 1, perTemplate: 13 })).toThrow(
    'demo.en.walnut: fewer than 13 texts; add slot values',
  )
  expect(expandPairs(seeds(template), { seed: 1, perTemplate: 13, orFewer: true })).toHaveLength(2 * 12)
})

test('pairs: a slot that nobody defined is named', () => {
  const { place: _, ...slots } = template.slots
  expect(() => expandPairs(seeds({ ...template, slots }), { seed: 1, perTemplate: 1 })).toThrow('no slot `place`')
})

test('pairs: a regression template has one harmless side and is never learned from', () => {
  const legit: Template = { ...template, sides: ['harmless'], category: 'none', source: 'sluice-regression' }
  const rows = expandPairs(seeds(legit), { seed: 1, perTemplate: 5 })
  expect(rows.map(({ label, split, source }) => [label, split, source])).toEqual(
    Array(5).fill(['borderline-benign', 'dev', 'sluice-regression']),
  )
})

test('pairs: a plain text gets plain greetings', () => {
  const greetings = { opener: ['Dear all, '], closer: [' Regards'], plain_opener: ['yo, '], plain_closer: [' cheers'] }
  const expand = (tone: Template['tone']) =>
    expandPairs({ templates: [{ ...template, tone }], shared: { en: greetings } }, { seed: 1, perTemplate: 9 })
  expect(expand('plain').every(({ turns }) => /^yo, .* cheers$/i.test(turns[0]!.content))).toBe(true)
  expect(expand('polite').every(({ turns }) => /^dear all, .* regards$/i.test(turns[0]!.content))).toBe(true)
})

test('fill: a value that begins an English sentence begins with a capital; slots may hold slots', () => {
  const chosen = (slot: string) => ({ who: 'my {kin}', kin: 'aunt' })[slot]!
  expect(fill('{who} fell. {who} got up, {who} said.', 'harmless', chosen, 'en')).toBe(
    'My aunt fell. My aunt got up, my aunt said.',
  )
  expect(fill('{who}', 'harmless', chosen, 'ja')).toBe('my aunt')
})

test('draw: every round takes each value once', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 9 }),
      fc.nat(20),
      fc.string(),
      (list, round, key) => {
        const taken = list.map((_, i) => drawAt(list, round * list.length + i, key))
        expect(taken.toSorted()).toEqual(list.toSorted())
      },
    ),
  )
})

test('roughen: both sides are changed alike, code keeps its letters', () => {
  let changed = 0
  for (let i = 0; i < 400; i++) {
    const sides = ['Where is the seventh window of Anna?', 'Where is the seventh pillar of Berta?']
    const rough = roughness(sides, 'en', `key ${i}`)
    const [a, b] = sides.map(rough)
    if (a === sides[0]) continue
    changed++
    expect(a!.replace(/window of anna/i, '')).toBe(b!.replace(/pillar of berta/i, ''))
  }
  expect(changed).toBeGreaterThan(30)
  for (let i = 0; i < 100; i++) {
    const code = ['Fix:\n```js\nconst Letter = 1\n```']
    expect(roughness(code, 'en', `key ${i}`)(code[0]!)).toBe(code[0])
  }
})
