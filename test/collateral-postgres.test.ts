import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe, test } from 'vitest'
import { openPostgres } from '../src/io/store/open-store.ts'
import { collateralContract } from './fakes/collateral-contract.ts'

const url = process.env.DATABASE_URL

if (url === undefined)
  describe('replay and reports on PostgreSQL', () => {
    test.skip('PostgreSQL suite did not run: set DATABASE_URL', () => undefined)
  })
else
  collateralContract('PostgreSQL', async () => {
    const schema = `sluice_test_${randomBytes(6).toString('hex')}`
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`create schema ${schema}`)
    const remove = async () => {
      await client.query(`drop schema ${schema} cascade`)
      await client.end()
    }
    return { store: await openPostgres(url, schema), remove }
  })
