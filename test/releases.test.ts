import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionDetail, Status } from '../src/admin/contract.ts'
import type { ReleaseDetail, ReleaseList, ReleaseRow } from '../src/admin/release-contract.ts'
import { BASE_RELEASE } from '../src/cli/embedded.ts'
import { eventually, type Running, startRunning } from './parts/running.ts'
import { sluice } from './parts/sluice.ts'

const PHRASE = 'the blue heron manoeuvre'
const FAST = 'releases:\n  shadow_hours: 0\n  step_hours: 0\n  steps: [1, 50]\n'
const GATES = ['regression', 'collateral', 'inseparable', 'superset'].map((id) => ({
  id,
  outcome: 'pass',
  says: 'n = 300',
}))

let folder: string
let database: { readonly name: string; readonly url: string; readonly client: pg.Client } | null = null
let replicas: Running[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-releases-'))
  writeFileSync(join(folder, 'sluice.yaml'), FAST)
  const server = process.env.DATABASE_URL
  if (server !== undefined) {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    const name = `sluice_test_${randomBytes(6).toString('hex')}`
    await client.query(`create database ${name}`)
    const url = new URL(server)
    url.pathname = `/${name}`
    database = { name, url: url.href, client }
  }
  const env = { SLUICE_MODE: 'enforce', SLUICE_CONFIG: join(folder, 'sluice.yaml') }
  // Without PostgreSQL there is one replica: SQLite belongs to one process.
  replicas =
    database === null
      ? [await startRunning({ env })]
      : [
          await startRunning({ env: { ...env, DATABASE_URL: database.url } }),
          await startRunning({ env: { ...env, DATABASE_URL: database.url } }),
        ]
})
afterAll(async () => {
  for (const replica of replicas ?? []) await replica.stop()
  await database?.client.query(`drop database ${database.name} with (force)`)
  await database?.client.end()
  rmSync(folder, { recursive: true, force: true })
})

