import { expect, test } from 'vitest'
import { evalRow, scoredRows } from '../../../test/fakes/eval-rows.ts'
import { halfOf } from '../../core/classifier/evaluation/halves.ts'
import { type EvalRow, type JudgedRow, textOf, type Verdict } from '../../core/classifier/evaluation/row.ts'
import { splitOf } from '../pairs/expand.ts'
import type { Seeds, Side, Template } from '../training-ports.ts'
import { attackerReach } from './attacker.ts'
import { contaminationOf } from './contamination.ts'
import { evasionRetention } from './evasion-retention.ts'
import { judgeAll } from './judge.ts'
import { latencyOf, quantile } from './latency.ts'
import { needlesOf } from './needles.ts'
import { overRefusalOf } from './over-refusal.ts'
import { ownSuites } from './own-suites.ts'
import { cut, prefixCurve } from './prefix-curve.ts'
import { qualityOf } from './quality.ts'
import { reachOf } from './reach.ts'

const quiet = () => undefined
const by = (score: (row: EvalRow) => number) => ({
  concurrency: 1,
  verdict: (row: EvalRow): Verdict => ({ kind: 'scored', score: score(row), flagged: false, acted: false }),
})

test('judging: rows keep their order, and no more are asked about at a time than the judge allows', async () => {
  let open = 0
  let most = 0
  const judge = {
    concurrency: 3,
    async verdict({ id }: EvalRow): Promise<Verdict> {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setTimeout(resolve, Number(id) % 3))
      open--
      return { kind: 'scored', score: Number(id) / 64, flagged: false, acted: false }
    },
  }
  const rows = Array.from({ length: 20 }, (_, i) => evalRow({ id: String(i) }))
  const judged = await judgeAll(rows, judge, quiet)
  expect(judged.map(({ row, verdict }) => [row.id, verdict.kind === 'scored' && verdict.score * 64])).toEqual(
    rows.map(({ id }) => [id, Number(id)]),
  )
  expect(most).toBe(3)
})

test('CL-1: rows without a verdict are in no share, and their number is told with the reason', () => {
  const judged: JudgedRow[] = [
    ...scoredRows([0.9, 0.8, 0.7], 'harmful').map(({ row, score }) => ({ row, verdict: verdict(score) })),
    ...scoredRows([0.1, 0.2], 'benign').map(({ row, score }) => ({ row, verdict: verdict(score) })),
    {
      row: evalRow({ id: 'a', label: 'harmful', category: 'cyber' }),
      verdict: { kind: 'unavailable', why: 'timeout' },
    },
    { row: evalRow({ id: 'b', label: 'benign' }), verdict: { kind: 'unavailable', why: 'status' } },
  ]
  const quality = qualityOf(judged)
  expect(quality).toMatchObject({
    rows: 7,
    harmful: 3,
    harmless: 2,
    unavailable: { k: 2, n: 7 },
    why: { timeout: 1, status: 1 },
  })
  expect(quality.at1.same.recall).toMatchObject({ k: 3, n: 3 })
  expect(quality.overRefusal.find(({ slice }) => slice === 'all')?.acted.n).toBe(2)
  expect(quality.slices.find(({ name }) => name === 'cyber')).toMatchObject({ unavailable: 1, harmful: 0 })
})

