import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollateralReport } from '../src/core/safeguards/collateral/report.ts'
import { sluice } from './parts/sluice.ts'

/** The story of June, with the report that was missing then; over the project's own sets as a week of traffic. */
let folder: string
let story: { first: CollateralReport; second: CollateralReport }
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
  const done = await sluice(['demo', 'widen', '--out', folder, '--json'])
  expect([done.code, done.stderr.includes('Error')]).toEqual([0, false])
  story = JSON.parse(done.stdout) as typeof story
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const debugging = ({ permanent }: CollateralReport) => permanent.find(({ set }) => set === 'debugging')!

test('demo widen: the naive widening catches what was reported, and is stopped for the debugging it would hit', () => {
  const { first } = story
  expect(first.claim).toMatchObject({ outcome: 'pass', misses: 0 })
  expect(first.claim!.trials).toBeGreaterThanOrEqual(299)
  expect(debugging(first).acted.length).toBeGreaterThan(0)
  expect(first.outcome).toBe('fail')
  expect(first.gates.find(({ name }) => name === 'permanent')!.outcome).toBe('fail')
  expect(first.moved.length).toBeGreaterThan(0)
})

test('demo widen: the one trained with pairs catches as much, and hits none of it', () => {
  const { second } = story
  expect(second.claim).toMatchObject({ outcome: 'pass', misses: 0 })
  expect(debugging(second).acted).toEqual([])
  const named = (name: string) => second.gates.find((gate) => gate.name === name)!.outcome
  expect([named('permanent'), named('miss'), named('separable'), named('slices')]).toEqual(new Array(4).fill('pass'))
})

test('demo widen: every number can be traced: bundles, reports and pages are written down', () => {
  for (const file of ['first', 'second']) {
    const stored = JSON.parse(readFileSync(join(folder, `${file}.collateral.json`), 'utf8')) as CollateralReport
    expect(stored).toEqual(story[file as keyof typeof story])
    for (const page of [`${file}.en.html`, `${file}.ja.html`, `${file}.bundle.json`])
      expect(existsSync(join(folder, page))).toBe(true)
  }
})
