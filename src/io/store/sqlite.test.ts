import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardContract } from '../../../test/fakes/guard-contract.ts'
import { recordContract } from '../../../test/fakes/record-contract.ts'
import { registryContract } from '../../../test/fakes/registry-contract.ts'
import { releaseContract } from '../../../test/fakes/release-contract.ts'
import { reviewContract } from '../../../test/fakes/review-contract.ts'
import { storeContract } from '../../../test/fakes/store-contract.ts'
import { openSqlite } from './open-store.ts'

const open = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'))
  return {
    store: await openSqlite(join(folder, 'sluice.db')),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}
storeContract('SQLite', open)
reviewContract('SQLite', open)
releaseContract('SQLite', open)
recordContract('SQLite', open)
registryContract('SQLite', open)
guardContract('SQLite', open)
