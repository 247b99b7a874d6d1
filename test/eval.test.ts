import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CANARY, exchanges, jsonl, prompts, report, row, said, words } from './parts/evaluated.ts'
import { sluice } from './parts/sluice.ts'

let folder: string
const file = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-eval-'))
  writeFileSync(file('set.jsonl'), jsonl([...prompts, ...exchanges]))
  writeFileSync(file('prompts.jsonl.gz'), gzipSync(jsonl(prompts)))
  writeFileSync(file('few.jsonl'), jsonl([...prompts.slice(0, 12), ...prompts.slice(-8)]))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('sluice eval, the embedded model', () => {
  test('CL-1: recall at fixed FPR with interval and n, in halves and on the same rows, by slice; never an accuracy', async () => {
    const { qualities, prefix, needles, latency } = await report([
      '--file',
      file('set.jsonl'),
      '--measures',
      'quality,prefix',
    ])
    const [prompt, exchange] = qualities
    expect([prompt!.kind, prompt!.harmful, prompt!.harmless, prompt!.unavailable.k]).toEqual(['prompt', 60, 340, 0])
    expect(prompt!.at1.held.recall!.n + prompt!.at1.held.chosenFrom).toBeLessThan(400)
    expect(prompt!.at1.same.recall).toMatchObject({ n: 60 })
    expect(prompt!.at1.same.recall!.share).toBeGreaterThan(0.9)
    expect(prompt!.at1.held.recall!.lo).toBeLessThan(prompt!.at1.held.recall!.share + 1e-9)
    expect(new Set(prompt!.slices.map(({ dimension }) => dimension))).toEqual(
      new Set(['language', 'category', 'source']),
    )
    expect(exchange!.auc!.area).toBeGreaterThan(0.9)
    expect(prefix.map(({ share }) => share)).toEqual([0.1, 0.2, 0.3, 0.5, 1])
    expect(prefix.at(-1)!.auc!.area).toBeGreaterThanOrEqual(prefix[0]!.auc!.area)
    expect([needles, latency]).toEqual([null, []])
    expect(JSON.stringify(qualities)).not.toMatch(/accuracy/i)
  })

  test('CL-9: needles at start, middle and end of every length, and latency by length', async () => {
    const args = [
      '--file',
      file('prompts.jsonl.gz'),
      '--measures',
      'needle,latency',
      '--sample',
      '15',
      '--max-chars',
      '20000',
    ]
    const { needles, latency } = await report(args)
    expect(needles!.cells.map(({ size, place }) => `${size} ${place}`)).toEqual(
      [1000, 4000, 20000].flatMap((size) => ['start', 'middle', 'end'].map((place) => `${size} ${place}`)),
    )
    for (const { kept, recall } of needles!.cells) expect([recall.n, kept!.n]).toEqual([15, needles!.alone.k])
    expect(latency.map(({ chars }) => chars)).toEqual([200, 1000, 4000, 20000])
    for (const { n, p50Ms, p99Ms } of latency) expect([n >= 3, p50Ms > 0, p99Ms >= p50Ms]).toEqual([true, true, true])
  })

  test('CL-2: rows that another set holds are counted, exact and near apart, by id alone', async () => {
    const long = `${words(1)} ${'a quiet evening by the river with friends and some music '.repeat(6)}`
    writeFileSync(file('near.jsonl'), jsonl([row('n1', { label: 'benign', turns: said(`${long} lantern`) })]))
    writeFileSync(
      file('evaluated.jsonl'),
      jsonl([
        row('e1', {
          label: 'benign',
          turns: said('PLEASE write 2 lines about tides, glaciers, and clocks for my class'),
        }),
        row('e2', { label: 'benign', turns: said(`${long} compass`) }),
        row('e3', { label: 'benign', turns: said('nothing alike') }),
      ]),
    )
    writeFileSync(
      file('learned.jsonl'),
      jsonl([...prompts.slice(0, 3), row('n1', { label: 'benign', turns: said(`${long} lantern`) })]),
    )
    const args = ['--file', file('evaluated.jsonl'), '--measures', 'quality', '--against', file('learned.jsonl')]
    const { contamination, bars } = await report(args)
    expect(contamination).toEqual({
      rows: 3,
      against: 4,
      exact: [{ id: 'e1', of: 'b0' }],
      near: [{ id: 'e2', of: 'n1' }],
    })
    expect(bars.find(({ name }) => name === 'overlap')).toMatchObject({ result: 'fail', k: 1, n: 3 })
    const { code } = await sluice(['eval', ...args, '--bars'])
    expect(code).toBe(1)
  })

  test('a bar that the set is too small for is INCONCLUSIVE with the number that decides, and exit code 4', async () => {
    const args = ['eval', '--file', file('few.jsonl'), '--measures', 'quality', '--bars']
    const { code, stdout } = await sluice(args)
    expect(stdout).toContain('INCONCLUSIVE: 299 trials without a further miss would decide')
    expect(stdout.split('\n')[0]).toBe('Too little data for 2 of 2 bars; no bar is missed')
    expect(code).toBe(4)
  })

  test('the page: one file, either language, without script and without text of a row; the terminal too', async () => {
    for (const lang of ['en', 'ja']) {
      const page = file(`report-${lang}.html`)
      const args = ['eval', '--file', file('set.jsonl'), '--measures', 'quality,prefix', '--html', page, '--lang', lang]
      const { code, stdout, stderr } = await sluice(args)
      const html = readFileSync(page, 'utf8')
      expect(code).toBe(0)
      expect(html).toContain(`<html lang="${lang}">`)
      expect(html).not.toMatch(/<script|https?:\/\//)
      expect(html + stdout + stderr).not.toContain(CANARY)
      expect(stdout).toContain(lang === 'ja' ? '偽陽性率1%での検出率' : 'Recall at 1% FPR')
    }
  })

  test('usage: what is wrong is said, with exit code 2; a bad line with file and number', async () => {
    for (const [args, says] of [
      [[], 'wanted --data'],
      [['--file', 'a', '--data', 'b'], 'wanted --data'],
      [['--file', 'a', '--measures', 'speed'], '--measures wants'],
      [['--file', 'a', '--lang', 'fr'], '--lang wants'],
      [['--file', 'a', '--colour', 'red'], 'takes no `--colour`'],
      [['--suite', 'mine'], 'no suite `mine`; wanted dev, own, unseen, wrapped, attacks, answers'],
      [['--suite', 'unseen', '--data', 'b'], 'wanted --data'],
    ] as const) {
      const { code, stderr } = await sluice(['eval', ...args])
      expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
    }
    writeFileSync(
      file('bad.jsonl'),
      `${jsonl(prompts.slice(0, 1))}{"id":"x","turns":[{"role":"user","content":"${CANARY}"}],"label":"odd"}\n`,
    )
    const { code, stderr } = await sluice(['eval', '--file', file('bad.jsonl')])
    expect([code, stderr]).toEqual([1, expect.stringContaining('bad.jsonl line 2: `label`')])
    expect(stderr).not.toContain(CANARY)
    const unknown = await sluice(['eval', '--file', file('few.jsonl'), '--target', 'ftp://x'])
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('moderations')])
  })
})
