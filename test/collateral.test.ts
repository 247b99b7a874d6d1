import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { embeddedBundle, judgeOf } from '../src/cli/judge.ts'
import { regressionSets } from '../src/cli/regression-sets.ts'
import type { Bundle } from '../src/core/safeguards/bundle.ts'
import type { CollateralReport } from '../src/core/safeguards/collateral/report.ts'
import { writeBundleFolder } from '../src/io/safeguards/bundle-folder.ts'
import { RowTraffic } from '../src/jobs/traffic.ts'
import { eventually, startRunning } from './parts/running.ts'
import { sluice as command } from './parts/sluice.ts'

let folder: string
let embedded: Bundle
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-collateral-'))
  embedded = (await embeddedBundle()).bundle
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function bundle(name: string, facts: Partial<Bundle>): string {
  const path = join(folder, name)
  writeBundleFolder(path, { ...embedded, ...facts })
  return path
}

function collateral(args: readonly string[], env: Record<string, string> = {}) {
  return command(['collateral', ...args], { SLUICE_CONFIG: '', ...env })
}

const wide: Bundle['rules'] = [
  {
    ...{ name: 'fix', stage: 'input', action: 'fall_back', category: 'cyber', patterns: [] },
    phrases: ['fix this code', 'このコードを直して', 'bug'],
  },
]

/** Rows of our own: small work on code, half of it in the words that a naive rule looks for, and reports on weather. */
function data(name: string): string {
  const path = join(folder, name)
  rmSync(path, { recursive: true, force: true })
  const row = (i: number, content: string, more: object) =>
    JSON.stringify({
      ...{ id: i.toString(16).padStart(16, '0'), lang: 'en', turns: [{ role: 'user', content }], target: 'prompt' },
      ...{ label: 'benign', source: 'own', quality: 'gold', ...more },
    })
  const rows = Array.from({ length: 200 }, (_, i) => [
    row(2 * i, `Please fix this code: the sum of row ${i} is off by one`, { topic: 'debugging' }),
    row(2 * i + 1, `Summarise the weather report of day ${i}`, { topic: 'writing' }),
  ])
  writeBundleFolder(path, embedded) // makes the folder; only the rows below are read
  writeFileSync(join(path, 'dev.prompt.jsonl'), rows.flat().join('\n'))
  writeFileSync(join(path, 'dev.exchange.jsonl'), '')
  return path
}

test('SR-6, SR-7, SR-13: a naive widening is stopped, for the requests it hits, by name; the page says so in Japanese', async () => {
  const attacks = join(folder, 'attacks.jsonl')
  const attack = (i: number) =>
    JSON.stringify({
      ...{ id: (100_000 + i).toString(16).padStart(16, '0'), label: 'harmful', attack: 'jailbreak', category: 'cyber' },
      ...{ target: 'prompt', turns: [{ role: 'user', content: `fix this code, variant ${i}` }] },
    })
  writeFileSync(attacks, Array.from({ length: 400 }, (_, i) => attack(i)).join('\n'))
  const html = join(folder, 'report.html')
  const claim = ['--attacks', attacks, '--family', 'fix-this-code', '--claim', '0.99', '--against', 'debugging']
  const flags = ['--after', bundle('naive', { rules: wide }), '--data', data('rows'), '--html', html, '--lang', 'ja']
  const { code, stdout } = await collateral([...flags, ...claim, '--json'])
  const report = JSON.parse(stdout) as CollateralReport
  expect(code).toBe(1)
  expect(report.outcome).toBe('fail')
  const gates = Object.fromEntries(report.gates.map(({ name, outcome }) => [name, outcome]))
  expect(gates).toMatchObject({ miss: 'pass', permanent: 'fail', retained: 'fail', separable: 'fail', slices: 'fail' })
  const legitimate = report.moved.filter(({ label }) => label !== 'harmful')
  expect(legitimate).toHaveLength(200)
  expect(legitimate.every(({ segment, after }) => segment === 'debugging' && after === 'fall_back')).toBe(true)
  expect(report.superset).toMatchObject({ relation: 'superset', newlyActed: 200 })
  const page = readFileSync(html, 'utf8')
  expect(page).toContain('<html lang="ja">')
  expect(page).toContain(legitimate[0]!.id)
})

test('SR-2: what says nothing on misses is INCONCLUSIVE, exit code 4, and names what is missing', async () => {
  const { code, stdout } = await collateral(['--after', bundle('same', {}), '--data', data('rows-2')])
  expect(code).toBe(4)
  expect(stdout).toContain('Not publishable: the report gives false positives without misses')
})

test('collateral: what is missing is named', async () => {
  expect((await collateral([])).code).toBe(2)
  const missing = await collateral(['--after', join(folder, 'none'), '--data', folder])
  expect(missing).toMatchObject({ code: 1, stdout: '' })
  expect(missing.stderr).toContain('no bundle at')
  const claim = await collateral(['--after', bundle('c', {}), '--data', folder, '--claim', '0.99'])
  expect(claim.stderr).toContain('--family')
})

