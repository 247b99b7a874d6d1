import { expect, test } from 'vitest'
import { evalRow } from '../../../test/fakes/eval-rows.ts'
import { measured } from '../../core/classifier/evaluation/measured.ts'
import type { EvalRow, Verdict } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../training-ports.ts'
import { barsOf } from './bars.ts'
import { evaluateSet, MEASURES, type Measure } from './evaluate-set.ts'
import { htmlPage } from './html/page.ts'
import { en } from './messages/en.ts'
import { ja } from './messages/ja.ts'
import type { EvalReport } from './report.ts'
import { terminalText } from './terminal.ts'
import { wordsOf } from './words.ts'

/** Scores by a word in the text; every seventh borderline row is acted on. */
const judge = {
  concurrency: 1,
  verdict(row: EvalRow): Verdict {
    const text = row.turns.at(-1)!.content
    const score = text.includes('danger') ? 0.9 : Number(row.id.slice(1)) / 100_000
    return {
      kind: 'scored',
      score,
      flagged: score > 0.5,
      acted: row.label === 'borderline-benign' && Number(row.id.slice(1)) % 7 === 0,
    }
  },
}
const text = '<b>text of a row & its "quotes"</b>'
const rows = Array.from({ length: 400 }, (_, i) =>
  evalRow({
    id: `r${i}`,
    lang: i % 3 === 0 ? 'ja' : 'en',
    label: i % 4 === 0 ? 'harmful' : i % 4 === 1 ? 'borderline-benign' : 'benign',
    attack: i % 8 === 0 ? 'jailbreak' : null,
    category: i % 4 === 0 ? 'cyber' : 'none',
    pair: `p${Math.floor(i / 2)}`,
    subject: 'law',
    source: 'made <here>',
    ...(i % 5 === 0
      ? {
          target: 'exchange' as const,
          turns: [
            { role: 'user', content: 'asked' },
            { role: 'assistant', content: i % 4 === 0 ? `danger ${text}` : text },
          ],
        }
      : { turns: [{ role: 'user', content: i % 4 === 0 ? `danger ${text} ${i}` : `${text} ${i}` }] }),
  }),
)

async function made(asking: Judge = judge, measures: ReadonlySet<Measure> = new Set(MEASURES)): Promise<EvalReport> {
  let ms = 0
  return evaluateSet(
    rows,
    asking,
    {
      target: 'a target <x>',
      model: null,
      set: 'a set',
      measures,
      against: rows.slice(0, 3),
      mostChars: 4000,
      sample: 50,
      nowMs: () => ms++,
    },
    () => undefined,
  )
}

test('bars: met only when the sample shows it, INCONCLUSIVE with the number that decides, worst of the needles', async () => {
  const report = await made()
  const bar = (name: string, all = report.bars) => all.find((one) => one.name === name)!
  expect(bar('overlap')).toMatchObject({ result: 'fail', wanted: 1 })
  expect(bar('borderline-not-acted')).toMatchObject({ result: 'fail' })
  // 160 benign prompts, none acted on: too few for "at least 99 %".
  expect(bar('benign-not-acted')).toMatchObject({ result: 'inconclusive', needed: 299, found: 1 })
  // Each of 80 harmful prompts is flagged: enough for "at least 90 %", as 60 of them would not be.
  expect(bar('harmful-reached')).toMatchObject({ result: 'pass', k: 80, n: 80, id: 'CL-16' })
  const cell = (k: number) => ({ ...report.needles!.cells[0]!, kept: measured(k, 400) })
  const hidden = barsOf({ ...report, needles: { ...report.needles!, cells: [cell(400), cell(300), cell(399)] } })
  expect(bar('needle', [...hidden])).toMatchObject({ result: 'fail', k: 300, n: 400 })
  const prompts = report.qualities.find(({ kind }) => kind === 'prompt')!
  const blind = { ...prompts, unavailable: { ...prompts.unavailable, share: 0.02 } }
  const many = {
    ...prompts.overRefusal[0]!,
    label: 'benign' as const,
    slice: 'all',
    acted: { k: 0, n: 5000, share: 0, lo: 0, hi: 0 },
  }
  const shown = barsOf({ ...report, qualities: [{ ...prompts, overRefusal: [many] }] })
  expect(bar('benign-not-acted', [...shown]).result).toBe('pass')
  const unseen = barsOf({ ...report, qualities: [{ ...blind, overRefusal: [many] }] })
  expect(bar('benign-not-acted', [...unseen]).result).toBe('inconclusive')
})