test('CL-7: recall and false positives stand per language, worst first, slices of few rows last', () => {
  const rows = (lang: string, label: 'harmful' | 'benign', scores: readonly number[]): JudgedRow[] =>
    scores.map((score, i) => ({ row: evalRow({ id: `${lang}-${label}-${i}`, lang, label }), verdict: verdict(score) }))
  const many = (n: number, score: number) => Array.from({ length: n }, () => score)
  const judged = [
    ...rows('en', 'harmful', many(200, 0.9)),
    ...rows('ja', 'harmful', [...many(100, 0.9), ...many(100, 0.1)]),
    ...rows('th', 'harmful', many(6, 0.05)),
    ...['en', 'ja', 'th'].flatMap((lang) => rows(lang, 'benign', many(100, 0.2))),
  ]
  const { slices, at1 } = qualityOf(judged)
  expect(slices.filter(({ dimension }) => dimension === 'language').map(({ name }) => name)).toEqual(['ja', 'en', 'th'])
  const ja = slices.find(({ name }) => name === 'ja')!
  expect(ja.same.at1.recall).toMatchObject({ k: 100, n: 200 })
  expect(ja.held.at1.fpr!.k).toBe(0)
  // The half that chose the line is not the half that is measured.
  const ids = (label: string, half: string) =>
    judged.filter(({ row }) => (row.label === 'harmful') === (label === 'harmful') && halfOf(row.id) === half).length
  expect(at1.held).toMatchObject({
    chosenFrom: ids('benign', 'calibration'),
    recall: { n: ids('harmful', 'test') },
    fpr: { n: ids('benign', 'test') },
  })
  expect(at1.same).toMatchObject({ chosenFrom: 300, recall: { n: 406 }, fpr: { n: 300 } })
})

test('CL-16: acted on and flagged stand apart, and borderline is never merged into benign', () => {
  const rows = [...scoredRows([0.9, 0.6, 0.1], 'benign'), ...scoredRows([0.9, 0.95], 'borderline-benign')]
  const all = overRefusalOf(rows).filter(({ slice }) => slice === 'all')
  expect(all.map(({ label, acted, flagged }) => [label, acted.k, flagged.k, acted.n])).toEqual([
    ['benign', 1, 1, 3],
    ['borderline-benign', 2, 0, 2],
  ])
})

test('CL-16: acted on, flagged, and escalated exclude each other; who asks nobody says so', () => {
  const rows = scoredRows([0.9, 0.6, 0.3, 0.1], 'harmful')
  expect(reachOf(rows)).toMatchObject([
    { label: 'harmful', acted: { k: 1 }, flagged: { k: 1 }, asked: null, any: { k: 2 } },
  ])
  const asking = rows.map((one) => ({ ...one, asked: one.score >= 0.2 }))
  expect(reachOf(asking)).toMatchObject([{ acted: { k: 1 }, flagged: { k: 1 }, asked: { k: 1 }, any: { k: 3, n: 4 } }])
})

test('CL-12: the prefix curve judges the beginning of the answer, with the line of whole answers', async () => {
  const answer = (text: string) => [
    { role: 'user', content: 'asked' },
    { role: 'assistant', content: text },
  ]
  expect(cut(evalRow({ turns: answer('😀😀😀😀😀abcde') }), 0.3).turns.at(-1)!.content).toBe('😀😀😀')
  // A target that sees harm only past the middle of an answer of ten characters.
  const rows = Array.from({ length: 40 }, (_, i) =>
    evalRow({
      id: `x${i}`,
      target: 'exchange',
      label: i % 2 === 0 ? 'harmful' : 'benign',
      turns: answer(i % 2 === 0 ? '.....x....' : '..........'),
    }),
  )
  const points = await prefixCurve(
    rows,
    by((row) => (textOf(row).includes('x') ? 0.9 : 0.1)),
    quiet,
  )
  expect(points.map(({ share, auc, recall }) => [share, auc!.area, recall!.k])).toEqual([
    [0.1, 0.5, 0],
    [0.2, 0.5, 0],
    [0.3, 0.5, 0],
    [0.5, 0.5, 0],
    [1, 1, 20],
  ])
  // The shorter, the more alarming: a line chosen anew for each beginning would hide what a stream costs.
  const shy = await prefixCurve(
    rows,
    by((row) => 1 / (1 + row.turns.at(-1)!.content.length)),
    quiet,
  )
  expect(shy.map(({ fpr }) => fpr!.k)).toEqual([20, 20, 20, 20, 0])
})

