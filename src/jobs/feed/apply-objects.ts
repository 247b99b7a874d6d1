import { hex } from '../../core/base/bytes.ts'
import { utf8Text } from '../../core/base/utf8.ts'
import { checkObject } from '../../core/jailbreaks/exchange/object-check.ts'
import { MOST_OBJECT_BYTES, type Pointer, parsePointer } from '../../core/jailbreaks/exchange/pointer.ts'
import type { Tools, TrustedRoot } from '../../core/jailbreaks/exchange/root-chain.ts'
import type { Place } from '../../core/jailbreaks/exchange/semantics.ts'
import type { Level } from '../../core/jailbreaks/exchange/tlp.ts'
import { type FeedSource, FeedSourceError, type LevelState, type PartnerStore, type Quarantined } from './ports.ts'
import { readEntries, readLeaves } from './read-log.ts'

/** Objects fetched at once, and between two times that progress is kept. */
const AT_ONCE = 16
const BETWEEN_SAVES = 512
/** What may be the carrier's fault and not the publisher's: looked at again at the next sync. */
const PASSING: ReadonlySet<string> = new Set(['length', 'hash'])

interface Applying {
  readonly level: Level
  readonly prefix: string
  readonly source: FeedSource
  readonly store: PartnerStore
  readonly chain: readonly TrustedRoot[]
  readonly place: Place
  readonly tools: Tools
}

/** Path of an object below its level. */
export function objectPath(prefix: string, sha256: string): string {
  return `${prefix}objects/${sha256.slice(0, 2)}/${sha256}.json`
}

/**
 * Fetches and checks what the new entries point to, what was not served before, and what arrived damaged. A bad object
 * is set aside with its reason, and the rest goes on. Progress is kept every few hundred objects.
 */
export async function applyObjects(start: LevelState, on: Applying): Promise<LevelState> {
  const again = [...start.pending, ...start.quarantined.filter(isPassing).map(({ index }) => index)]
  const fresh = Array.from({ length: start.size - start.done }, (_, i) => start.done + i)
  const wanted = [...again.sort((a, b) => a - b), ...fresh]
  if (wanted.length === 0) return start
  const pointers = await pointersFrom(wanted[0]!, start, on)
  let state = start
  for (let at = 0; at < wanted.length; at += BETWEEN_SAVES) {
    const some = wanted.slice(at, at + BETWEEN_SAVES)
    const looked: Looked[] = []
    for (let i = 0; i < some.length; i += AT_ONCE)
      looked.push(...(await allEnded(some.slice(i, i + AT_ONCE).map((index) => look(index, pointers(index), on)))))
    state = afterLooking(state, looked)
    await on.store.saveState(on.level, state)
  }
  return state
}

interface Looked {
  readonly index: number
  readonly result: 'applied' | 'pending' | Quarantined
}

async function look(index: number, entry: Uint8Array, on: Applying): Promise<Looked> {
  const text = utf8Text(entry)
  const pointer = text === null ? null : parsePointer(text)
  const aside = (reason: string, detail: string): Looked => ({
    index,
    result: { index, pointer, reason, detail, atMs: on.place.nowMs },
  })
  if (pointer === null) return aside('pointer', 'the entry is no pointer')
  if (pointer.len > MOST_OBJECT_BYTES) return aside('too_large', `more than ${MOST_OBJECT_BYTES} bytes`)
  const path = objectPath(on.prefix, pointer.sha256)
  const kept = await on.store.read(path)
  const file = kept !== null && isThe(kept, pointer, on.tools) ? kept : await fetched(path, pointer, on)
  if (file === 'too_large') return aside('length', `more than ${pointer.len} bytes`)
  if (file === null) return { index, result: 'pending' }
  const result = checkObject(file, pointer, { index, chain: on.chain, place: on.place, tools: on.tools })
  // The copy holds what was published, also what was published wrong; not what was damaged on the way.
  if (file !== kept && isThe(file, pointer, on.tools)) await on.store.write(path, file)
  return result.kind === 'accepted' ? { index, result: 'applied' } : aside(result.reason, result.detail)
}

function isThe(file: Uint8Array, pointer: Pointer, tools: Tools): boolean {
  return file.length === pointer.len && hex(tools.sha256(file)) === pointer.sha256
}

async function fetched(path: string, pointer: Pointer, on: Applying): Promise<Uint8Array | 'too_large' | null> {
  try {
    return await on.source.read(path, pointer.len)
  } catch (error) {
    if (error instanceof FeedSourceError && error.code === 'too_large') return 'too_large'
    throw error
  }
}

function afterLooking(state: LevelState, looked: readonly Looked[]): LevelState {
  const seen = new Set(looked.map(({ index }) => index))
  const aside = looked.flatMap(({ result }) => (typeof result === 'string' ? [] : [result]))
  const missing = looked.flatMap(({ index, result }) => (result === 'pending' ? [index] : []))
  return {
    ...state,
    done: Math.max(state.done, ...looked.map(({ index }) => index + 1)),
    quarantined: [...state.quarantined.filter(({ index }) => !seen.has(index)), ...aside],
    pending: [...state.pending.filter((index) => !seen.has(index)), ...missing],
  }
}

function isPassing({ reason }: Quarantined): boolean {
  return PASSING.has(reason)
}

/** Entries of the copy, which was proven before this; a file of it that is lost is fetched again. */
async function pointersFrom(first: number, state: LevelState, on: Applying): Promise<(index: number) => Uint8Array> {
  const read = async (path: string, mostBytes: number) =>
    (await on.store.read(path)) ?? (await on.source.read(path, mostBytes))
  const leaves = await readLeaves(read, on.prefix, 0, state.size)
  const entries = await readEntries(read, on.prefix, first, leaves, on.tools.sha256)
  return (index) => entries[index - first]!
}

/** All results, or the first failure once every one has ended: nothing is still being written when the lock is given back. */
async function allEnded<T>(running: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(running)
  return Promise.all(running)
}
