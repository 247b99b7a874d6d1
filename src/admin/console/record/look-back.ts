import type { Sha256 } from '../../../core/base/digest.ts'
import { utf8Text } from '../../../core/base/utf8.ts'
import { RecordError } from '../../../core/record/record-error.ts'
import { entriesOf, TILE_WIDTH } from '../../../core/record/tile.ts'
import type { TreeHead } from '../../../core/record/tree-proof.ts'
import type { ReadTile } from '../../../jobs/prove-record.ts'
import { type CheckedEntry, checkEntry } from './check-entry.ts'
import type { RecordSearch } from './search.ts'

const MOST_ROWS = 50
/** Bundles that one look reads: about five thousand entries. */
const MOST_BUNDLES = 20

/** Entries, newest first, each proven; and how far back the look went. */
export interface LookedBack {
  readonly rows: readonly CheckedEntry[]
  /** All entries of [from, to) were looked at. */
  readonly from: number
  readonly to: number
}

/** The newest entries that fit. One whose bytes cannot be read fits every question: it is not passed over. */
export async function lookBack(
  sha256: Sha256,
  head: TreeHead,
  read: ReadTile,
  { kind, q, before }: RecordSearch,
): Promise<LookedBack> {
  const to = Math.min(head.size, before === undefined ? head.size : Number(before))
  const rows: CheckedEntry[] = []
  const asks = kind !== undefined || q !== undefined
  let from = to
  let bundles = 0
  let texts: readonly (string | null)[] | null = null
  while (from > 0 && rows.length < MOST_ROWS) {
    const index = from - 1
    if (asks && (index % TILE_WIDTH === TILE_WIDTH - 1 || texts === null)) {
      if (bundles === MOST_BUNDLES) break
      bundles += 1
      texts = await textsOf(Math.floor(index / TILE_WIDTH), head.size, read)
    }
    const text = texts?.[index % TILE_WIDTH] ?? null
    if (!asks || text === null || fits(text, kind, q)) rows.push(await checkEntry(sha256, index, head, read))
    from = index
  }
  return { rows, from, to }
}

async function textsOf(n: number, size: number, read: ReadTile): Promise<readonly (string | null)[]> {
  try {
    const bundle = await read({ level: 'entries', n, width: Math.min(TILE_WIDTH, size - n * TILE_WIDTH) })
    return bundle === null ? [] : entriesOf(bundle).map(utf8Text)
  } catch (error) {
    if (error instanceof RecordError) return []
    throw error
  }
}

function fits(text: string, kind: string | undefined, q: string | undefined): boolean {
  // The members stand in their order, so that the kind is the second.
  return (kind === undefined || text.startsWith(`{"v":1,"k":"${kind}",`)) && (q === undefined || text.includes(q))
}