test('CL-9: needles are sought at start, middle and end, beside the same text without one', async () => {
  const rows = [
    ...Array.from({ length: 12 }, (_, i) => evalRow({ id: `n${i}`, label: 'harmful', text: `needle ${i}` })),
    ...Array.from({ length: 30 }, (_, i) => evalRow({ id: `h${i}`, text: `quite ordinary words, number ${i}` })),
  ]
  // A target that reads the first thousand characters.
  const short = by((row) => (textOf(row).slice(0, 1000).includes('needle') ? 0.9 : 0.1))
  const found = await needlesOf(rows, 0.5, { needles: 10, sizes: [500, 4000] }, short, quiet)
  expect(found!.alone).toMatchObject({ k: 10, n: 10 })
  expect(found!.cells.map(({ size, place, kept }) => [size, place, kept!.k])).toEqual([
    [500, 'start', 10],
    [500, 'middle', 10],
    [500, 'end', 10],
    [4000, 'start', 10],
    [4000, 'middle', 0],
    [4000, 'end', 0],
  ])
  expect(found!.hay.map(({ above }) => above.k)).toEqual([0, 0])
  const late = by((row) => (textOf(row).slice(-1000).includes('needle') ? 0.9 : 0.1))
  const [, ...far] = (await needlesOf(rows, 0.5, { needles: 10, sizes: [4000] }, late, quiet))!.cells
  expect(far.map(({ place, kept }) => [place, kept!.k])).toEqual([
    ['middle', 0],
    ['end', 10],
  ])
})

test('latency: percentiles and throughput by the clock that is given, failed runs left out', async () => {
  let ms = 0
  let asked = 0
  const judge = {
    concurrency: 1,
    verdict: (): Verdict => {
      ms += 10
      return ++asked % 2 === 0 ? { kind: 'unavailable', why: 'timeout' } : verdict(0.1)
    },
  }
  const settings = { sizes: [1000], runs: 20, budgetMs: 1e6, nowMs: () => ms }
  expect(await latencyOf([evalRow()], judge, settings)).toEqual([
    { chars: 1000, n: 10, p50Ms: 10, p99Ms: 10, mbPerSecond: expect.closeTo(0.1, 9) },
  ])
  expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.99), quantile([7], 0.5)]).toEqual([2, 4, 7])
})

test('CL-2: overlap names ids of both sets and no text', () => {
  const rows = [evalRow({ id: 'a', text: 'Please fix this code' }), evalRow({ id: 'b', text: 'Plan a picnic' })]
  const found = contaminationOf(rows, [evalRow({ id: 'z', text: 'please FIX this code!' })])
  expect(found).toEqual({ rows: 2, against: 1, exact: [{ id: 'a', of: 'z' }], near: [] })
})

test('CL-5: what is kept under each transformation that can change a text, Japanese apart, worst first', async () => {
  const rows = [
    ...Array.from({ length: 8 }, (_, i) =>
      evalRow({ id: `h${i}`, label: 'harmful', text: `danger ahead ${'x'.repeat(i)}` }),
    ),
    ...Array.from({ length: 5 }, (_, i) =>
      evalRow({ id: `j${i}`, lang: 'ja', label: 'harmful', text: `きけんな言葉 danger ${i}` }),
    ),
    ...Array.from({ length: 6 }, (_, i) => evalRow({ id: `b${i}`, text: `quite calm ${'y'.repeat(i)}` })),
  ]
  // A target that reads Latin letters as they are written, and one odd letter as danger.
  const judge = by((row) => (/danger|\u0430/.test(textOf(row)) ? 0.9 : 0.1))
  const found = await evasionRetention(rows, 0.5, 300, judge, quiet)
  const of = (evasion: string, language: string) =>
    found.find((one) => one.evasion === evasion && one.language === language)
  expect(of('base64', 'other')).toMatchObject({ plain: { k: 8, n: 8 }, kept: { k: 0, n: 8 }, harmless: { k: 0, n: 6 } })
  expect(of('homoglyph', 'other')).toMatchObject({ kept: { k: 8 }, harmless: { k: 6 } })
  expect(of('katakana', 'ja')).toMatchObject({ kept: { k: 5, n: 5 } })
  expect(of('katakana', 'other')).toBeUndefined()
  expect(found.at(-1)!.kept!.share).toBeGreaterThan(found[0]!.kept!.share)
})

