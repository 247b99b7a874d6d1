import { hex } from '../core/base/bytes.ts'
import { checkpointBody } from '../core/record/checkpoint.ts'
import { hashName, sequenced } from '../core/record/draft.ts'
import { entryBytes } from '../core/record/entry.ts'
import { type Edge, EMPTY_EDGE, edgeRoot, edgeTiles, grow, nodesOfGrown } from '../core/record/grow.ts'
import { formatNote, signNote } from '../core/record/note.ts'
import { RecordError } from '../core/record/record-error.ts'
import { hashesOf } from '../core/record/tile.ts'
import { consistencyPath, leafHash, pathHashes } from '../core/record/tree.ts'
import { verifyConsistency } from '../core/record/tree-proof.ts'
import { assertContinues, bodyOf } from './published.ts'
import type { LogHead, SealedEntry, SealPorts, WaitingDraft } from './record-ports.ts'

const MOST_ENTRIES = 1000
/** Longer than any pause of a process that lives, short enough that another one takes over. */
const LOCK_MS = 15_000

export interface RecordSealer {
  /** Gives waiting drafts their place. @returns how many entries are new. */
  sealOnce(): Promise<number>
}

/**
 * Gives drafts their place: entries, tiles and a signed checkpoint in one transaction, under a lock whose token is
 * checked in that write. Signs nothing that does not continue what was signed before.
 */
export function createRecordSealer(ports: SealPorts): RecordSealer {
  const { store, sha256, log, holder } = ports
  /** As this sealer left the log; read anew when somebody else has grown it. */
  let edge: Edge | null = null

  async function sealOnce(): Promise<number> {
    let sealed = 0
    for (;;) {
      const nowMs = ports.nowMs()
      const token = await store.lockRecord(holder, nowMs, nowMs + LOCK_MS)
      if (token === null) return sealed
      const drafts = await store.drafts(MOST_ENTRIES)
      const head = await store.logHead()
      // An empty log is signed once: a reader finds it before anything has happened.
      if (drafts.length === 0 && head !== null) return sealed
      if (!(await sealBatch(token, drafts, head))) {
        edge = null
        return sealed
      }
      sealed += drafts.length
      if (drafts.length < MOST_ENTRIES) return sealed
    }
  }

  async function sealBatch(token: number, drafts: readonly WaitingDraft[], head: LogHead | null): Promise<boolean> {
    const before = edge !== null && edge.size === (head?.size ?? 0) ? edge : await readEdge(head)
    // The record clock: never set back.
    const atMs = Math.max(ports.nowMs(), head?.atMs ?? 0)
    const entries = await entriesOf(drafts, before.size, new Date(atMs).toISOString())
    const grown = grow(
      sha256,
      before,
      entries.map(({ leaf }) => leaf),
    )
    const after = { size: grown.edge.size, root: edgeRoot(sha256, grown.edge) }
    if (head !== null) {
      const signed = bodyOf(head.checkpoint)
      const proof = pathHashes(sha256, consistencyPath(signed.size, after.size), nodesOfGrown(sha256, before, grown))
      if (!verifyConsistency(sha256, proof, signed, after))
        throw new RecordError(
          'inconsistent',
          `the log at ${after.size} does not continue the one signed at ${signed.size}`,
        )
    }
    const text = checkpointBody({ origin: log.key.name, ...after })
    const checkpoint = formatNote({ text, signatures: [signNote(text, log.key, log.sign)] })
    const written = await store.sealBatch({
      ...{ token, before: before.size, entries, tiles: grown.tiles },
      head: { size: after.size, checkpoint, atMs: entries.length === 0 ? (head?.atMs ?? 0) : atMs },
      day: new Date(atMs).toISOString().slice(0, 10),
      drafts: drafts.map(({ seq }) => seq),
    })
    if (written) edge = grown.edge
    return written
  }

  /** The edge as it is stored. @throws {RecordError} `inconsistent`: it is not what was signed. */
  async function readEdge(head: LogHead | null): Promise<Edge> {
    await assertContinues(await ports.published(), head?.checkpoint ?? null, store, sha256)
    if (head === null) return EMPTY_EDGE
    const levels = await Promise.all(
      edgeTiles(head.size).map(async ({ level, n, width }) => {
        const tile = width === 0 ? null : await store.hashTile(level, n, width)
        return tile === null ? [] : hashesOf(tile)
      }),
    )
    const read = { size: head.size, levels }
    const signed = bodyOf(head.checkpoint)
    if (signed.size !== read.size || hex(signed.root) !== hex(edgeRoot(sha256, read)))
      throw new RecordError('inconsistent', `the stored tiles are not those of the log signed at ${signed.size}`)
    return read
  }

  async function entriesOf(drafts: readonly WaitingDraft[], size: number, at: string): Promise<readonly SealedEntry[]> {
    const entries: SealedEntry[] = []
    /** Entries of this batch are not stored yet, and may be answered within it. */
    const leaves = new Map<string, Uint8Array>()
    for (const { draft } of drafts) {
      const prev: string[] = []
      for (const name of draft.answers ?? []) {
        const leaf = leaves.get(`${name.k} ${name.about}`) ?? (await store.entryOf(name))?.leaf
        if (leaf !== undefined) prev.push(hashName(hex(leaf)))
      }
      const { k, about } = draft
      const bytes = entryBytes(sequenced(draft, at, prev))
      const leaf = leafHash(sha256, bytes)
      leaves.set(`${k} ${about}`, leaf)
      entries.push({ index: size + entries.length, leaf, bytes, k, about })
    }
    return entries
  }

  return { sealOnce }
}
