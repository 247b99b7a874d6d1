import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hex } from '../../../core/base/bytes.ts'
import type { Checkpoint } from '../../../core/record/checkpoint.ts'
import type { RecordStatus } from '../../record-admin.ts'
import { ApiFault, request } from '../api.ts'
import { checkEntry } from './check-entry.ts'
import { type Continuity, continuityOf, keepsHead, type Seen } from './continuity.ts'
import { openEd25519 } from './ed25519.ts'
import { type Head, readHead } from './head.ts'
import { type LogFiles, tileReader } from './log-files.ts'
import { lookBack } from './look-back.ts'
import type { RecordSearch } from './search.ts'
import { keepSeen, seenCheckpoints } from './seen.ts'
import { sha256 } from './sha256.ts'

/** Asked for again each time: a file that was changed behind its name is to be seen. */
async function read(path: string): Promise<Uint8Array | null> {
  let response: Response
  try {
    response = await fetch(`/record/${path}`, { cache: 'no-cache' })
  } catch (cause) {
    throw Object.assign(new ApiFault(0, 'unreachable', 'no answer', ''), { cause })
  }
  if (response.status === 404) return null
  if (!response.ok) throw new ApiFault(response.status, 'unreadable', `status ${response.status}`, '')
  return new Uint8Array(await response.arrayBuffer())
}

let ed25519: ReturnType<typeof openEd25519> | undefined

async function files(): Promise<LogFiles> {
  ed25519 ??= openEd25519()
  return { read, sha256, verify: await ed25519 }
}

/** The checkpoint as it is now, beside the one that this browser saw before this page was opened. */
export interface CheckedHead {
  readonly head: Head
  /** Null where the checkpoint cannot be read. */
  readonly continuity: Continuity | null
}

/** What was kept when this page was opened, by origin: later looks compare with that, too. */
const atStart = new Map<string, Seen | null>()

export const recordHeadQuery = queryOptions({
  queryKey: ['record', 'head'],
  queryFn: checkedHead,
  refetchInterval: 15_000,
  // Another look at the same checkpoint is the same value, bytes included: nothing below is computed again.
  structuralSharing: false,
})

async function checkedHead(): Promise<CheckedHead | null> {
  const all = await files()
  // Before the checkpoint is asked for: another tab may keep a newer one in between, and this one would look like a step back.
  const seen = seenCheckpoints()
  const head = await readHead(all)
  if (head === null) return null
  const { checkpoint } = head
  if (checkpoint === null) return { head, continuity: null }
  const { origin } = checkpoint
  const last = seen[origin] ?? null
  if (!atStart.has(origin)) atStart.set(origin, last)
  const start = atStart.get(origin) ?? null
  const tiles = tileReader(all)
  const whole = { ...head, checkpoint }
  const now = await continuityOf(whole, last, all, tiles)
  if (keepsHead(head, now)) {
    keepSeen(checkpoint, { note: head.note, policy: head.policy, atMs: Date.now() })
    return { head, continuity: await continuityOf(whole, start, all, tiles) }
  }
  return { head, continuity: now }
}

export function entriesQuery(checkpoint: Checkpoint, search: RecordSearch) {
  return queryOptions({
    queryKey: ['record', 'entries', checkpoint.size, hex(checkpoint.root), search],
    queryFn: async () => {
      const all = await files()
      return lookBack(sha256, checkpoint, tileReader(all), search)
    },
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  })
}

export function entryQuery(checkpoint: Checkpoint, index: number) {
  return queryOptions({
    queryKey: ['record', 'entry', checkpoint.size, hex(checkpoint.root), index],
    queryFn: async () => checkEntry(sha256, index, checkpoint, tileReader(await files())),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  })
}

/** The document that an entry names, if it is at hand, and whether its bytes are those that are named. */
export function documentQuery(name: string) {
  return queryOptions({
    queryKey: ['record', 'document', name],
    queryFn: async () => {
      const bytes = await read(documentPath(name))
      return bytes === null ? null : { length: bytes.length, same: hex(sha256(bytes)) === digitsOf(name) }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Below `/record/`. */
export function documentPath(name: string): string {
  const digits = digitsOf(name)
  return `documents/${digits.slice(0, 2)}/${digits}`
}

export const recordStatusQuery = queryOptions({
  queryKey: ['record', 'status'],
  queryFn: () => request<RecordStatus>('/api/record'),
  refetchInterval: 15_000,
})

/** Of `sha256:…`. */
function digitsOf(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
