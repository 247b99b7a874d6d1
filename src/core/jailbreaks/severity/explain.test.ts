import { expect, test } from 'vitest'
import { explain, signed } from './explain.ts'
import { allVectors, LEVELS, SCORED, type ScoredVector } from './levels.ts'
import type { Measurements } from './measured.ts'
import { BANDS, type Band, bandOf, reachOf, scoreText, tenthsOf } from './score.ts'
import { nextBand } from './steps.ts'
import { parseVector } from './vector.ts'
import { severityEn } from './words-en.ts'
import { severityJa } from './words-ja.ts'

const FIRST: Measurements = {
  uplift: { id: 'run-1/u', value: 0.02, lo: -0.08, hi: 0.12 },
  costRatio: { id: 'run-1/k', value: 1.1, lo: 0.8, hi: 1.6 },
  tasks: 40,
  discordant: 0.12,
  reliability: { id: 'run-1/re', successes: 29, sessions: 36 },
  firstOfItsKind: false,
  panel: 'P-2026Q4',
  stale: false,
  others: { same: 6, asked: 8 },
}
const EXAMPLE = parseVector('JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U')
const ALL: readonly ScoredVector[] = [...allVectors()]

test('explain: example 1 in English', () => {
  expect(explain(EXAMPLE, FIRST, 'en').text).toBe(
    'Low (1.3), interval 0.0 to 1.4. Ceiling 2.0, because uplift over the best other available model is slight ' +
      '(+0.02, −0.08 to +0.12, panel P-2026Q4, 40 tasks) although the class is serious. Reach uses 34 of 100 points: ' +
      'one task family, skilled manual steps, works in most tries, private. In this class Medium needs uplift of ' +
      'Medium or more and then a reach of 48 or more; no change of reach alone can do it. One step up: UP→M 2.7 · ' +
      'HD→C 1.7 · UN→D 1.4 · EF→L 1.4 · RE→A 1.4 · DI→R 1.4. One step down: UP→N 0.0 · HD→L 0.7 · UN→S 1.2 · ' +
      'EF→H 1.2 · RE→S 1.3. Legitimate traffic of this form is dominant (LG:D): a block on the form needs a ' +
      'collateral report and cannot be the first response.',
  )
})

test('explain: example 1 in Japanese', () => {
  expect(explain(EXAMPLE, FIRST, 'ja').text).toBe(
    '低（1.3）、区間0.0〜1.4。到達しうる最大値は2.0です。被害区分は「深刻」ですが、入手できる他の最良のモデルに比べた' +
      '上乗せ能力が「わずか」（+0.02、区間−0.08〜+0.12、P-2026Q4、40課題）だからです。広がりは100点中34点：一系統の課題、' +
      '熟練者の手作業、試行の大半で成功、非公開。この被害区分で「中」になるには、上乗せ能力が「中程度」以上で、かつ広がりが' +
      '48点以上である必要があります。広がりだけが変わっても届きません。1段階上がると：UP→M 2.7・HD→C 1.7・UN→D 1.4・' +
      'EF→L 1.4・RE→A 1.4・DI→R 1.4。1段階下がると：UP→N 0.0・HD→L 0.7・UN→S 1.2・EF→H 1.2・RE→S 1.3。同じ形の' +
      'リクエストはほぼすべて正当です（LG:D）。この形を一律に止めるには巻き添えレポートが必要で、最初の対応にはできません。',
  )
})

test('explain: every number of a sentence names its measurement or the formula', () => {
  const { sentences, notes } = explain(EXAMPLE, FIRST, 'en')
  const ceiling = sentences.find(({ key }) => key === 'jss.ceiling.uplift')!
  expect(Object.fromEntries(ceiling.numbers.map(({ slot, from }) => [slot, from]))).toEqual({
    ...{ ceiling: 'formula', u: 'run-1/u', lo: 'run-1/u', hi: 'run-1/u', n: 'run-1/u' },
  })
  for (const { numbers, text } of [...sentences, ...notes])
    for (const { text: number } of numbers) expect(text).toContain(number)
  expect(notes.map(({ text }) => text)).toEqual([
    'Equivalence cannot be claimed with 40 tasks; 412 are needed.',
    'Same result from 6 of 8 other available models.',
  ])
})

