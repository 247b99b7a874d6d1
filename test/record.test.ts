import { expect, test } from 'vitest'
import { sha256, verifyEd25519 } from '../src/io/keys/ed25519.ts'
import { openFolder } from '../src/io/record/folder-reader.ts'
import { type RecordVerdict, verifyRecord } from '../src/jobs/verify-record.ts'
import { startRunning } from './parts/running.ts'

const CRYPTO = { sha256, verify: verifyEd25519 }

async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean, ms = 15_000): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const value = await ask()
    if (holds(value) || Date.now() > end) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function ask(url: string, content: string): Promise<string> {
  const reply = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content }] }),
  })
  await reply.text()
  return reply.headers.get('x-sluice-decision-id')!
}

test('what the gateway decides is in the record within seconds, and the folder verifies by itself', async () => {
  const running = await startRunning({ env: { SLUICE_MODE: 'enforce' } })
  try {
    await ask(running.facts.gatewayUrl, 'Name three rivers')
    const folder = openFolder(`${running.folder}/record`)
    const size = (verdict: RecordVerdict) => (verdict.kind === 'verified' ? verdict.size : 0)
    const verdict = await until(
      () => verifyRecord(folder, null, CRYPTO),
      (one) => size(one) > 0,
    )
    expect(verdict).toMatchObject({ kind: 'verified' })
  } finally {
    await running.stop()
  }
})
