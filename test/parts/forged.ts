import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openOwnFeed, ownKeys } from '../../src/cli/own-feed.ts'
import { hex } from '../../src/core/base/bytes.ts'
import { utf8Bytes } from '../../src/core/base/utf8.ts'
import { type PayloadKind, payloadType } from '../../src/core/jailbreaks/exchange/payload-types.ts'
import { type Pointer, pointerText } from '../../src/core/jailbreaks/exchange/pointer.ts'
import type { Level } from '../../src/core/jailbreaks/exchange/tlp.ts'
import { checkpointBody, parseCheckpointBody } from '../../src/core/record/checkpoint.ts'
import { type EnvelopeSigner, signEnvelope } from '../../src/core/record/dsse.ts'
import { formatNote, parseNote, signNote } from '../../src/core/record/note.ts'
import { leafHash, treeRoot } from '../../src/core/record/tree.ts'
import { sha256 } from '../../src/io/keys/ed25519.ts'
import { readKeyFile } from '../../src/io/keys/key-file.ts'
import { objectPath } from '../../src/jobs/feed/apply-objects.ts'
import { logFiles, readEntries, readLeaves } from '../../src/jobs/feed/read-log.ts'
import type { Member } from './feeds.ts'

/** One object as a partner that does not check would publish it. */
export interface Forged {
  readonly pointer: Pointer
  readonly file: Uint8Array
}

/** An envelope of any text under any key, and a pointer to it. */
export function forged(
  member: Member,
  type: Pointer['t'],
  text: string,
  {
    kind = type,
    keys = ['publisher'],
    pointer = {},
  }: { kind?: PayloadKind; keys?: readonly string[]; pointer?: Partial<Pointer> } = {},
): Forged {
  const signers: EnvelopeSigner[] = keys.map((key) => readKeyFile(join(ownKeys(member.data), `${key}.key`)))
  const file = utf8Bytes(signEnvelope(payloadType(kind), utf8Bytes(text), signers))
  return pointing(file, type, text, pointer)
}

export function pointing(file: Uint8Array, t: Pointer['t'], text: string, more: Partial<Pointer> = {}): Forged {
  const found = (name: string) => new RegExp(`"${name}":"([^"]+)"`).exec(text)?.[1]
  const modified = found('modified') ?? found('at') ?? '2026-06-13T09:20:00Z'
  const pointer = { t, id: found('id') ?? 'X-1', modified, sha256: hex(sha256(file)), len: file.length, ...more }
  return { pointer, file }
}

/** Appends to the log of a member what its own program would not publish, and signs it. */
export async function append(member: Member, level: Level, ...objects: readonly Forged[]): Promise<void> {
  const { feed } = await openOwnFeed(member.data)
  const log = readKeyFile(join(ownKeys(member.data), `log-${level}.key`))
  const prefix = `${level}/`
  const last = parseCheckpointBody(parseNote(utf8Bytes((await feed.lastSigned(level))!)).text)
  const read = (path: string) => feed.read(path)
  const before = await readLeaves(read, prefix, 0, last.size)
  const entries = await readEntries(read, prefix, 0, before, sha256)
  for (const { pointer, file } of objects) await feed.write(objectPath(prefix, pointer.sha256), file)
  const fresh = objects.map(({ pointer }) => utf8Bytes(pointerText(pointer)))
  const leaves = [...before, ...fresh.map((entry) => leafHash(sha256, entry))]
  const first = Math.floor(before.length / 256) * 256
  for (const { path, bytes } of logFiles(sha256, before.length, leaves, [...entries.slice(first), ...fresh]))
    await feed.write(prefix + path, bytes)
  const text = checkpointBody({ origin: log.key.name, size: leaves.length, root: treeRoot(sha256, leaves) })
  const note = formatNote({ text, signatures: [signNote(text, log.key, log.sign)] })
  await feed.saveSigned(level, note)
  await feed.write(`${level}/checkpoint`, utf8Bytes(note))
}

export function fileOf(member: Member, path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(member.feed, path)))
}
