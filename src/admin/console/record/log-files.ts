import type { Sha256 } from '../../../core/base/digest.ts'
import type { Tile } from '../../../core/record/tile.ts'
import { tilePath } from '../../../core/record/tile.ts'
import { type ReadTile, readTile } from '../../../jobs/prove-record.ts'
import type { VerifyLater } from './later.ts'

/** The record's files, and what they are checked with. */
export interface LogFiles {
  /** A file below `/record/`; null: there is none. */
  read(path: string): Promise<Uint8Array | null>
  readonly sha256: Sha256
  /** Null: this browser has no Ed25519. */
  readonly verify: VerifyLater | null
}

/** Reads tiles, each once. A new one for each look: what a server changes behind its name is to be seen. */
export function tileReader(files: Pick<LogFiles, 'read'>): ReadTile {
  const known = new Map<string, Promise<Uint8Array | null>>()
  return (tile: Tile) => {
    const path = tilePath(tile)
    const found = known.get(path) ?? readTile(files, tile)
    known.set(path, found)
    return found
  }
}
