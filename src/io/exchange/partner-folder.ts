import { join } from 'node:path'
import type { Level } from '../../core/jailbreaks/exchange/tlp.ts'
import type { LevelState, PartnerStore } from '../../jobs/feed/ports.ts'
import { readWhole, writeWhole } from './whole-file.ts'

const MOST_FILE_BYTES = 64 * 1024 * 1024

/**
 * One partner below `SLUICE_DATA/feeds`: `mirror/` is a byte copy of its feed that any tool can verify, `state/` where
 * each log stands, `evidence/` what proves that one misbehaved.
 *
 * Files and not the store: the copy is what third parties can check, so it must be files anyway; and state beside it in
 * a database would be a second truth that can be restored to another day than the first.
 */
export function partnerFolder(folder: string): PartnerStore & { readonly mirror: string } {
  const mirror = join(folder, 'mirror')
  const statePath = (level: Level) => join(folder, 'state', `${level}.json`)
  return {
    mirror,
    read: (path) => readWhole(join(mirror, path), MOST_FILE_BYTES),
    write: (path, bytes) => writeWhole(join(mirror, path), bytes, false),
    async state(level) {
      const bytes = await readWhole(statePath(level), MOST_FILE_BYTES)
      // Written by this program, whole or not at all.
      return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as LevelState)
    },
    saveState: (level, state) => writeWhole(statePath(level), new TextEncoder().encode(JSON.stringify(state)), true),
    async keepEvidence(name, bytes) {
      const path = join(folder, 'evidence', name)
      if ((await readWhole(path, MOST_FILE_BYTES)) === null) await writeWhole(path, bytes, true)
    },
  }
}
