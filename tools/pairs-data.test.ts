import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hash32 } from '../src/core/base/hash32.ts'
import { readRows } from '../src/io/model/read-rows.ts'
import { readSeeds } from '../src/io/model/read-seeds.ts'
import {
  DEFAULT_EXPANSION,
  expandPairs,
  type PairRow,
  REGRESSION_EXPANSION,
  splitOf,
} from '../src/jobs/pairs/expand.ts'
import { words } from '../src/jobs/pairs/fill.ts'
import { type Vocabulary, wordPairAccuracy } from './word-pairs.ts'

/** The seeds in `data/`, as shipped: what `data/pairs/README.md` promises of them. */
const data = join(dirname(fileURLToPath(import.meta.url)), '..', 'data')
const pairSeeds = await readSeeds(join(data, 'pairs'))
const regressionSeeds = await readSeeds(join(data, 'regression'), join(data, 'pairs', 'slots.yaml'))
const pairs = expandPairs(pairSeeds, DEFAULT_EXPANSION)
const regression = expandPairs(regressionSeeds, REGRESSION_EXPANSION)
const both = [...pairs, ...regression]
const text = ({ turns }: PairRow) => turns.map(({ content }) => content).join('\n')
const twins = Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i]!, pairs[2 * i + 1]!] as const)

test('pairs data: at least 4,000 pairs from 250 templates, English and Japanese in halves', () => {
  expect(twins.length).toBeGreaterThanOrEqual(4000)
  expect(new Set(pairs.map(({ template }) => template)).size).toBeGreaterThanOrEqual(250)
  const japanese = pairs.filter(({ lang }) => lang === 'ja').length / pairs.length
  expect(japanese).toBeGreaterThan(0.45)
  expect(japanese).toBeLessThan(0.55)
})

test('pairs data: every subject has templates to learn from and held out, in both languages', () => {
  const cells = new Set(pairs.map(({ subject, lang, split }) => `${subject} ${lang} ${split}`))
  const subjects = new Set(pairs.map(({ subject }) => subject))
  expect(subjects.size).toBe(24)
  expect(cells.size).toBe(subjects.size * 4)
  const held = pairs.filter(({ split }) => split === 'dev').length / pairs.length
  expect(held).toBeGreaterThan(0.25)
  expect(held).toBeLessThan(0.35)
  expect(pairs.every(({ template: id, split }) => split === splitOf({ id, source: 'sluice-pairs' }))).toBe(true)
})

test('pairs data: every line is a row of the shared schema, no text and no id comes twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pairs-'))
  try {
    const file = join(folder, 'all.jsonl')
    writeFileSync(file, both.map((row) => JSON.stringify(row)).join('\n'))
    const { pair, template, subject, split, license, ...known } = both[0]!
    const rows = await readRows(file)
    expect(rows.length).toBe(both.length)
    expect(rows[0]).toEqual(known)
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(new Set(both.map(({ id }) => id)).size).toBe(both.length)
  expect(new Set(both.map(text)).size).toBe(both.length)
})

