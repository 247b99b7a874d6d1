import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Attempt } from '../../core/jailbreaks/reproduction/attempt.ts'
import { openAttemptFile } from './attempt-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-attempts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = () => join(folder, `${files++}.jsonl`)
const wish = { plan: 'p1', seed: null, resume: false, newSeed: () => 77 }
const attempt = (n: number): Attempt => ({
  ...{ purpose: 'uplift', arm: 'plain:a/b', task: `t-${n}`, attempt: 1, end: 'solved' },
  ...{
    inputTokens: 1,
    outputTokens: 2,
    wallMs: 3,
    servedModel: null,
    action: null,
    safeguard: null,
    answerSha256: null,
  },
})

test('a run cut off after every single byte goes on: whole lines are known, the torn one is gone', () => {
  const path = fresh()
  const log = openAttemptFile(path, wish)
  for (let n = 1; n <= 3; n++) log.append(attempt(n))
  log.close()
  const all = readFileSync(path)
  const ends = [...all.keys()].filter((i) => all[i] === 0x0a)
  for (let cut = 0; cut <= all.length; cut++) {
    const torn = fresh()
    writeFileSync(torn, all.subarray(0, cut))
    const resumed = openAttemptFile(torn, { ...wish, resume: true })
    const lines = ends.filter((end) => end < cut).length
    expect(resumed.known.map(({ task }) => task)).toEqual(['t-1', 't-2', 't-3'].slice(0, Math.max(0, lines - 1)))
    expect(resumed.seed).toBe(77)
    resumed.append(attempt(9))
    resumed.close()
    const again = openAttemptFile(torn, { ...wish, resume: true })
    expect(again.known.at(-1)!.task).toBe('t-9')
    again.close()
  }
})

test('another plan, another seed, no --resume and a damaged line are refused, and nothing is lost', () => {
  const path = fresh()
  openAttemptFile(path, { ...wish, seed: 5 }).close()
  const before = readFileSync(path, 'utf8')
  expect(() => openAttemptFile(path, wish)).toThrow('add --resume')
  expect(() => openAttemptFile(path, { ...wish, resume: true, plan: 'p2' })).toThrow('belongs to another plan')
  expect(() => openAttemptFile(path, { ...wish, resume: true, seed: 6 })).toThrow('was begun with --seed 5')
  expect(readFileSync(path, 'utf8')).toBe(before)
  writeFileSync(path, `${before}{"purpose":1}\n`)
  expect(() => openAttemptFile(path, { ...wish, resume: true })).toThrow('line 2 cannot be read')
})
