import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collateralContract } from '../../../test/fakes/collateral-contract.ts'
import { openSqlite } from './open-store.ts'

collateralContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-replay-'))
  return {
    store: await openSqlite(join(folder, 'sluice.db')),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
})
