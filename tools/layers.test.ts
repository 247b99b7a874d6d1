import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { arrows, cycle, forbidden, roomOf } from './layers.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const all = arrows(root)

test('layers: every import is an arrow of the table', () => {
  expect(all.length).toBeGreaterThan(50)
  expect(forbidden(all).map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

test('layers: no cycle, type imports included', () => {
  expect(cycle(all)).toBeNull()
})

test('layers: every source file has a room', () => {
  expect([...new Set(all.flatMap(({ from, to }) => [from, to]))].filter((file) => roomOf(file) === null)).toEqual([])
})

test('layers: an arrow that is not in the table is found', () => {
  const wrong = { from: 'src/core/policy/decide.ts', to: 'src/io/store/store.ts' }
  expect(forbidden([wrong])).toEqual([wrong])
  expect(
    cycle([
      { from: 'a.ts', to: 'b.ts' },
      { from: 'b.ts', to: 'a.ts' },
    ]),
  ).toEqual(['a.ts', 'b.ts', 'a.ts'])
})
