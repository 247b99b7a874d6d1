import { join } from 'node:path'
import type { OwnFeed } from '../../jobs/feed/ports.ts'
import { readWhole, writeWhole } from './whole-file.ts'

const MOST_FILE_BYTES = 64 * 1024 * 1024

/** The folder that partners read, and beside the keys what was signed for it last. */
export function ownFeedFolder(folder: string, keys: string): OwnFeed {
  const signedPath = (level: string) => join(keys, `${level}.signed`)
  return {
    read: (path) => readWhole(join(folder, path), MOST_FILE_BYTES),
    // What a checkpoint will point to is hashed, so a lost file is seen; what must survive is the checkpoint.
    write: (path, bytes) => writeWhole(join(folder, path), bytes, !path.includes('/objects/')),
    async lastSigned(level) {
      const bytes = await readWhole(signedPath(level), MOST_FILE_BYTES)
      return bytes === null ? null : new TextDecoder().decode(bytes)
    },
    saveSigned: (level, note) => writeWhole(signedPath(level), new TextEncoder().encode(note), true, 0o600),
  }
}