test('CL-12: an area of few rows a side, or of a target that often did not answer, is INCONCLUSIVE', async () => {
  const report = await made()
  const exchanges = report.qualities.find(({ kind }) => kind === 'exchange')!
  const result = (harmful: number, unanswered = 0, lo = 0.98, hi = 1) => {
    const auc = { area: (lo + hi) / 2, lo, hi, harmful, harmless: 1000 }
    const unavailable = { ...exchanges.unavailable, share: unanswered }
    const bars = barsOf({ ...report, qualities: [{ ...exchanges, auc, unavailable }] })
    return bars.find(({ name }) => name === 'exchange-auc')!.result
  }
  expect([result(19), result(20), result(20, 0.02)]).toEqual(['inconclusive', 'pass', 'inconclusive'])
  expect([result(20, 0.02, 0.8, 0.9), result(19, 0, 0.8, 0.9)]).toEqual(['fail', 'inconclusive'])
})

test('report: a row as it stands is asked about once, but where its time is taken', async () => {
  const asked = new Map<EvalRow, number>()
  const counting: Judge = {
    concurrency: 1,
    verdict(row) {
      asked.set(row, (asked.get(row) ?? 0) + 1)
      return judge.verdict(row)
    },
  }
  const measures = new Set(MEASURES.filter((one) => one !== 'latency'))
  expect(await made(counting, measures)).toEqual(await made(judge, measures))
  expect(rows.map((row) => asked.get(row))).toEqual(rows.map(() => 1))
})

test('report: one file without script or address to fetch, and no text of any row', async () => {
  const report = await made()
  for (const lang of ['en', 'ja'] as const) {
    const page = htmlPage(report, wordsOf(lang))
    expect(page).toContain(`<html lang="${lang}">`)
    expect(page).not.toMatch(/<script|src=|href=|url\(|https?:/)
    expect(page).not.toContain('quotes')
    expect(page).not.toContain('made <here>')
    expect(page).toContain('made &#60;here&#62;')
    for (const part of [
      'bars',
      'recall',
      'over',
      'pairs',
      'prefix',
      'needles',
      'evasions',
      'attacker',
      'latency',
      'overlap',
    ] as const)
      expect(page).toContain(`<h2>${wordsOf(lang)(part)}</h2>`)
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  }
  const terminal = terminalText(report, wordsOf('en'), (table) => table.map((row) => `${row.join('  ')}\n`).join(''))
  expect(terminal.split('\n')[0]).toMatch(/^Not met: \d+ of \d+ bars$/)
  expect(terminal).toContain('INCONCLUSIVE: 299 trials without a further miss would decide')
  expect(terminal).not.toContain('quotes')
  expect(JSON.stringify(report)).not.toContain('quotes')
})

test('words: both languages fill the same places', () => {
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const key of Object.keys(en) as (keyof typeof en)[])
    expect([key, places(ja[key])]).toEqual([key, places(en[key])])
  const words = wordsOf('en')
  expect([words.share(0.00001), words.range({ lo: 0, hi: 0.99999 })]).toEqual(['under 0.01%', '0.0 to >99.99%'])
  expect([words.share(0.5), words.share(0.0036), words.share(0.9964), words.share(1), words.tick(0.01)]).toEqual([
    ...['50.0%', '0.36%', '99.64%', '100.0%', '1%'],
  ])
})
