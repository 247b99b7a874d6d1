import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PartnerList } from '../src/admin/partner-contract.ts'
import { aRecord, type Coalition, coalition, type FileServer, type Member, serveFolder } from './parts/feeds.ts'
import { eventually, type Running, startRunning } from './parts/running.ts'
import { sluice } from './parts/sluice.ts'

let open: Coalition
let running: Running
let files: FileServer
let away: Server
let publisher: Member
let reader: Member
beforeAll(async () => {
  open = await coalition('partner-a', 'lab-b', 'partner-c', 'partner-d')
  const [a, b, c, d] = open.members as [Member, Member, Member, Member]
  ;[publisher, reader] = [a, b]
  await a.publish('clear', aRecord(1))
  await b.witness(a, Date.now())
  files = await serveFolder(a.feed)
  // One that takes every request and never answers, and one whose folder is not there.
  away = createServer(() => undefined)
  await new Promise<void>((done) => away.listen(0, '127.0.0.1', done))
  const { port } = away.address() as AddressInfo
  await b.pin(a, files.url, ['clear'])
  await b.pin(c, join(open.folder, 'not-mounted'), ['clear'])
  const config = join(open.folder, 'sluice.yaml')
  writeFileSync(config, 'feeds:\n  sync_s: 10\n')
  running = await startRunning({ folder: b.data, env: { SLUICE_CONFIG: config } })
  await b.pin(d, `http://127.0.0.1:${port}`, ['clear'])
})
afterAll(async () => {
  await running?.stop()
  await files?.close()
  away?.closeAllConnections()
  away?.close()
  open?.remove()
})

const admin = () => running.facts.consoleUrl.replace('localhost', '127.0.0.1')
const list = async () => (await (await fetch(`${admin()}/api/partners`)).json()) as PartnerList
const metrics = async () => (await fetch(`${admin()}/metrics`)).text()
const readOf = async (partner: string) => (await list()).reads.find((read) => read.partner === partner)

test('RX-8: whoever is pinned is read by a timer, into the record; what fails is a finding, and serving goes on', async () => {
  const seen = await eventually(async () => {
    const found = await list()
    return found.objects.length > 0 && found.reads.length >= 2 && found
  }, 30_000)
  expect(seen.objects).toMatchObject([{ publisher: 'partner-a', id: 'JRX-2026-000001' }])
  expect(seen.feeds.find(({ partner }) => partner === 'partner-a')).toMatchObject({ fresh: true, applied: 1 })
  expect(await readOf('partner-c')).toMatchObject({ failures: expect.any(Number), goodAtMs: null })
  const text = await metrics()
  expect(text).toContain('sluice_feed_fresh{partner="partner-a",level="clear"} 1')
  expect(text).toMatch(/sluice_feed_read_age_seconds\{partner="partner-a",level="clear"\} \d/)
  expect(text).toMatch(/sluice_feed_read_failures_total\{partner="partner-c",level="clear"\} [1-9]/)
  expect(text).toMatch(/sluice_feed_failing\{partner="partner-c",level="clear",outcome="\w+"\} 1/)
  const sync = await eventually(async () => {
    const rows = (await (await fetch(`${admin()}/api/record/entries`)).json()) as { entry: { k: string } }[]
    return rows.find(({ entry }) => entry.k === 'sync')?.entry
  }, 20_000)
  expect(sync).toMatchObject({ about: 'partner-a/clear', d: { size: 1, applied: 1 } })
})

test('what a partner publishes later arrives by itself, while another one never answers', async () => {
  await publisher.publish('clear', aRecord(2))
  await reader.witness(publisher, Date.now())
  await eventually(async () => (await list()).objects.length === 2, 60_000)
  const reply = await fetch(`${running.facts.gatewayUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Name three rivers"}]}',
  })
  expect(reply.status).toBe(200)
  await files.close()
  await eventually(async () => (await readOf('partner-a'))?.kind === 'unreachable', 60_000)
  const kept = (await list()).feeds.find(({ partner }) => partner === 'partner-a')
  expect(kept).toMatchObject({ applied: 2, fresh: true })
  expect(running.log()).toContain('feed.failing')
})

test('a stop does not wait for a partner that does not answer; a person may sync at any time', async () => {
  const env = { SLUICE_DATA: reader.data, SLUICE_CONFIG: join(open.folder, 'sluice.yaml') }
  const own = await sluice(['feed', 'sync', 'partner-c'], env)
  expect([own.code, own.stdout]).toEqual([0, expect.stringContaining('absent')])
  await eventually(async () => (await connections()) > 0, 60_000)
  const started = performance.now()
  await running.stop()
  expect(performance.now() - started).toBeLessThan(8000)
})
function connections(): Promise<number> {
  return new Promise((resolve, reject) =>
    away.getConnections((error, n) => (error === null ? resolve(n) : reject(error))),
  )
}
