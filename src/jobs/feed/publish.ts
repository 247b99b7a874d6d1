import { hex, sameBytes } from '../../core/base/bytes.ts'
import { CodedError } from '../../core/base/errors.ts'
import { utf8Bytes, utf8Text } from '../../core/base/utf8.ts'
import { type PayloadKind, payloadType } from '../../core/jailbreaks/exchange/payload-types.ts'
import {
  MOST_OBJECT_BYTES,
  type ObjectType,
  type Pointer,
  parsePointer,
  pointerText,
} from '../../core/jailbreaks/exchange/pointer.ts'
import type { Tools } from '../../core/jailbreaks/exchange/root-chain.ts'
import { modifiedOf, semanticFault, type TravellingObject } from '../../core/jailbreaks/exchange/semantics.ts'
import { timeMs, timeText } from '../../core/jailbreaks/exchange/time.ts'
import { type Level, tlpOf } from '../../core/jailbreaks/exchange/tlp.ts'
import { type Checkpoint, checkpointBody, openCheckpoint, parseCheckpointBody } from '../../core/record/checkpoint.ts'
import { type EnvelopeSigner, signEnvelope } from '../../core/record/dsse.ts'
import { formatNote, parseNote, signNote } from '../../core/record/note.ts'
import { TILE_WIDTH } from '../../core/record/tile.ts'
import { leafHash, treeRoot } from '../../core/record/tree.ts'
import { objectPath } from './apply-objects.ts'
import type { OwnFeed } from './ports.ts'
import { logFiles, readEntries, readLeaves } from './read-log.ts'

/** Something that must not be published as it is. `code` is a fault of the object, or of the feed. */
export class PublishError extends CodedError<
  'schema' | 'object' | 'not_newer' | 'repeated_id' | 'too_large' | 'feed_damaged' | 'would_fork'
> {}

/** Objects written at once. */
const AT_ONCE = 16

/** Keys of one's own feed. */
export interface FeedSigners {
  readonly publisher: EnvelopeSigner
  readonly evaluator: EnvelopeSigner
  readonly log: EnvelopeSigner
}

export interface PublishPorts {
  readonly feed: OwnFeed
  readonly signers: FeedSigners
  readonly tools: Tools
  readonly publisher: string
  nowMs(): number
  /** Strictest level at which an object is known here, one's own included. */
  knownAt(publisher: string, id: string): Level | null
}

/** An object as its author writes it. `id` may be left out of a statement: the next free number is taken. */
export interface Authored {
  readonly type: ObjectType
  readonly object: Readonly<Record<string, unknown>>
}

export interface Published {
  readonly level: Level
  readonly origin: string
  readonly from: number
  readonly size: number
  /** Hex. */
  readonly root: string
  readonly pointers: readonly Pointer[]
}

/**
 * Signs objects and appends pointers to them to the log of one level: objects, then tiles and bundles, then the
 * checkpoint. Append-only: before anything is signed, what is there must be what was signed last. A run that stops in
 * between leaves files that no checkpoint names, and the next one writes over them.
 */
export async function publish(level: Level, authored: readonly Authored[], ports: PublishPorts): Promise<Published> {
  const { feed, signers, tools } = ports
  const prefix = `${level}/`
  const log = await ownLog(level, ports)
  const pointersBefore = log.entries.map((entry) => parsePointer(utf8Text(entry) ?? '')!)
  const newest = new Map(pointersBefore.map((pointer) => [pointer.id, pointer]))
  const files: { pointer: Pointer; file: Uint8Array }[] = []
  for (const one of authored) {
    const made = signed(level, one, newest, ports)
    if (made === null) continue
    newest.set(made.pointer.id, made.pointer)
    files.push(made)
  }
  const origin = signers.log.key.name
  for (let i = 0; i < files.length; i += AT_ONCE)
    await Promise.all(
      files.slice(i, i + AT_ONCE).map(({ pointer, file }) => feed.write(objectPath(prefix, pointer.sha256), file)),
    )
  const entries = files.map(({ pointer }) => utf8Bytes(pointerText(pointer)))
  const leaves = [...log.leaves, ...entries.map((entry) => leafHash(tools.sha256, entry))]
  const checkpoint = { origin, size: leaves.length, root: treeRoot(tools.sha256, leaves) }
  const firstEntry = Math.floor(log.leaves.length / TILE_WIDTH) * TILE_WIDTH
  const all = [...log.entries.slice(firstEntry), ...entries]
  for (const { path, bytes } of logFiles(tools.sha256, log.leaves.length, leaves, all))
    await feed.write(prefix + path, bytes)
  const pointers = [...pointersBefore, ...files.map(({ pointer }) => pointer)]
  if (files.length > 0 || !log.published) await sign(level, checkpoint, pointers, ports)
  const published = files.map(({ pointer }) => pointer)
  return {
    level,
    origin,
    from: log.leaves.length,
    size: leaves.length,
    root: hex(checkpoint.root),
    pointers: published,
  }
}

/** Signed and kept before it is shown: a checkpoint that somebody may have seen is never contradicted. */
async function sign(
  level: Level,
  checkpoint: Checkpoint,
  pointers: readonly Pointer[],
  ports: PublishPorts,
): Promise<void> {
  const { feed, signers } = ports
  const text = checkpointBody(checkpoint)
  const note = formatNote({ text, signatures: [signNote(text, signers.log.key, signers.log.sign)] })
  await feed.saveSigned(level, note)
  await feed.write(`${level}/changes.csv`, utf8Bytes(changesCsv(pointers)))
  await feed.write(`${level}/checkpoint`, utf8Bytes(note))
}

