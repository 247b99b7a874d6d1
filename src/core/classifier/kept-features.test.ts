import { expect, test } from 'vitest'
import { HALF_BLOCK, KeptFeatures, SUB_BLOCK } from './kept-features.ts'

/** As a scorer fills it, with hashes that say where they stand. @param raw How far the window at the end of each half-block stands out. */
function filled(count: number, raw: (block: number) => number = () => 0): KeptFeatures {
  const kept = new KeptFeatures()
  for (let i = 0; i < count; i++) {
    kept.open[kept.count++] = i
    if (kept.count === HALF_BLOCK) kept.endBlock(raw(kept.blocks))
  }
  return kept
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
function passageOf(kept: KeptFeatures): readonly number[] {
  const all: number[] = []
  kept.passage([-1], (ids, count) => all.push(...Array.from(ids).slice(0, count)))
  return all
}
function windowOf(kept: KeptFeatures, isLast: boolean): readonly number[] {
  const all: number[] = []
  kept.window(isLast, [-1], (ids, from, to) => all.push(...Array.from(ids).slice(from, to)))
  return all
}

test('kept features: the last ones, also from across a half-block’s end', () => {
  const kept = filled(HALF_BLOCK + 40)
  const into = new Int32Array(102)
  kept.last(100, into, 1)
  expect([...into]).toEqual([0, ...range(HALF_BLOCK - 60, HALF_BLOCK + 40), 0])
})

test('kept features: the whole text while it is no longer than a passage, and then the window that stands out most', () => {
  expect(passageOf(filled(40))).toEqual([...range(0, 40), -1])
  expect(passageOf(filled(HALF_BLOCK + 40))).toEqual(range(0, HALF_BLOCK + 40))
  const [first, last] = [(block: number) => -block, (block: number) => block]
  expect(new Set(passageOf(filled(4 * HALF_BLOCK + 1, first)))).toEqual(new Set(range(0, HALF_BLOCK)))
  expect(new Set(passageOf(filled(4 * HALF_BLOCK + 1, last)))).toEqual(new Set(range(2 * HALF_BLOCK, 4 * HALF_BLOCK)))
})

test('kept features: the window that was kept, or the one at the end', () => {
  const kept = filled(HALF_BLOCK)
  for (let i = HALF_BLOCK; i < HALF_BLOCK + SUB_BLOCK; i++) kept.open[kept.count++] = i
  kept.keepWindow()
  for (let i = HALF_BLOCK + SUB_BLOCK; i < HALF_BLOCK + 2 * SUB_BLOCK + 7; i++) kept.open[kept.count++] = i
  expect(windowOf(kept, false)).toEqual(range(HALF_BLOCK - SUB_BLOCK, HALF_BLOCK + SUB_BLOCK))
  expect(windowOf(kept, true)).toEqual([...range(HALF_BLOCK + SUB_BLOCK, HALF_BLOCK + 2 * SUB_BLOCK + 7), -1])
})

test('kept features: a copy has the same, and goes its own way', () => {
  const kept = filled(3 * HALF_BLOCK + 5, (block) => -block)
  kept.keepWindow()
  const copy = new KeptFeatures()
  copy.become(kept)
  kept.open.fill(-9)
  kept.keepWindow()
  expect(passageOf(copy)).toEqual(passageOf(kept))
  expect(windowOf(copy, false)).toEqual(range(3 * HALF_BLOCK + 5 - 2 * SUB_BLOCK, 3 * HALF_BLOCK + 5))
  expect(windowOf(copy, true).slice(-6)).toEqual([...range(3 * HALF_BLOCK, 3 * HALF_BLOCK + 5), -1])
})
