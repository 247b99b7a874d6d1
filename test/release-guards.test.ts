import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReleaseDetail, ReleaseRow } from '../src/admin/release-contract.ts'
import type { CollateralReport } from '../src/core/safeguards/collateral/report.ts'
import { eventually, metricOf, type Running, startRunning } from './parts/running.ts'
import { sluice } from './parts/sluice.ts'

/** What both arms refuse, by the configuration; what the canary alone refuses. */
const BOTH = 'the grey kestrel pattern'
const CANARY = 'the blue heron manoeuvre'
const CONFIG = `
releases: { shadow_hours: 0, step_hours: 0, steps: [50], session_minutes: 0, session_appeal_hours: 0, pause_hours: 0 }
rules:
  - { name: kestrel, stage: input, action: refuse, category: other-harm, phrases: ["${BOTH}"] }
`
const GATES = ['regression', 'collateral', 'inseparable', 'superset'].map((id) => ({
  ...{ id, outcome: 'pass', says: 'n = 300' },
}))

let folder: string
let running: Running
const env = () => ({ SLUICE_MODE: 'enforce', SLUICE_CONFIG: join(folder, 'sluice.yaml') })
const start = async () => {
  running = await startRunning({ env: env(), folder: join(folder, 'data') })
}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-guards-'))
  writeFileSync(join(folder, 'sluice.yaml'), CONFIG)
  await start()
})
afterAll(async () => {
  await running?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const admin = () => running.facts.consoleUrl.replace('localhost', '127.0.0.1')
const run = (...args: string[]) => sluice([...args, '--admin', admin()])
const release = async (...args: string[]) => {
  const { code, stdout, stderr } = await run('release', ...args, '--json', '-m', 'a test of it')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as ReleaseRow
}
const show = async (id: string) => (await (await fetch(`${admin()}/api/releases/${id}`)).json()) as ReleaseDetail

/** A folder that refuses `phrase` besides what is enforcing. */
async function folderOf(name: string, phrase: string): Promise<string> {
  const path = join(folder, name)
  expect((await run('safeguard', 'export', path)).code).toBe(0)
  const rule = { name, stage: 'input', action: 'refuse', category: 'other-harm', phrases: [phrase], patterns: [] }
  const rules = JSON.parse(readFileSync(join(path, 'rules.json'), 'utf8')) as unknown[]
  writeFileSync(join(path, 'rules.json'), JSON.stringify([...rules, rule]))
  await run('safeguard', 'seal', path)
  return path
}

/** A release in canary that refuses `phrase` besides. */
async function canaryOf(name: string, phrase: string): Promise<string> {
  const path = await folderOf(name, phrase)
  const { id } = await release('draft', path)
  const report = join(folder, 'report.json')
  writeFileSync(report, JSON.stringify({ kind: 'collateral', gates: GATES, body: { n: 300 } }))
  await release('report', id, '--attach', report)
  await release('evaluate', id)
  const { label } = await release('submit', id)
  await release('promote', label!)
  await release('promote', label!, '--accept-inconclusive')
  return label!
}

/** A session of two requests, the second about what `subject` gives for its arm. @returns who decided it. */
async function session(name: string, subject: (mode: string) => string): Promise<string> {
  let mode = ''
  for (const content of [() => 'Name three rivers', () => `Tell me about ${subject(mode)}`]) {
    const reply = await fetch(`${running.facts.gatewayUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'x-claude-code-session-id': name },
      body: JSON.stringify({ model: 'm', max_tokens: 50, messages: [{ role: 'user', content: content() }] }),
    })
    await reply.text()
    mode = reply.headers.get('x-sluice-mode') ?? ''
  }
  return mode
}

async function sessions(prefix: string, from: number, to: number, subject: (mode: string) => string) {
  const modes: string[] = []
  for (let i = from; i < to; i += 10) {
    const names = Array.from({ length: 10 }, (_, k) => `${prefix}-${i + k}`)
    modes.push(...(await Promise.all(names.map((name) => session(name, subject)))))
  }
  return modes
}

/** `phrase` in every `n`th session of either arm: which arm a session falls into is up to chance. */
function everyNth(n: number, phrase: string): (mode: string) => string {
  const seen = new Map<string, number>()
  return (mode) => {
    const count = seen.get(mode) ?? 0
    seen.set(mode, count + 1)
    return count % n === 0 ? phrase : 'gardening'
  }
}

describe('a canary is watched by itself, on the traffic of a running instance', () => {
  test('SR-3: arms that are alike raise no alarm; a process that is killed in between loses and doubles no session', async () => {
    const label = await canaryOf('alike', 'a phrase that nobody writes')
    const subject = everyNth(5, BOTH)
    const modes = await sessions('alike', 0, 150, subject)
    await running.kill()
    await start()
    modes.push(...(await sessions('alike', 150, 300, subject)))
    const canary = modes.filter((mode) => mode === 'canary').length
    const { guard, row } = await eventually(async () => {
      const detail = await show(label)
      const { canary, control } = detail.guard.refused
      return canary.units + control.units >= 280 && detail
    }, 30_000)
    // Fewer than twenty wait for more: what was taken is never more than what was sent.
    const { refused, error } = guard
    expect(refused.canary.units + refused.control.units).toBeLessThanOrEqual(300)
    expect(refused.canary.units).toBeLessThanOrEqual(canary)
    expect(refused.canary.hits + refused.control.hits).toBeGreaterThan(40)
    expect(refused.canary.hits + refused.control.hits).toBeLessThanOrEqual(62)
    expect(error.canary.hits + error.control.hits).toBe(0)
    expect([row.paused, row.state.stage, refused.outcome]).toEqual([null, 'canary', 'inconclusive'])
    await release('rollback', label)
  })

  test('SR-3: a canary that refuses more is paused by itself, decides nobody from then on, and is rolled back', async () => {
    const label = await canaryOf('worse', CANARY)
    const modes = await sessions('worse', 0, 200, everyNth(3, CANARY))
    expect(modes).toContain('canary')
    const { moves } = await eventually(async () => {
      const detail = await show(label)
      return detail.moves.some(({ kind }) => kind === 'rollback') && detail
    }, 40_000)
    const own = moves.filter(({ by }) => by === 'system')
    expect(own.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['pause', 'canary', 'canary'],
      ['rollback', 'canary', 'rolled_back'],
    ])
    expect(own[0]!.facts).toEqual({ automatic: true, regressed: ['refused'] })
    expect(await session('worse-3', () => CANARY)).toBe('enforcing')
  })

  test('SR-6: the instance makes the report of a release itself, attaches it, and its gates are read from it', async () => {
    const { id } = await release('draft', await folderOf('reported', CANARY))
    const made = await run('release', 'report', id, '--days', '1', '--json', '-m', 'before it is evaluated')
    expect([made.code, made.stderr]).toEqual([0, expect.stringMatching(/of \d+, \S+ s left/)])
    const done = JSON.parse(made.stdout) as NonNullable<ReleaseDetail['report']>
    expect(done).toMatchObject({ state: 'done', error: null, requestsDone: done.requests })
    expect(done.requests).toBeGreaterThan(900)
    const { evidence, report } = await show(id)
    expect([report, evidence.map(({ kind }) => kind)]).toEqual([done, ['collateral']])
    const stored = (await (await fetch(`${admin()}/api/collateral/${done.report}`)).json()) as CollateralReport
    // Every session that asked about it and was not refused by the canary before is one that this would refuse.
    expect(stored.movements.newly_refused.requests.k).toBeGreaterThan(20)
    const evaluated = await release('evaluate', id)
    expect(evaluated.gates.find((gate) => gate.id === 'collateral')).toMatchObject({
      ...{ outcome: 'fail', measured: { kind: 'report', gate: { reason: 'over_budget' } } },
    })
    // What its shadow and canary will be expected to meet, from the same sessions.
    expect(evaluated.predicted).toEqual(stored.met)
    expect(stored.met.refused.after).toBeGreaterThan(stored.met.refused.before)
    const again = await run('release', 'report', id, '-m', 'once more')
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('frozen')])
  })

  test('appeals that wait are counted, and their age is told', async () => {
    const before = Date.now()
    const reply = await fetch(`${running.facts.gatewayUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
      body: JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: BOTH }] }),
    })
    const { sluice: facts } = (await reply.json()) as { sluice: { appeal: { url: string } } }
    const page = new URL(facts.appeal.url)
    page.pathname = `${page.pathname}/appeal`
    await eventually(async () => {
      const filed = await fetch(page, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ note: 'about birds' }),
      })
      return filed.ok
    })
    expect(await metricOf(running, 'sluice_appeals_open')).toBe(1)
    expect(await metricOf(running, 'sluice_appeals_overdue')).toBe(0)
    const age = await metricOf(running, 'sluice_appeals_oldest_seconds')
    expect(age).toBeGreaterThan(0)
    expect(age).toBeLessThanOrEqual((Date.now() - before) / 1000 + 0.01)
  })
})
