import { expect, test } from 'vitest'
import { ANSWERS, composites, REQUESTS } from './composites.ts'
import type { TrainingRow } from './training-ports.ts'
import type { Sample } from './training-rows.ts'

const sample = (kind: Sample['kind'], lang: string, harmful: boolean, nth: number): Sample => ({
  ...{ kind, harmful, attack: null, category: null, weight: 1, context: { ambient: false, system: false } },
  text: `${harmful ? 'NEEDLE' : 'straw'} ${lang} ${kind} ${nth} ${'and so on '.repeat(8)}`,
  row: { lang } as TrainingRow,
})
const nth = Array.from({ length: 40 }, (_, i) => i)
const samples = ['en', 'ja'].flatMap((lang) =>
  (['asked', 'answer'] as const).flatMap((kind) =>
    nth.flatMap((i) => [sample(kind, lang, i < 10, i), sample(kind, lang, false, 100 + i)]),
  ),
)

test.each([REQUESTS, ANSWERS])(
  'composites of $kind: as many with a needle as without, of one kind, in bounds',
  (settings) => {
    const made = composites(samples, settings)
    // As many needles as there are, and as many texts without.
    expect(made).toHaveLength(2 * 20)
    for (const { text, harmful, kind } of made) {
      expect(kind).toBe(settings.kind)
      expect(text.match(/NEEDLE/g) ?? []).toHaveLength(harmful ? 1 : 0)
      expect(text.length).toBeGreaterThanOrEqual(settings.leastChars)
      expect(text.length).toBeLessThan(settings.mostChars + 300)
      expect(text).not.toContain(settings.kind === 'asked' ? ' answer ' : ' asked ')
    }
    expect(made.filter(({ harmful }) => harmful)).toHaveLength(20)
    expect(composites(samples, settings)).toEqual(made)
  },
)

test('composites of answers are in one language', () => {
  for (const { text } of composites(samples, ANSWERS))
    expect(text.includes(' en ') && text.includes(' ja ')).toBe(false)
})

test('composites: none without something harmful to hide', () => {
  expect(
    composites(
      samples.filter(({ harmful }) => !harmful),
      REQUESTS,
    ),
  ).toEqual([])
})
