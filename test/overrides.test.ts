import { hash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PeopleList, ReportDetail, ReportTaken } from '../src/admin/report-contract.ts'
import { eventually, type Running, startRunning } from './parts/running.ts'
import { sluice } from './parts/sluice.ts'

const REPORT = {
  harm: 'cyber',
  summary: { en: 'Asking to fix code is answered where asking to review it is not' },
  reporter: { org: 'partner-a', contact: 'duty-roster' },
  technique: { class: 'benign-reframing' },
  affected: [{ model: { vendor: 'vendor-x', name: 'model-f', version: '5' } }],
  artefacts: [{ kind: 'task-set', sha256: 'c'.repeat(64), access: 'on request' }],
  levels: { HD: 'S', UP: 'L' },
}
const REASON = 'seen in use by a customer tonight'

let folder: string
let running: Running
let id: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-overrides-'))
  writeFileSync(at('sluice.yaml'), 'registry:\n  organisation: lab-b\n')
  running = await startRunning({ env: { SLUICE_CONFIG: at('sluice.yaml') } })
  id = (await post<ReportTaken>('/api/reports', { report: REPORT })).body.report.case.id
  await post(`/api/reports/${id}/acknowledge`, { reason: 'read, ours' })
  await post(`/api/reports/${id}/triage`, { reason: 'a reframing' })
})
afterAll(async () => {
  await running?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)
const admin = () => running.facts.consoleUrl.replace('localhost', '127.0.0.1')
const get = async <T>(path: string) => (await (await fetch(admin() + path)).json()) as T
const post = async <T>(path: string, body: unknown) => {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(admin() + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: reply.status, body: (await reply.json()) as T }
}
const run = (...args: string[]) => sluice([...args, '--admin', admin()])
const offline = (...args: string[]) => sluice(args, { SLUICE_CONFIG: at('nothing.yaml') })
const json = async <T>(...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}
const detail = () => get<ReportDetail>(`/api/reports/${id}`)

test('a person makes a key offline, in a file of their own; the configuration names who may sign, and counts at once', async () => {
  const body = { action: 'scoped_containment', hours: 24, people: ['u-114', 'u-201'], reason: REASON }
  const early = await post<{ error: { message: string; next: string } }>(`/api/reports/${id}/override`, body)
  expect([early.status, early.body.error.message]).toEqual([400, expect.stringContaining('nobody `u-114` with a key')])
  const made = await Promise.all(
    [['u-114', 'A. Mori'] as const, ['u-201', 'R. Okafor'] as const, ['u-302', 'M. Aoki'] as const].map(([key, name]) =>
      offline('people', 'key', key, '--name', name, '--folder', at('keys')),
    ),
  )
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(statSync(at('keys/u-114.key')).mode & 0o777).toBe(0o600)
  expect((await offline('people', 'key', 'u-114', '--name', 'A', '--folder', at('keys'))).code).toBe(1)
  const list = `people:\n${made.map(({ stdout }) => stdout).join('')}`
  writeFileSync(at('people.yaml'), list)
  writeFileSync(at('sluice.yaml'), `registry:\n  organisation: lab-b\n${list}`)
  const known = await eventually(async () => {
    const { items } = await get<PeopleList>('/api/people')
    return items.length === 3 && items
  })
  expect(known[0]).toMatchObject({
    id: 'u-114',
    name: 'A. Mori',
    keys: [{ id: expect.stringMatching(/^[0-9a-f]{8}$/) }],
  })
  expect((await offline('people', 'list', '--people', at('people.yaml'))).stdout).toContain('R. Okafor')
})

test('no name that is typed makes an override: two keys do, over the very text that both have seen', async () => {
  const mine = ['--key', at('keys/u-114.key')]
  const proposed = await json<ReportDetail>(
    ...['report', 'override', id, '--action', 'scoped_containment', '--hours', '24', '--people', 'u-114,u-201'],
    ...[...mine, '-m', REASON],
  )
  const [{ id: override }] = proposed.case.overrides as unknown as [{ id: string }]
  expect(override).toMatch(/^INS-\d{4}-0001$/)
  const before = (await detail()).row
  expect(before).toMatchObject({ overridden: false, action: proposed.prescription.action })
  for (const typed of [
    { override, by: 'R. Okafor', reason: REASON },
    { override, by: 'u-201', reason: 'agreed' },
  ])
    expect((await post(`/api/reports/${id}/sign`, typed)).status).toBe(400)

  const shown = (await run('report', 'sign', id, '--override', override)).stdout
  for (const part of [REASON, 'scoped_containment', proposed.prescription.action, `${id}/A1, grade`, 'A. Mori'])
    expect(shown).toContain(part)
  const sha256 = /--sha256 ([0-9a-f]{64})/.exec(shown)![1]!
  const sign = (key: string, ...more: string[]) =>
    run('report', 'sign', id, '--override', override, '--key', at(`keys/${key}.key`), ...more)
  const refused = await Promise.all([
    sign('u-201'),
    sign('u-201', '--sha256', '0'.repeat(64)),
    sign('u-302', '--sha256', sha256),
    sign('u-114', '--sha256', sha256),
  ])
  expect(refused.map(({ code }) => code)).toEqual([1, 1, 1, 1])
  const said = ['sign what you have looked at', 'sign what you have looked at', 'u-114 and u-201 sign this']
  for (const [i, text] of [...said, 'signed_already'].entries()) expect(refused[i]!.stderr).toContain(text)
  expect((await detail()).row).toMatchObject({ overridden: false })

  const done = await sign('u-201', '--sha256', sha256)
  expect([done.code, done.stderr]).toEqual([0, ''])
  expect(done.stdout).toContain('signed by u-114 and u-201; in force')
  const after = await detail()
  expect(after.row).toMatchObject({ overridden: true, action: 'scoped_containment', headline: before.headline })
  expect(after.prescription).toEqual(proposed.prescription)
  const contained = await post<ReportDetail>(`/api/reports/${id}/respond`, { reason: 'for our own tenants' })
  expect([contained.body.row.stage, contained.body.case.response?.override]).toEqual(['contained', override])
})

test('the envelope is what the record names by its hash, and anybody verifies it with the public keys alone', async () => {
  const [{ id: override }] = (await detail()).case.overrides as unknown as [{ id: string }]
  expect((await run('report', 'instrument', id, '--override', override, '--out', at('signed.json'))).code).toBe(0)
  const bytes = readFileSync(at('signed.json'), 'utf8')
  const verify = (file: string, ...more: string[]) =>
    offline('people', 'verify', at(file), '--people', at('people.yaml'), ...more)
  const good = await verify('signed.json')
  expect([good.code, good.stderr]).toEqual([0, ''])
  expect(good.stdout).toContain('u-114 (A. Mori) and u-201 (R. Okafor)')
  const [head, tail] = [bytes.slice(0, 200), bytes.slice(200)]
  writeFileSync(at('bent.json'), head + tail.replace(/[A-Y]/, (one) => String.fromCharCode(one.charCodeAt(0) + 1)))
  expect(await verify('bent.json')).toMatchObject({ code: 1, stdout: 'refused: unknown_key\n' })
  const late = await verify('signed.json', '--at', new Date(Date.now() + 48 * 3_600_000).toISOString())
  expect(late.stdout).toContain('refused: expired')
  writeFileSync(at('fewer.yaml'), readFileSync(at('people.yaml'), 'utf8').replace(/.*u-201.*\n/, ''))
  expect((await offline('people', 'verify', at('signed.json'), '--people', at('fewer.yaml'))).stdout).toContain(
    'two_people',
  )

  const entries = join(running.folder, 'record/tile/entries')
  const line = await eventually(async () => {
    const files = existsSync(entries) ? readdirSync(entries, { recursive: true, withFileTypes: true }) : []
    const all = files.filter((one) => one.isFile()).map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'))
    return /\{"v":1,"k":"instrument"[^\n]*?\}(?=[^}]*$|..\{"v")/s.exec(all.join(''))?.[0]
  }, 20_000)
  expect(line).toContain(`"who":"authority:operator/u-114","about":"${override}","h":"sha256:${hash('sha256', bytes)}"`)
  for (const word of [REASON, 'Mori', 'Okafor']) expect(line).not.toContain(word)
})

test('text and signatures also travel as files: both sign without a server, and the server takes the result', async () => {
  const body = { action: 'record', hours: 2, people: ['u-302', 'u-114'], reason: 'the customer was mistaken' }
  const drafted = (await post<ReportDetail>(`/api/reports/${id}/override`, body)).body
  const { id: override } = drafted.case.overrides.at(-1)!
  await run('report', 'instrument', id, '--override', override, '--payload', '--out', at('text.json'))
  const sign = (from: string, key: string, to: string) =>
    offline('people', 'sign', at(from), '--key', at(`keys/${key}.key`), '--out', at(to))
  const first = await sign('text.json', 'u-302', 'half.json')
  expect(first.stderr).toContain('the customer was mistaken')
  await sign('half.json', 'u-114', 'whole.json')
  const taken = await run('report', 'sign', id, '--override', override, '--signature', at('whole.json'))
  expect([taken.code, taken.stdout]).toEqual([0, expect.stringContaining('signed by u-302 and u-114; in force')])
  const { row, history } = await detail()
  expect(row).toMatchObject({ overridden: true, action: 'record' })
  expect(history.at(-1)).toMatchObject({ kind: 'sign', by: 'u-302, u-114' })
})

test('no private key is ever with the server', () => {
  const seed = readFileSync(at('keys/u-114.key'), 'utf8').split('\n')[2]!
  const [hex, base64] = [seed, Buffer.from(seed, 'hex').toString('base64')]
  for (const one of readdirSync(running.folder, { recursive: true, withFileTypes: true })) {
    if (!one.isFile()) continue
    const text = whatIsIn(join(one.parentPath, one.name))
    for (const secret of [hex, base64, Buffer.from(seed, 'hex').toString('latin1')]) expect(text).not.toContain(secret)
  }
  expect(running.log()).not.toContain(REASON)
})

/** A spool file may be drained, and gone, since the folder was listed. */
function whatIsIn(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
