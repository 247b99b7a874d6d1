import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { DecisionDetail } from '../src/admin/contract.ts'
import { openPostgres } from '../src/io/store/open-store.ts'
import { guardContract } from './fakes/guard-contract.ts'
import { recordContract } from './fakes/record-contract.ts'
import { registryContract } from './fakes/registry-contract.ts'
import { releaseContract } from './fakes/release-contract.ts'
import { reviewContract } from './fakes/review-contract.ts'
import { storeContract } from './fakes/store-contract.ts'
import { startRunning } from './parts/running.ts'

const url = process.env.DATABASE_URL

if (url === undefined)
  describe('store on PostgreSQL', () => {
    test.skip('PostgreSQL suite did not run: set DATABASE_URL', () => undefined)
  })
else {
  const open = async () => {
    // A schema of its own per run: nothing of an earlier one can help or hurt.
    const schema = `sluice_test_${randomBytes(6).toString('hex')}`
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`create schema ${schema}`)
    const remove = async () => {
      await client.query(`drop schema ${schema} cascade`)
      await client.end()
    }
    return { store: await openPostgres(url, schema), remove }
  }
  storeContract('PostgreSQL', open)
  releaseContract('PostgreSQL', open)
  guardContract('PostgreSQL', open)
  reviewContract('PostgreSQL', open)
  recordContract('PostgreSQL', open)
  registryContract('PostgreSQL', open)

  test('the whole program runs on PostgreSQL, and starts again on what it stored', async () => {
    const database = `sluice_test_${randomBytes(6).toString('hex')}`
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`create database ${database}`)
    const own = new URL(url)
    own.pathname = `/${database}`
    const env = { DATABASE_URL: own.href, SLUICE_MODE: 'enforce' }
    try {
      const first = await startRunning({ env })
      const reply = await fetch(`${first.facts.gatewayUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Name three rivers"}]}',
      })
      const id = reply.headers.get('x-sluice-decision-id')
      await first.stop()
      const second = await startRunning({ env })
      const admin = second.facts.consoleUrl.replace('localhost', '127.0.0.1')
      const detail = (await (await fetch(`${admin}/api/decisions/${id}`)).json()) as DecisionDetail
      await second.stop()
      // The second start has another data folder, so another master key: receipts are there, content is not to be read.
      expect(detail.verified).toEqual({ hash: true, recomputed: true })
      expect(detail.content).toBeNull()
    } finally {
      await client.query(`drop database ${database} with (force)`)
      await client.end()
    }
  })

  test('a server that does not answer is an error that says so', async () => {
    await expect(openPostgres('postgres://postgres@127.0.0.1:1/test')).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })
}