test('SR-1: over stored decisions the report lists what a new rule would divert, from kept content, and the console has it', async () => {
  const sluice = await startRunning({ env: { SLUICE_MODE: 'observe' } })
  try {
    const ask = (text: string) =>
      fetch(`${sluice.facts.gatewayUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'k' },
        body: JSON.stringify({ model: 'm', max_tokens: 20, messages: [{ role: 'user', content: text }] }),
      }).then((reply) => reply.headers.get('x-sluice-decision-id'))
    const asked: (string | null)[] = []
    for (let i = 0; i < 12; i++)
      asked.push(await ask(i % 3 === 0 ? `There is a bug in line ${i}` : `What is ${i} plus one?`))
    const api = `${sluice.facts.consoleUrl}/api`
    await eventually(async () => ((await (await fetch(`${api}/decisions`)).json()) as { total: number }).total === 12)
    const env = { SLUICE_DATA: sluice.folder }
    const after = bundle('stored', { rules: wide })
    const { code, stdout, stderr } = await collateral(['--after', after, '--store', '--json'], env)
    expect(stderr).toContain('col_')
    const report = JSON.parse(stdout) as CollateralReport
    expect(code).toBe(1)
    expect(report.traffic).toMatchObject({ requests: 12, labels: { unlabelled: 12 } })
    expect(report.notCovered.notReplayable).toEqual({})
    const named = report.moved.filter(({ movement }) => movement === 'newly_diverted' || movement === 'marked')
    expect(named.map(({ id }) => id).sort()).toEqual(asked.filter((_, i) => i % 3 === 0).sort())
    const list = (await (await fetch(`${api}/collateral`)).json()) as { items: { id: string; outcome: string }[] }
    expect(list.items).toMatchObject([{ outcome: 'fail' }])
    const one = await fetch(`${api}/collateral/${list.items[0]!.id}`)
    expect(await one.json()).toEqual(report)
    const page = await (await fetch(`${api}/collateral/${list.items[0]!.id}.html?lang=ja`)).text()
    expect(page).toContain('巻き添え報告書')
    expect((await fetch(`${api}/collateral/col_none`)).status).toBe(404)

    // SR-8: the same words as a draft hit the same exchanges, before anything is saved.
    const draft = (body: unknown) =>
      fetch(`${api}/drafts/score`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify(body),
      })
    const rule = { action: 'fall_back', category: 'cyber', phrases: ['BUG in'] }
    const score = await eventually(async () => {
      const reply = (await (await draft({ rule })).json()) as { complete: boolean; hits: number; changed: string[] }
      return reply.complete && reply
    })
    expect(score).toMatchObject({ exchanges: 12, hits: 4, kept: 12 })
    expect([...score.changed].sort()).toEqual(asked.filter((_, i) => i % 3 === 0).sort())
    const use = await command(['usefulness', '--json', '--quality', '0.2,0.1,0.3'], { SLUICE_CONFIG: '', ...env })
    const [all] = (JSON.parse(use.stdout) as { rows: { requests: number; retained: { value: number } }[] }).rows
    expect([use.code, all!.requests, all!.retained.value]).toEqual([0, 12, 1])
    expect((await command(['usefulness', '--by', 'moon'], { SLUICE_CONFIG: '', ...env })).stderr).toContain('--by')

    const threshold = { category: 'cyber', stage: 'input', clear: 300_000, act: 200_000, actPlus: 900_000 }
    for (const bad of [{ rule: { ...rule, phrases: [] } }, { rule: { ...rule, patterns: ['('] } }, { threshold }, {}])
      expect((await draft(bad)).status).toBe(400)
    expect(await (await draft({ threshold: { ...threshold, act: 400_000 } })).json()).toMatchObject({ exchanges: 12 })
  } finally {
    await sluice.stop()
  }
})

test('SR-13: the shipped safeguard diverts and refuses no text on debugging, contracts, CVEs, security tests, classifiers', async () => {
  const shipped = judgeOf(await embeddedBundle())
  const traffic = new RowTraffic(shipped, shipped, () => 0)
  const sets = [...(await regressionSets())].map(([name, rows]) => traffic.permanent(name, rows))
  const sizes = Object.fromEntries(sets.map(({ set, n }) => [set, n]))
  expect(sizes).toMatchObject({ debugging: 300, redlining: 300, 'cve-and-security-tests': 80, classifiers: 80 })
  const named = ['debugging', 'redlining', 'cve-and-security-tests', 'classifiers']
  expect(sets.filter(({ set }) => named.includes(set)).flatMap(({ acted }) => acted)).toEqual([])
})
