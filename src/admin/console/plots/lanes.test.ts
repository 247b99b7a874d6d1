import { expect, test } from 'vitest'
import { lanes } from './lanes.ts'

const lanesOf = (...xs: readonly number[]) =>
  [...lanes(xs.map((x) => ({ x })))].sort((a, b) => a.x - b.x).map(({ lane }) => lane)

test('lanes: labels far apart share a row', () => {
  expect(lanesOf(5, 40, 99)).toEqual([0, 0, 0])
})

test('lanes: labels that reach towards each other from both sides do not meet', () => {
  expect(lanesOf(50, 90)).toEqual([0, 1])
  expect(lanesOf(50, 90, 99)).toEqual([0, 2, 1])
})

test('lanes: labels close together stand one under the other, and no line runs through one', () => {
  expect(lanesOf(10, 12, 14)).toEqual([0, 1, 2])
  expect(lanesOf(94, 96, 98)).toEqual([2, 1, 0])
})

test('lanes: where no row is free of lines, labels still do not overlap', () => {
  expect(lanesOf(70, 80)).toEqual([0, 1])
  expect(lanesOf(50, 50, 50)).toEqual([0, 1, 2])
})
