import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sluice } from './parts/sluice.ts'

/** The whole story, once: two parties, five model servers, real commands; 343 tasks are the fewest that show equivalence. */
let folder: string
let told: Record<string, unknown>
let log: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-demo-report-'))
  const args = ['demo', 'report', '--out', folder, '--tasks', '360', '--json']
  const done = await sluice(args)
  if (done.code !== 0) throw new Error(done.stderr)
  told = JSON.parse(done.stdout) as Record<string, unknown>
  log = done.stderr
}, 420_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('demo report: 1.3 Low on first evidence, the same from 3 of 4 other models, and 0.0 Info once that is shown', () => {
  expect(told).toMatchObject({
    first: '1.3 Low [0.0, 1.4]',
    reproduction: 'Same result from 3 of 4 other models',
    measured: '0.0 Info [0.0, 0.0]',
  })
})

test('demo report: the dispute is seen on both sides, and ends; the correction reaches the partner', () => {
  expect(told).toMatchObject({ disputed: true, settled: true })
  expect(log).toMatch(/disputed\s+dispute by partner-a\n/)
  expect(log).toMatch(/in force\s+dispute by partner-a, correction by vendor-x\n/)
})

test('RC-3: demo report: record and both feeds verify with the second verifier alone', () => {
  expect(told.verified).toBe(true)
  expect(log).toContain('verified: vendor-x.example/record')
})

test('demo report: what travels holds no words of the reporter, and every file of the story is there', () => {
  const object = readFileSync(join(folder, 'record.json'), 'utf8')
  expect(object).not.toContain('names the faulty line')
  for (const file of ['report.json', 'plan.yaml', 'panel.json', 'result.json', 'dispute.json', 'correction.json'])
    expect(existsSync(join(folder, file))).toBe(true)
})