test('CL-17: an attacker is counted by the attempt that gets through, per category; a target that fails lets none through', async () => {
  const rows = [
    ...Array.from({ length: 9 }, (_, i) =>
      evalRow({ id: `h${i}`, category: i < 4 ? 'cyber' : 'bio', label: 'harmful', text: `some danger ahead ${i}` }),
    ),
    evalRow({ id: 'missed', label: 'harmful', text: 'nothing here' }),
    ...Array.from({ length: 3 }, (_, i) => evalRow({ id: `b${i}`, text: `quite calm ${i}` })),
  ]
  const settings = { most: 5, attempts: 200 }
  // A target that reads what is written as it stands, and every turn by itself.
  const reader = by(({ turns }) => (turns.some(({ content }) => content.includes('danger')) ? 0.9 : 0.1))
  const [all, ...categories] = await attackerReach(rows, 0.5, settings, reader, quiet)
  expect(all).toMatchObject({ category: 'all', n: 9 })
  expect(all!.through.map(({ attempts }) => attempts)).toEqual([1, 10, 100])
  expect(all!.through[2]!.share.share).toBe(1)
  expect(all!.median).toBeGreaterThan(0)
  expect(categories.map(({ category, n }) => [category, n])).toEqual([
    ['bio', 5],
    ['cyber', 4],
  ])
  const deaf = by(() => 0.9)
  expect((await attackerReach(rows, 0.5, settings, deaf, quiet))[0]).toMatchObject({ median: null })
  const once = new Set<string>()
  const failing = {
    concurrency: 2,
    verdict(row: EvalRow) {
      if (once.has(row.id)) return { kind: 'unavailable', why: 'timeout' } as const
      once.add(row.id)
      return { kind: 'scored', score: 0.9, flagged: true, acted: true } as const
    },
  }
  expect((await attackerReach(rows, 0.5, settings, failing, quiet))[0]!.through[2]!.share.k).toBe(0)
})

test('own suites: none without folders; of the pairs those of held-out templates, both sides of each', async () => {
  expect(await ownSuites(async () => null)).toEqual([])
  const template = (i: number, sides: readonly Side[]): Template => ({
    ...({
      id: `law.en.t${i}`,
      subject: 'law',
      lang: 'en',
      sides,
      label: 'borderline-benign',
      category: 'cyber',
    } as const),
    ...({
      attack: null,
      source: 'sluice-pairs',
      turns: [{ role: 'user', content: `Text ${i}: [[explain||abuse]] {thing}` }],
      tone: 'polite',
    } as const),
    slots: {},
  })
  const shared = { en: { thing: Array.from({ length: 20 }, (_, i) => `thing ${i}`), opener: [''], closer: [''] } }
  const seeds = (sides: readonly Side[]): Seeds => ({
    templates: Array.from({ length: 12 }, (_, i) => template(i, sides)),
    shared,
  })
  const suites = await ownSuites(async (name) => (name === 'pairs' ? seeds(['harmless', 'harmful']) : null))
  expect(suites.map(({ name }) => name)).toEqual(['pairs'])
  const { rows } = suites[0]!
  expect(rows.length).toBeLessThan(12 * 2 * 16)
  for (const { template: id } of rows) expect(splitOf({ id: id!, source: 'sluice-pairs' })).toBe('dev')
  expect(Map.groupBy(rows, ({ pair }) => pair).size * 2).toBe(rows.length)
})

function verdict(score: number): Verdict {
  return { kind: 'scored', score, flagged: score >= 0.5, acted: score >= 0.8 }
}