const admin = (i = 0) => replicas[i]!.facts.consoleUrl.replace('localhost', '127.0.0.1')
const get = async <T>(path: string, i = 0) => (await (await fetch(admin(i) + path)).json()) as T
const post = async (path: string, body: unknown) => {
  const reply = await fetch(admin() + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return {
    status: reply.status,
    body: (await reply.json()) as { error: { code: string; message: string; next: string } },
  }
}
const run = async (...args: string[]) => sluice([...args, '--admin', admin()])
const release = async (...args: string[]) => {
  const { code, stdout, stderr } = await run('release', ...args, '--json', '-m', 'a test of it')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as ReleaseRow
}

/** Asks one replica with the phrase; which safeguard decided, and what. */
async function ask(i: number, stream = false) {
  const reply = await fetch(`${replicas[i]!.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: JSON.stringify({
      ...{ model: 'm', max_tokens: 50, stream },
      messages: [{ role: 'user', content: `Please tell me about ${PHRASE}` }],
    }),
  })
  const text = await reply.text()
  return {
    safeguard: reply.headers.get('x-sluice-safeguard'),
    action: reply.headers.get('x-sluice-action'),
    id: reply.headers.get('x-sluice-decision-id')!,
    text,
  }
}

/** A wider safeguard in a folder of its own, from what is enforcing. */
async function widened(name: string, action: 'refuse' | 'flag' = 'refuse'): Promise<string> {
  const path = join(folder, name)
  expect((await run('safeguard', 'export', path)).code).toBe(0)
  const rules = JSON.parse(readFileSync(join(path, 'rules.json'), 'utf8')) as unknown[]
  const rule = { name, stage: 'input', action, category: 'other-harm', phrases: [PHRASE], patterns: [] }
  writeFileSync(join(path, 'rules.json'), JSON.stringify([...rules, rule]))
  return path
}

async function toEnforcing(path: string): Promise<ReleaseRow> {
  let { id } = await release('draft', path)
  const report = join(folder, 'report.json')
  writeFileSync(report, JSON.stringify({ kind: 'collateral', gates: GATES, body: { n: 300 } }))
  await release('report', id, '--attach', report)
  await release('evaluate', id)
  id = (await release('submit', id)).name
  await release('promote', id)
  for (let stage = 'shadow'; stage !== 'enforcing'; )
    stage = (await release('promote', id, '--accept-inconclusive')).state.stage
  return (await get<ReleaseDetail>(`/api/releases/${id}`)).row
}

describe('a safeguard release, from a folder to traffic and back', () => {
  test('a plan says what an edited folder would change; a draft wants its hashes', async () => {
    const path = await widened('planned')
    const plan = await run('plan', path)
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(/rule planned +added/)])
    expect(plan.stdout).toContain('tier 1: rules changed')
    const unsealed = await run('release', 'draft', path, '-m', 'a test of it')
    expect([unsealed.code, unsealed.stderr]).toEqual([1, expect.stringContaining('rules.json')])
    expect((await run('safeguard', 'seal', path)).code).toBe(0)
    expect((await run('release', 'draft', path, '-m', 'a test of it')).stdout).toContain('is draft')
  })

  test('one file holds a safeguard: exported, imported, the same hash', async () => {
    const file = join(folder, 'base.sluice')
    const exported = await run('safeguard', 'export', file)
    const imported = await run('safeguard', 'import', file, '--to', join(folder, 'again'))
    expect(imported.code).toBe(0)
    expect(imported.stdout.split(' ')[0]).toBe(exported.stdout.split(' ')[0])
    expect((await run('plan', join(folder, 'again'))).stdout).toContain('no difference')
    writeFileSync(file, readFileSync(file, 'utf8').replace('refuse', 'allow'))
    expect((await run('safeguard', 'import', file)).code).toBe(1)
  })

  test('SR-5: what is enforcing decides on every replica; one command takes it back in under 5 s, and it is recorded', async () => {
    const before = await ask(0)
    expect([before.safeguard, before.action]).toEqual([BASE_RELEASE, 'allow'])
    const path = await widened('heron')
    await run('safeguard', 'seal', path)
    const row = await toEnforcing(path)
    expect([row.state.stage, row.inForce, row.singlePerson]).toEqual(['enforcing', true, true])
    for (const [i] of replicas.entries()) {
      const refused = await eventually(async () => {
        const asked = await ask(i)
        return asked.safeguard === row.label ? asked : null
      })
      expect(refused.action).toBe('refuse')
      // The receipt can be recomputed from the bundle that its label names.
      const detail = await eventually(async () => {
        const reply = await fetch(`${admin(i)}/api/decisions/${refused.id}`)
        return reply.ok ? ((await reply.json()) as DecisionDetail) : null
      })
      expect(detail.verified).toEqual({ hash: true, recomputed: true })
      expect((await get<Status>('/api/status', i)).safeguards).toEqual({ base: row.label })
    }

    const started = performance.now()
    const back = await run('release', 'rollback', row.label!, '-m', 'it refuses bird watchers')
    expect([back.code, back.stdout]).toEqual([0, `${row.label} is rolled_back\n`])
    for (const [i] of replicas.entries())
      await eventually(async () => {
        const { safeguard, action } = await ask(i)
        return safeguard === BASE_RELEASE && action === 'allow'
      })
    expect(performance.now() - started).toBeLessThan(5000)
    const { moves } = await get<ReleaseDetail>(`/api/releases/${row.label}`)
    expect(moves.at(-1)).toMatchObject({
      ...{ kind: 'rollback', by: 'operator', reason: 'it refuses bird watchers' },
      ...{ from: 'enforcing', to: 'rolled_back', manifest: row.manifest, singlePerson: true },
    })
  })

  test('every error says what to do next; nothing of a refused move is recorded', async () => {
    const path = await widened('wrong')
    await run('safeguard', 'seal', path)
    const { id } = await release('draft', path)
    const cases: readonly (readonly [string, unknown, number, string])[] = [
      [`/api/releases/${id}/promote`, { reason: 'a test' }, 409, 'illegal'],
      [`/api/releases/${id}/evaluate`, { reason: 'a test' }, 409, 'pack_incomplete'],
      [`/api/releases/${id}/evaluate`, { reason: 'x' }, 400, 'body_invalid'],
      [`/api/releases/${id}/evaluate`, { reason: 'two\nlines' }, 400, 'body_invalid'],
      [`/api/releases/${id}/frobnicate`, { reason: 'a test' }, 404, 'not_found'],
      ['/api/releases/rel_none/submit', { reason: 'a test' }, 404, 'not_found'],
      ['/api/releases', { reason: 'a test', bundle: { slot: 'base' } }, 400, 'bundle_invalid'],
      [
        `/api/releases/${id}/evidence`,
        { reason: 'a test', kind: 'x', body: {}, gates: [{ id: 'other' }] },
        400,
        'body_invalid',
      ],
      ['/api/plan', {}, 400, 'bundle_invalid'],
    ]
    for (const [at, body, status, code] of cases) {
      const reply = await post(at, body)
      expect([at, reply.status, reply.body.error.code]).toEqual([at, status, code])
      expect(reply.body.error.next.length).toBeGreaterThan(5)
    }
    expect((await get<ReleaseDetail>(`/api/releases/${id}`)).moves.map(({ kind }) => kind)).toEqual(['draft'])
  })

  test('the list shows what decides per slot, and that one person decides alone', async () => {
    const { items, slots, singlePerson } = await get<ReleaseList>('/api/releases')
    expect(slots).toEqual([{ slot: 'base', label: BASE_RELEASE, release: null }])
    expect([items.length > 2, singlePerson]).toEqual([true, true])
    const text = (await run('release', 'list')).stdout
    expect(text).toContain(`base: ${BASE_RELEASE}`)
    expect(text).toContain('single_person')
    expect(JSON.stringify(items)).not.toContain('salt')
  })

  test('watch tells every move, and ends with the release', async () => {
    const { items } = await get<ReleaseList>('/api/releases')
    const done = items.find(({ state }) => state.stage === 'rolled_back')!
    const { code, stdout } = await run('release', 'watch', done.name)
    expect([code, stdout.trim().split('\n').at(-1)]).toEqual([0, expect.stringContaining('rollback by operator')])
    expect((await run('release', 'show', done.name)).stdout).toContain('it refuses bird watchers')
  })

  test('no text of a bundle or of a request is in the log', () => {
    for (const replica of replicas) expect(replica.log()).not.toContain(PHRASE)
  })
})

/** One request of a session of its own. */
async function askAs(session: string) {
  const reply = await fetch(`${replicas[0]!.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'x-claude-code-session-id': session },
    body: JSON.stringify({
      ...{ model: 'm', max_tokens: 50 },
      messages: [{ role: 'user', content: `Please tell me about ${PHRASE}` }],
    }),
  })
  const text = await reply.text()
  const header = (name: string) => reply.headers.get(`x-sluice-${name}`)
  return {
    mode: header('mode'),
    action: header('action'),
    safeguard: header('safeguard'),
    id: header('decision-id')!,
    text,
  }
}