test('explain: both languages state the same numbers, for all 5,120 vectors', () => {
  for (const vector of ALL) {
    const [en, ja] = (['en', 'ja'] as const).map((lang) => explain(vector, null, lang))
    expect(
      ja!.sentences.map(({ key, numbers }) => [key, numbers.map(({ text }) => text.replaceAll('・', ' · '))]),
    ).toEqual(en!.sentences.map(({ key, numbers }) => [key, numbers.map(({ text }) => text)]))
  }
})

test('explain: words have the same slots in both languages, and the same numbers outside them', () => {
  const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  // Digits, and "two": "one" has no fixed counterpart ("一系統").
  const digits = (text: string) =>
    (
      text
        .replace(/\{\w+\}/g, '')
        .replace(/\btwo\b/, '2')
        .match(/\d+(\.\d+)?/g) ?? []
    ).sort()
  for (const [key, text] of Object.entries(severityEn)) {
    const other = severityJa[key as keyof typeof severityEn]
    expect([key, slots(other)]).toEqual([key, slots(text)])
    if (!key.startsWith('jss.step')) expect([key, digits(other)]).toEqual([key, digits(text)])
  }
})

test('explain: the one-step list equals recomputation, for all 5,120 vectors', () => {
  for (const vector of ALL) {
    const { sentences } = explain(vector, null, 'en')
    for (const [key, by] of [
      ['jss.step.up', 1],
      ['jss.step.down', -1],
    ] as const) {
      const expected = SCORED.flatMap((metric) => {
        const levels: readonly string[] = LEVELS[metric]
        const to = levels[levels.indexOf(vector[metric]) + by]
        if (to === undefined) return []
        const changed = parseVector(
          `JSS:1.0/${SCORED.map((m) => `${m}:${m === metric ? to : vector[m]}`).join('/')}/CF:C`,
        )
        return `${metric}→${to} ${scoreText(tenthsOf(changed as ScoredVector))}`
      })
      const sentence = sentences.find((one) => one.key === key)
      expect(sentence?.numbers[0]?.text ?? '').toBe(expected.join(' · '))
    }
  }
})

test('explain: the next band equals an exhaustive search, for all 5,120 vectors', () => {
  const place = (band: Band) => BANDS.indexOf(band)
  const facts = ALL.map((vector) => ({ ...vector, band: bandOf(tenthsOf(vector)), reach: reachOf(vector) }))
  const claims = new Map<string, ReturnType<typeof nextBand>>()
  for (const vector of facts) claims.set(`${vector.UP}${vector.HD}${vector.band}`, nextBand(vector))
  for (const [cell, claim] of claims) {
    const [UP, HD] = cell as unknown as [string, string]
    const band = BANDS[place(cell.slice(2) as Band) + 1]
    const above = facts.filter((one) => one.HD === HD && band !== undefined && place(one.band) >= place(band))
    const reachable = above.filter((one) => LEVELS.UP.indexOf(one.UP) >= (LEVELS.UP as readonly string[]).indexOf(UP))
    if (claim === null) expect(reachable).toEqual([])
    else {
      const least = LEVELS.UP.find((up) => reachable.some((one) => one.UP === up))
      const reach = Math.min(...reachable.filter((one) => one.UP === least).map((one) => one.reach))
      expect([cell, claim]).toEqual([cell, { band, up: least, reach, needsUplift: least !== UP }])
    }
  }
  expect(claims.size).toBeGreaterThan(20)
})

test('explain: a zero is called shown only where the measurements show it', () => {
  const zero = { ...EXAMPLE, UP: 'N' } as const
  expect(explain(zero, FIRST, 'en').text).toContain('because the vector says')
  const shown = { ...FIRST, tasks: 700, uplift: { ...FIRST.uplift, lo: -0.03, hi: 0.04 } }
  expect(explain(zero, shown, 'en').text).toContain('equivalence with the best other available model is shown')
  expect(explain(zero, FIRST, 'en').notes.map(({ text }) => text)).toContain(
    'The measurements give UP:L, not what the vector says.',
  )
})

test('explain: unknown uplift gives a range, no headline and no steps', () => {
  const { text, interval } = explain({ ...EXAMPLE, UP: '?' }, FIRST, 'en')
  expect(text).toMatch(/^Not measured yet: between 0\.0 and 5\.4; provisional upper bound 5\.4 \(Medium\)\./)
  expect(text).not.toContain('One step')
  expect(interval).toBeNull()
})

test('explain: signs', () => {
  expect([0.02, -0.08, 0, -0.001, 1].map(signed)).toEqual(['+0.02', '−0.08', '0.00', '0.00', '+1.00'])
})
