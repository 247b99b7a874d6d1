import { bytesOfAnyBase64 } from '../../core/base/base64.ts'
import { hex } from '../../core/base/bytes.ts'
import { strictJson } from '../../core/base/strict-json.ts'
import { utf8Text } from '../../core/base/utf8.ts'
import { type Pointer, parsePointer } from '../../core/jailbreaks/exchange/pointer.ts'
import { type Applied, keyOf } from '../../core/jailbreaks/exchange/record-view.ts'
import type { Tools } from '../../core/jailbreaks/exchange/root-chain.ts'
import type { TravellingObject } from '../../core/jailbreaks/exchange/semantics.ts'
import { isStricter, LEVELS, type Level } from '../../core/jailbreaks/exchange/tlp.ts'
import { entriesOf, TILE_WIDTH, tilePath } from '../../core/record/tile.ts'
import { objectPath } from './apply-objects.ts'
import type { LevelState, PartnerStore } from './ports.ts'

/** A pointer that was looked at, with its place. */
export interface Placed {
  readonly index: number
  readonly pointer: Pointer
}

/** Pointers of a level whose objects were applied, in order. Read from the copy, which was proven when it was made. */
export async function appliedPointers(
  read: PartnerStore['read'],
  level: Level,
  state: Pick<LevelState, 'done' | 'size' | 'quarantined' | 'pending'>,
): Promise<readonly Placed[]> {
  const skipped = new Set([...state.pending, ...state.quarantined.map(({ index }) => index)])
  const placed: Placed[] = []
  for (let n = 0; n * TILE_WIDTH < state.done; n++) {
    const width = Math.min(TILE_WIDTH, state.size - n * TILE_WIDTH)
    const bundle = await read(`${level}/${tilePath({ level: 'entries', n, width })}`)
    if (bundle === null) continue
    for (const [i, entry] of entriesOf(bundle).entries()) {
      const index = n * TILE_WIDTH + i
      if (index >= state.done || skipped.has(index)) continue
      const pointer = parsePointer(utf8Text(entry) ?? '')
      if (pointer !== null) placed.push({ index, pointer })
    }
  }
  return placed
}

/** Every object of one partner that was applied, at every level. One whose file was lost or changed is left out. */
export async function readApplied(
  publisher: string,
  store: Pick<PartnerStore, 'read' | 'state'>,
  tools: Pick<Tools, 'sha256'>,
): Promise<readonly Applied[]> {
  const applied: Applied[] = []
  for (const level of LEVELS) {
    const state = await store.state(level)
    if (state === null) continue
    for (const { index, pointer } of await appliedPointers(store.read, level, state)) {
      const file = await store.read(objectPath(`${level}/`, pointer.sha256))
      if (file === null || hex(tools.sha256(file)) !== pointer.sha256) continue
      const object = payloadOfVerified(file)
      // Checked by `checkObject` before it was applied, and the hash says that this is that file.
      if (object !== undefined)
        applied.push({
          ...({ type: pointer.t, object } as TravellingObject),
          publisher,
          level,
          index,
          sha256: pointer.sha256,
        })
    }
  }
  return applied
}

/** Strictest level at which each `publisher/id` is known. */
export async function knownLevels(
  partners: readonly { readonly name: string; readonly store: Pick<PartnerStore, 'read' | 'state'> }[],
): Promise<ReadonlyMap<string, Level>> {
  const known = new Map<string, Level>()
  for (const { name, store } of partners)
    for (const level of LEVELS) {
      const state = await store.state(level)
      if (state === null) continue
      for (const { pointer } of await appliedPointers(store.read, level, state)) {
        const key = keyOf(name, pointer.id)
        const before = known.get(key)
        if (before === undefined || isStricter(level, before)) known.set(key, level)
      }
    }
  return known
}

function payloadOfVerified(file: Uint8Array): unknown {
  const envelope = strictJson(utf8Text(file) ?? '') as { payload?: unknown } | undefined
  const bytes = typeof envelope?.payload === 'string' ? bytesOfAnyBase64(envelope.payload) : null
  return bytes === null ? undefined : strictJson(utf8Text(bytes) ?? '')
}
