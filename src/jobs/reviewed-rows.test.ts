import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withinCaps } from './reviewed-rows.ts'
import type { TrainingRow } from './training-ports.ts'

let n = 0
const row = (more: Partial<TrainingRow> = {}): TrainingRow => ({
  ...{ id: (++n).toString(16).padStart(16, '0'), lang: 'en', turns: [{ role: 'user', content: 'a question' }] },
  ...{ label: 'benign', attack: null, category: 'cyber', target: 'prompt', source: 'set', quality: 'silver' },
  ...more,
})
const by = (author: string, org: string) =>
  row({ category: 'none', provenance: { authors: [author], org, category: 'cyber' } })

test('SR-10: labels of one reviewer or organisation beyond their caps are not learned from, whatever file they come in', () => {
  const own = Array.from({ length: 2000 }, () => row())
  const honest = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 12 }, () => by(name, `org-${name}`)))
  const flood = Array.from({ length: 10_000 }, (_, i) => by('mallory', `org-${i % 50}`))
  const { rows, excess, reviewed } = withinCaps([...own, ...flood, ...honest])
  const reviewers = excess.filter(({ kind }) => kind === 'reviewer')
  expect(reviewers).toEqual([
    { kind: 'reviewer', name: 'mallory', category: 'cyber', rows: 10_000, kept: expect.any(Number) },
  ])
  const kept = reviewers[0]!.kept
  expect(kept).toBeLessThanOrEqual(0.02 * (2000 + reviewed))
  expect(rows).toHaveLength(2000 + 36 + kept)
})

test('SR-10: rows without provenance are never left out; with it, at most the cap of either kind stays', () => {
  const names = fc.constantFrom('a', 'b', 'c')
  const some = fc.array(fc.option(fc.tuple(names, names)), { maxLength: 300 })
  fc.assert(
    fc.property(some, (picked) => {
      const all = picked.map((one) => (one === null ? row() : by(...one)))
      const { rows } = withinCaps(all)
      const plain = all.filter(({ provenance }) => provenance === undefined)
      expect(rows.filter(({ provenance }) => provenance === undefined)).toEqual(plain)
      const kept = rows.filter(({ provenance }) => provenance !== undefined)
      for (const name of ['a', 'b', 'c']) {
        const most = (share: number) => Math.max(10, share * rows.length)
        expect(kept.filter((one) => one.provenance!.org === name).length).toBeLessThanOrEqual(most(0.05))
        expect(kept.filter((one) => one.provenance!.authors[0] === name).length).toBeLessThanOrEqual(most(0.02))
      }
    }),
    { numRuns: 50 },
  )
})
