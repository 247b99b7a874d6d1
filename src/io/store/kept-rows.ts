import type { Kysely } from 'kysely'
import type { OrgId } from '../../core/base/ids.ts'
import type { SpooledReceipt } from '../../jobs/spool-ports.ts'
import type { Tables } from './schema.ts'

type Row = Tables['kept_objects']

/** Both databases bound a statement's parameters; a receipt may give many ids. */
const ROWS_PER_STATEMENT = 500
/** None that is longer is ever kept. */
const MOST_UNITS = 256

export function keptRows({ head: { org, atMs, gave = [] } }: SpooledReceipt): Row[] {
  return gave.map((id) => ({ id, org, at_ms: atMs }))
}

/** Who came first keeps what it has. */
export async function claimKept(db: Kysely<Tables>, rows: readonly Row[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT)
    await db
      .insertInto('kept_objects')
      .values(rows.slice(i, i + ROWS_PER_STATEMENT))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
}

export async function keptOf(db: Kysely<Tables>, org: OrgId, ids: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  // Callers name what they like; PostgreSQL has no text with U+0000.
  const likely = ids.filter((id) => id.length <= MOST_UNITS && !id.includes('\0'))
  for (let i = 0; i < likely.length; i += ROWS_PER_STATEMENT) {
    const some = likely.slice(i, i + ROWS_PER_STATEMENT)
    const rows = await db
      .selectFrom('kept_objects')
      .select('id')
      .where('id', 'in', some)
      .where('org', '=', org)
      .execute()
    found.push(...rows.map(({ id }) => id))
  }
  return found
}
