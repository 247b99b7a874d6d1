import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RecordStatus } from '../src/admin/record-admin.ts'
import { sha256, verifyEd25519 } from '../src/io/keys/ed25519.ts'
import { openFolder } from '../src/io/record/folder-reader.ts'
import { verifyRecord } from '../src/jobs/verify-record.ts'
import { type Running, startRunning } from './parts/running.ts'

const statusOf = async ({ facts }: Running): Promise<RecordStatus> =>
  (await fetch(`${facts.consoleUrl.replace('localhost', '127.0.0.1')}/api/record`)).json() as Promise<RecordStatus>

test('two instances: one cosigns what the other publishes, and the policy of its folder asks for that', async () => {
  const folders = ['log', 'witness'].map((name) => mkdtempSync(join(tmpdir(), `sluice-${name}-`)))
  const [ours, theirs] = folders as [string, string]
  const configured = (folder: string, yaml: string) => {
    writeFileSync(join(folder, 'sluice.yaml'), yaml)
    return startRunning({ folder, env: { SLUICE_CONFIG: join(folder, 'sluice.yaml') } })
  }
  const first = await configured(ours, '')
  const { key } = await statusOf(first)
  await first.stop()
  const partner = await configured(theirs, `record: {witness_for: [{key: '${key}'}]}\n`)
  const { witnessKey } = await statusOf(partner)
  const witness = `{name: p, key: '${witnessKey}', url: '${partner.facts.gatewayUrl}/witness'}`
  const log = await configured(ours, `record: {quorum: all, witnesses: [${witness}]}\n`)
  try {
    const verify = () => verifyRecord(openFolder(join(ours, 'record')), null, { sha256, verify: verifyEd25519 })
    let verdict = await verify()
    for (const end = Date.now() + 20_000; verdict.kind !== 'verified' && Date.now() < end; verdict = await verify())
      await new Promise((resolve) => setTimeout(resolve, 200))
    expect(verdict).toMatchObject({ kind: 'verified', witnesses: [witnessKey!.split('+')[0]] })
    expect((await statusOf(log)).witnesses).toHaveLength(1)
    expect(readFileSync(join(ours, 'record/log.policy'), 'utf8')).toContain('quorum witnesses')
  } finally {
    await Promise.all([log.stop(), partner.stop()])
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