/** For people and simple mirrors; never trusted. */
function changesCsv(pointers: readonly Pointer[]): string {
  return [...pointers]
    .reverse()
    .map(({ id, modified, sha256 }) => `${id},${modified},${sha256}\n`)
    .join('')
}

interface OwnLog {
  readonly leaves: readonly Uint8Array[]
  readonly entries: readonly Uint8Array[]
  /** False where the last signed checkpoint is not the one that is served. */
  readonly published: boolean
}

/**
 * The log as it was signed last, proven from its own tiles.
 * @throws {PublishError} `feed_damaged`; `would_fork`: the folder is an older copy, or another's.
 */
async function ownLog(level: Level, { feed, signers, tools }: PublishPorts): Promise<OwnLog> {
  const last = await feed.lastSigned(level)
  const served = await feed.read(`${level}/checkpoint`)
  if (last === null) {
    if (served !== null)
      throw new PublishError('would_fork', `${level}: this folder has a checkpoint that these keys never signed`)
    return { leaves: [], entries: [], published: false }
  }
  const signedLast = parseCheckpointBody(parseNote(utf8Bytes(last)).text)
  const prefix = `${level}/`
  const read = (path: string) => feed.read(path)
  try {
    const leaves = await readLeaves(read, prefix, 0, signedLast.size)
    if (!sameBytes(treeRoot(tools.sha256, leaves), signedLast.root))
      throw new PublishError('would_fork', `${level}: its tiles are not those of the checkpoint that was signed last`)
    const entries = await readEntries(read, prefix, 0, leaves, tools.sha256)
    const policy = { logs: [{ key: signers.log.key, url: null }], witnesses: [], groups: [], quorum: null }
    const opened = served === null ? null : openCheckpoint(served, policy, tools.verify)
    const published = opened?.kind === 'verified' && opened.checkpoint.size === signedLast.size
    return { leaves, entries, published }
  } catch (cause) {
    if (cause instanceof PublishError) throw cause
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new PublishError('feed_damaged', `${level}: ${text}; restore the folder from a mirror`, { cause })
  }
}

/** @returns null where exactly this is published already. */
function signed(
  level: Level,
  { type, object: given }: Authored,
  newest: ReadonlyMap<string, Pointer>,
  ports: PublishPorts,
): { pointer: Pointer; file: Uint8Array } | null {
  const object = completed(level, type, given, newest, ports)
  const wrong = ports.tools.schemaFault(type, object)
  if (wrong !== null) throw new PublishError('schema', wrong)
  // The schema gives the same members as the type.
  const travelling = { type, object } as unknown as TravellingObject
  const { id } = travelling.object
  const modified = modifiedOf(travelling)
  const signer = type === 'panel' ? ports.signers.evaluator : ports.signers.publisher
  const kind: PayloadKind = type
  const file = utf8Bytes(signEnvelope(payloadType(kind), utf8Bytes(JSON.stringify(object)), [signer]))
  if (file.length > MOST_OBJECT_BYTES)
    throw new PublishError('too_large', `${id}: more than ${MOST_OBJECT_BYTES} bytes`)
  const pointer: Pointer = { t: type, id, modified, sha256: hex(ports.tools.sha256(file)), len: file.length }
  const fault = semanticFault(travelling, pointer, {
    ...{ publisher: ports.publisher, level, nowMs: ports.nowMs() },
    knownAt: (publisher, about) => ports.knownAt(publisher, about),
  })
  if (fault !== null) throw new PublishError('object', `${id}: ${fault.detail}`)
  const before = newest.get(id)
  if (before?.sha256 === pointer.sha256) return null
  if (before !== undefined && before.t !== type) throw new PublishError('repeated_id', `${id} is a ${before.t} here`)
  if (before !== undefined && timeMs(before.modified)! >= timeMs(modified)!)
    throw new PublishError('not_newer', `${id}: \`modified\` must be later than ${before.modified}`)
  return { pointer, file }
}

/** What the author need not write: whose it is, and at which level; of a statement its number, and who says it. */
function completed(
  level: Level,
  type: ObjectType,
  given: Readonly<Record<string, unknown>>,
  newest: ReadonlyMap<string, Pointer>,
  ports: PublishPorts,
): Readonly<Record<string, unknown>> {
  const tlp = { tlp: given.tlp ?? tlpOf(level) }
  if (type === 'record') return { ...given, ...tlp, publisher: given.publisher ?? ports.publisher }
  if (type !== 'statement') return { ...given, ...tlp }
  const at = given.at ?? timeText(ports.nowMs())
  const year = typeof at === 'string' ? at.slice(0, 4) : '0000'
  return { ...given, id: given.id ?? nextId(`STM-${year}-`, newest), by: given.by ?? ports.publisher, at, ...tlp }
}

function nextId(head: string, newest: ReadonlyMap<string, Pointer>): string {
  const numbers = [...newest.keys()].filter((id) => id.startsWith(head)).map((id) => Number(id.slice(head.length)))
  return `${head}${String(Math.max(0, ...numbers) + 1).padStart(6, '0')}`
}
