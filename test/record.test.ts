import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecisionDetail } from '../src/admin/contract.ts'
import type { RecordStatus } from '../src/admin/record-admin.ts'
import { run } from '../src/cli/record.ts'
import { parseEntry } from '../src/core/record/entry.ts'
import { verifyProof } from '../src/core/record/offline-proof.ts'
import { leafHash } from '../src/core/record/tree.ts'
import { parsePolicy } from '../src/core/record/witness-policy.ts'
import { sha256, verifyEd25519 } from '../src/io/keys/ed25519.ts'
import { openFolder } from '../src/io/record/folder-reader.ts'
import { verifyRecord } from '../src/jobs/verify-record.ts'
import { type Running, startRunning } from './parts/running.ts'

const CRYPTO = { sha256, verify: verifyEd25519 }

let folder: string
let running: Running
let admin: string
let flagged: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-record-'))
  const config = join(folder, 'sluice.yaml')
  writeFileSync(
    config,
    'record: {origin: log.example/whole}\nrules: [{name: word, action: flag, phrases: ["marked word"]}]\n',
  )
  running = await startRunning({ folder, env: { SLUICE_MODE: 'enforce', SLUICE_CONFIG: config } })
  admin = running.facts.consoleUrl.replace('localhost', '127.0.0.1')
  await ask('Name three rivers')
  flagged = await ask('Say the marked word')
})
afterAll(async () => {
  await running.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(content: string): Promise<string> {
  const reply = await fetch(`${running.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content }] }),
  })
  await reply.text()
  return reply.headers.get('x-sluice-decision-id')!
}

async function until<T>(get: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const value = await get()
    if (holds(value) || Date.now() > end) return value
  }
}

const json = async <T>(path: string): Promise<T> => (await fetch(admin + path)).json() as Promise<T>
const post = (path: string, body: unknown) =>
  fetch(admin + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const detail = () => json<DecisionDetail>(`/api/decisions/${flagged}`)
const verified = () => verifyRecord(openFolder(join(running.folder, 'record')), null, CRYPTO)
async function sluice(...args: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const write = (text: string) => void (out += text)
  return { code: await run(args, { stdout: write, stderr: write }), out }
}

test('what is decided has its place within seconds, and three files prove it without a network', async () => {
  const { record, receiptHash } = await until(detail, (one) => one.record?.entry != null)
  expect(record.entry).not.toBeNull()
  const out = join(folder, 'proof')
  const proven = await sluice('prove', flagged, '--out', out, '--admin', admin)
  expect(proven).toMatchObject({ code: 0 })
  const read = (name: string) => readFileSync(join(out, name))
  const entry = read(`${record.entry}.entry`)
  const policy = parsePolicy(sha256, read(`${record.entry}.policy`).toString())
  const proof = read(`${record.entry}.tlog-proof`).toString()
  expect(verifyProof(proof, leafHash(sha256, entry), policy, CRYPTO)).toMatchObject({ kind: 'proven' })
  const { k, about, h, d } = parseEntry(entry)
  expect({ k, about, h }).toEqual({ k: 'decision', about: flagged, h: receiptHash })
  expect(d).toMatchObject({ action: 'flag', mode: 'enforce', asked: 'm', exchange: expect.stringMatching(/^hmac/) })
  expect(`sha256:${Buffer.from(sha256(read(`${flagged}.receipt.json`))).toString('hex')}`).toBe(receiptHash)
  expect(entry.toString()).not.toMatch(/marked|rivers|default/)
})

test('every change of state is an entry, people are pseudonyms, and the folder verifies', async () => {
  await post('/api/mode', { mode: 'observe', by: 'Jane Doe', reason: 'a look' })
  const made = (await (await post('/api/keys', { name: 'one' })).json()) as { id: string }
  await fetch(`${admin}/api/keys/${made.id}`, { method: 'DELETE' })
  const entries = () =>
    json<{ index: number; entry: { k: string; who: string; d: Record<string, unknown> } }[]>('/api/record/entries')
  const told = (await until(entries, (all) => all.filter(({ entry }) => entry.k === 'key').length >= 2)).map(
    ({ entry: { k, d } }) => `${k} ${String(d.move ?? d.action)}`,
  )
  expect(told).toEqual(
    expect.arrayContaining(['safeguard ship', 'safeguard mode', 'key made', 'key revoked', 'decision flag']),
  )
  expect(JSON.stringify(await entries())).not.toContain('Jane')
  const { size } = await json<RecordStatus>('/api/record')
  const verdict = await until(verified, (one) => one.kind === 'verified' && one.size >= size)
  expect(verdict).toMatchObject({ kind: 'verified', origin: 'log.example/whole' })
  const command = await sluice('verify', join(running.folder, 'record'))
  expect(command).toMatchObject({ code: 0, out: expect.stringContaining('entries of log.example/whole') })
  const shown = await sluice('show', '0', '--dir', join(running.folder, 'record'))
  expect(shown.out).toMatch(/^0 {2}\{"v":1,/)
  expect((await sluice('key', '--admin', admin)).out).toMatch(/^log log\.example\/whole\+[0-9a-f]{8}\+/)
})

test('anybody reads the files at the gateway, each as what it is, and nothing beside them', async () => {
  const get = (path: string) => fetch(running.facts.gatewayUrl + path)
  const checkpoint = await get('/record/checkpoint')
  expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(checkpoint.headers.get('cache-control')).toBe('max-age=5')
  const size = Number((await checkpoint.text()).split('\n')[1])
  const tile = await get(`/record/tile/entries/000.p/${size}`)
  expect(tile.headers.get('content-type')).toBe('application/octet-stream')
  expect(tile.headers.get('cache-control')).toContain('immutable')
  for (const path of ['..%2fkeys%2fmaster', 'tile/0/1', '.', '', '0', 'checkpoint.tmp', 'documents/ab/x'])
    expect([400, 404]).toContain((await get(`/record/${path}`)).status)
  expect(
    (await fetch(`${running.facts.gatewayUrl}/witness/add-checkpoint`, { method: 'POST', body: 'x' })).status,
  ).toBe(404)
})

test('RC-8: after its key is destroyed what an organisation said is gone, and new content is kept again', async () => {
  await until(detail, (one) => one.content !== null)
  expect((await detail()).content).not.toBeNull()
  const shred = (...more: string[]) => sluice('shred', 'default', '--ground', 'on request', '--admin', admin, ...more)
  expect(await shred()).toMatchObject({ code: 2 })
  expect((await detail()).content).not.toBeNull()
  expect(await shred('--confirm', 'default')).toMatchObject({ code: 0, out: expect.stringContaining('is destroyed') })
  expect((await detail()).content).toBeNull()
  expect((await detail()).verified).toEqual({ hash: true, recomputed: true })
  flagged = await ask('Say the marked word again')
  expect((await until(detail, (one) => one.content != null)).content).not.toBeNull()
  expect(await verified()).toMatchObject({ kind: 'verified' })
})

test('a tool that shares no code with it says the same, of the folder and of one proof', async () => {
  const tool = (...args: string[]) => spawnSync(process.execPath, ['sluice-verify.mjs', ...args], { encoding: 'utf8' })
  const folderOf = join(running.folder, 'record')
  const whole = await until(
    async () => tool(folderOf, '--policy', join(folderOf, 'log.policy')),
    ({ status }) => status === 0,
  )
  expect(whole.stdout + whole.stderr).toContain('log.example/whole')
  expect(whole.status).toBe(0)
  const out = join(folder, 'one')
  await sluice('prove', '0', '--out', out, '--dir', folderOf)
  const one = tool(join(out, '0.tlog-proof'))
  expect({ status: one.status, out: one.stdout + one.stderr }).toMatchObject({ status: 0 })
})