test('pairs data: nothing is left unfilled, and a regression text does not part', () => {
  for (const row of both) expect(text(row)).not.toMatch(/\[\[|\]\]|\|\||\{[a-z_0-9]+\}/)
  for (const { turns, slots } of regressionSeeds.templates)
    for (const part of [...turns.map(({ content }) => content), ...Object.values(slots).flat()])
      expect(part).not.toMatch(/\[\[|\|\|/)
})

test('pairs data: harmful rows have a category, harmless ones none', () => {
  for (const { label, category, attack } of both)
    if (label === 'harmful') expect(category).not.toBe('none')
    else expect([category, attack]).toEqual(['none', null])
  expect(regression.every(({ label }) => label !== 'harmful')).toBe(true)
})

test('pairs data: twins share their surface: length within a factor of two, most of the words', () => {
  const overlaps = new Map<string, number[]>()
  for (const [harmless, harmful] of twins) {
    const ratio = text(harmful).length / text(harmless).length
    expect(ratio, harmless.template).toBeGreaterThan(0.5)
    expect(ratio, harmless.template).toBeLessThan(2)
    const [a, b] = [harmless, harmful].map((row) => new Set(tokens(text(row), row.lang)))
    overlaps.set(harmless.template, [...(overlaps.get(harmless.template) ?? []), jaccard(a!, b!)])
  }
  const means = [...overlaps].map(([template, list]) => ({ template, mean: mean(list) }))
  expect(means.filter(({ mean }) => mean < 0.4)).toEqual([])
  expect(mean(means.map(({ mean }) => mean))).toBeGreaterThan(0.6)
})

test('pairs data: function words alone do not tell the sides of an unseen template apart', () => {
  // The more templates a bag of words learns from, the further it gets: the bounds are for a third of them at a time.
  const thirds = [...Map.groupBy(twins, ([{ template }]) => hash32(`third ${template}`) % 3).values()]
  const inThirds = (vocabulary: Vocabulary) => mean(thirds.map((third) => wordPairAccuracy(third, vocabulary)))
  const [trivial, all] = [inThirds('function words'), inThirds('all words')]
  const whole = wordPairAccuracy(twins, 'all words')
  process.stdout.write(
    `pairs right on unseen templates: function words ${trivial.toFixed(3)}, all words ${all.toFixed(3)}, learning from all ${whole.toFixed(3)}\n`,
  )
  expect(trivial).toBeLessThan(0.75)
  expect(all).toBeLessThan(0.8)
  expect(whole).toBeLessThan(0.83)
})

test('pairs data: no held-out or regression wording is close to one that is learned from', () => {
  const shingled = [...pairSeeds.templates, ...regressionSeeds.templates].map(({ id, lang, turns, source }) => ({
    id,
    split: source === 'sluice-pairs' ? splitOf({ id, source }) : 'regression',
    shingles: shingles(turns.map(({ content }) => words(content)).join(' '), lang),
  }))
  const learned = shingled.filter(({ split }) => split === 'train')
  const close = shingled
    .filter(({ split }) => split !== 'train')
    .flatMap((held) =>
      learned.map((one) => ({ held: held.id, one: one.id, share: contained(held.shingles, one.shingles) })),
    )
    .filter(({ share }) => share > 0.3)
  expect(close).toEqual([])
})

test('SR-13: regression sets of our own: 300 debugging, 300 redlining, 60 and more of each other, halves Japanese', () => {
  const counts = Object.fromEntries(
    [...Map.groupBy(regression, ({ subject }) => subject)].map(([subject, rows]) => [
      subject,
      [rows.length, rows.filter(({ lang }) => lang === 'ja').length],
    ]),
  )
  expect(counts).toEqual({
    'regression-chemistry': [80, 40],
    'regression-classifiers': [80, 40],
    'regression-consciousness': [80, 40],
    'regression-cve-and-security-tests': [80, 40],
    'regression-debugging': [300, 150],
    'regression-medicine': [80, 40],
    'regression-redlining': [300, 150],
    'regression-security-operations': [80, 40],
  })
})

function tokens(value: string, lang: string): string[] {
  if (lang === 'ja') return grams([...value], 2)
  return value.toLowerCase().match(/[a-z0-9']+/g) ?? []
}

function shingles(value: string, lang: string): Set<string> {
  return new Set(
    lang === 'ja' ? grams([...value.replace(/\s+/g, '')], 4) : grams(value.toLowerCase().match(/[a-z']+/g) ?? [], 3),
  )
}

function grams(list: readonly string[], n: number): string[] {
  return list.slice(0, Math.max(0, list.length - n + 1)).map((_, i) => list.slice(i, i + n).join(' '))
}

function contained(a: Set<string>, b: Set<string>): number {
  return [...a].filter((one) => b.has(one)).length / Math.max(1, Math.min(a.size, b.size))
}

function jaccard(a: Set<string>, b: Set<string>): number {
  const shared = [...a].filter((one) => b.has(one)).length
  return shared / (a.size + b.size - shared)
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length
}