describe('arms', () => {
  /** What looked on at a decision, once its receipt is in the store. */
  const looksOf = (id: string) =>
    eventually(async () => {
      const reply = await fetch(`${admin()}/api/decisions/${id}`)
      return reply.ok ? (((await reply.json()) as DecisionDetail).receipt.looks ?? []) : null
    })
  /** Asks until somebody looks on who would refuse. */
  const lookedOn = (release: string | null) =>
    eventually(async () => {
      const asked = await askAs('before')
      const looks = await looksOf(asked.id)
      return looks.some((look) => look.would === 'refuse' && (release === null || look.release === release)) && asked
    })

  test('SR-4: a dry run and a shadow are on record and change nothing; a canary decides for its share, and stays with a session', async () => {
    const before = await askAs('before')
    expect([before.mode, before.action]).toEqual(['enforcing', 'allow'])
    const path = await widened('on-trial')
    expect((await run('safeguard', 'seal', path)).code).toBe(0)
    let { id } = await release('draft', path)
    const report = join(folder, 'arms-report.json')
    writeFileSync(report, JSON.stringify({ kind: 'collateral', gates: GATES, body: { n: 300 } }))
    await release('report', id, '--attach', report)
    await release('evaluate', id)
    await release('dry-run', id)
    const dry = await lookedOn(null)
    expect([dry.action, dry.mode, plainText(dry.text)]).toEqual(['allow', 'enforcing', plainText(before.text)])

    id = (await release('submit', id)).name
    await release('promote', id)
    const shadowed = await lookedOn(id)
    expect([shadowed.action, plainText(shadowed.text)]).toEqual(['allow', plainText(before.text)])

    await release('promote', id, '--accept-inconclusive')
    await release('promote', id, '--accept-inconclusive')
    const sessions = Array.from({ length: 40 }, (_, i) => `session-${i}`)
    const asked = await eventually(async () => {
      const all = await Promise.all(sessions.map(askAs))
      return all.some(({ mode }) => mode === 'canary') && all
    })
    const taken = asked.filter(({ mode }) => mode === 'canary')
    expect(taken.length).toBeGreaterThan(8)
    expect(taken.length).toBeLessThan(32)
    for (const { mode, action, safeguard } of asked)
      expect([mode, action, safeguard === id]).toEqual(
        mode === 'canary' ? ['canary', 'refuse', true] : ['enforcing', 'allow', false],
      )
    const again = await Promise.all(sessions.map(askAs))
    expect(again.map(({ mode }) => mode)).toEqual(asked.map(({ mode }) => mode))
    await release('rollback', id)
  })

  test('SR-4: a domain looks on as well: what it would do beside what decides the rest', async () => {
    const path = join(folder, 'domain')
    expect((await run('safeguard', 'export', path)).code).toBe(0)
    const file = (name: string) => join(path, name)
    const json = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as Record<string, unknown>
    writeFileSync(file('manifest.json'), JSON.stringify({ ...json('manifest.json'), slot: 'cyber' }))
    const rule = { name: 'own', stage: 'input', action: 'refuse', category: 'cyber', phrases: [PHRASE], patterns: [] }
    writeFileSync(file('rules.json'), JSON.stringify([rule]))
    expect((await run('safeguard', 'seal', path)).code).toBe(0)
    const plan = await run('plan', path)
    expect(plan.stdout).toContain('a domain of its own')
    const { id } = await release('draft', path)
    const report = join(folder, 'domain-report.json')
    writeFileSync(report, JSON.stringify({ kind: 'collateral', gates: GATES, body: { n: 300 } }))
    await release('report', id, '--attach', report)
    await release('evaluate', id)
    await release('dry-run', id)
    const asked = await lookedOn(id)
    expect([asked.action, asked.safeguard]).toEqual(['allow', BASE_RELEASE])
    await release('abandon', id)
  })

  /** The answer's words, without ids that are never twice the same. */
  function plainText(text: string): unknown {
    return (JSON.parse(text) as { content: unknown }).content
  }
})
