import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256, signingKey, verifyEd25519 } from '../../io/keys/ed25519.ts'
import { bytesOfHex, hex } from '../base/bytes.ts'
import { utf8Bytes, utf8Text } from '../base/utf8.ts'
import { follows, openCheckpoint, parseCheckpointBody } from './checkpoint.ts'
import { cosignedMessage } from './cosigned-message.ts'
import { openEnvelope, payloadOf, preAuthEncoding, signEnvelope } from './dsse.ts'
import { appended, EMPTY_FRONTIER, frontierRoot } from './frontier.ts'
import { cosignNote, formatNote, openNote, parseNote, signNote } from './note.ts'
import { formatVerifierKey, parseVerifierKey, verifierKey } from './note-key.ts'
import { formatProof, parseProof, verifyProof } from './offline-proof.ts'
import { bundleOf, entriesOf, newTiles, parseTilePath, tilePath } from './tile.ts'
import { consistencyPath, inclusionPath, leafHash, nodesOver, pathHashes, treeRoot } from './tree.ts'
import { verifyConsistency, verifyInclusion } from './tree-proof.ts'
import { formatPolicy, parsePolicy } from './witness-policy.ts'

/** The frozen vectors: the format itself. */
const VECTORS = JSON.parse(readFileSync('docs/formats/exchange-vectors.json', 'utf8'))
const CRYPTO = { sha256, verify: verifyEd25519 }
const bytes = (text: string) => bytesOfHex(text)!
interface EnvelopeVector {
  readonly envelope: unknown
  readonly trusted: readonly string[]
  readonly threshold: number
  readonly expect: string
  readonly reason?: string
  readonly parse?: string
}
const hexes = (hashes: readonly Uint8Array[]) => hashes.map(hex)

test.each(Object.entries<Record<string, string>>(VECTORS.keys))('keys: %s', (_name, vector) => {
  const key = signingKey(bytes(vector.seedHex!))
  expect(hex(key.publicKey)).toBe(vector.publicKeyHex)
  const type = Number(vector.signatureType) === 4 ? 'cosignature' : 'note'
  const made = verifierKey(sha256, vector.name!, type, key.publicKey)
  expect(made.id).toBe(vector.keyId)
  expect(formatVerifierKey(made)).toBe(vector.vkey)
  expect(parseVerifierKey(sha256, vector.vkey!)).toEqual(made)
})

test('envelope: what is signed counts bytes, whatever the script', () => {
  for (const { payloadType, bodyUtf8, paeUtf8, paeHex } of VECTORS.pae)
    expect(hex(preAuthEncoding(payloadType, utf8Bytes(bodyUtf8)))).toBe(paeHex ?? hex(utf8Bytes(paeUtf8)))
})

test.each<{ name: string }>(VECTORS.dsse)('envelope: $name', (vector) => {
  const { envelope, trusted, threshold, expect: wanted, reason, parse } = vector as never as EnvelopeVector
  const keys = trusted.map((name) => parseVerifierKey(sha256, VECTORS.keys[name].vkey))
  const opened = openEnvelope(JSON.stringify(envelope), { keys, threshold }, verifyEd25519)
  expect(opened.kind === 'verified' ? 'accept' : 'reject').toBe(wanted)
  if (opened.kind === 'rejected') return expect(opened.reason).toBe(reason)
  const read = () => payloadOf(opened)
  return parse === 'reject' ? expect(read).toThrow('payload') : expect(read()).toBeTypeOf('object')
})

test('envelope: what is signed here is what the vector holds', () => {
  const { envelope } = VECTORS.dsse[0]
  const { seedHex, vkey } = VECTORS.keys['lab-a']
  const signer = { key: parseVerifierKey(sha256, vkey), sign: signingKey(bytes(seedHex)).sign }
  const body = Buffer.from(envelope.payload, 'base64')
  expect(JSON.parse(signEnvelope(envelope.payloadType, body, [signer]))).toEqual(envelope)
})

test.each<{ vkey: string; note: string; expect: string; reason?: string }>(VECTORS.note)(
  'note: $expect $reason',
  ({ vkey, note, expect: wanted, reason }) => {
    const open = () => openNote(utf8Bytes(note), [parseVerifierKey(sha256, vkey)], verifyEd25519)
    if (reason === 'vkey_id_mismatch') return expect(open).toThrow('its id is')
    return expect(open()).toMatchObject(wanted === 'accept' ? { kind: 'verified' } : { kind: 'rejected', reason })
  },
)

test('tree: leaf hashes, roots, and both proofs', () => {
  const { merkle } = VECTORS
  const leaves: Uint8Array[] = merkle.leafInputsHex.map((input: string) => leafHash(sha256, bytes(input)))
  expect(hexes(leaves)).toEqual(merkle.leafHashesHex)
  let frontier = EMPTY_FRONTIER
  for (const [size, root] of (merkle.rootsBySizeHex as string[]).entries()) {
    expect(hex(treeRoot(sha256, leaves.slice(0, size)))).toBe(root)
    expect(hex(frontierRoot(sha256, frontier))).toBe(root)
    if (size < leaves.length) frontier = appended(sha256, frontier, leaves[size]!)
  }
  const root = (size: number) => bytes(merkle.rootsBySizeHex[size])
  const nodes = nodesOver(sha256, leaves)
  for (const { index, size, proof } of merkle.inclusion) {
    expect(hexes(pathHashes(sha256, inclusionPath(index, size), nodes))).toEqual(proof)
    const claim = { leaf: leaves[index]!, index, size, root: root(size) }
    expect(verifyInclusion(sha256, proof.map(bytes), claim)).toBe(true)
  }
  for (const { from, to, proof } of merkle.consistency) {
    expect(hexes(pathHashes(sha256, consistencyPath(from, to), nodes))).toEqual(proof)
    const before = { size: from, root: root(from) }
    expect(verifyConsistency(sha256, proof.map(bytes), before, { size: to, root: root(to) })).toBe(true)
  }
})

test('tiles: 70,000 entries', () => {
  const { tiles } = VECTORS
  const entries = Array.from({ length: tiles.size }, (_, i) => utf8Bytes(`entry ${i}`))
  const leaves = entries.map((entry) => leafHash(sha256, entry))
  const nodes = nodesOver(sha256, leaves)
  expect(hex(treeRoot(sha256, leaves))).toBe(tiles.rootHex)
  const all = newTiles(0, tiles.size)
  const named = new Map(all.map((tile) => [tilePath(tile), tile]))
  const tileHash = (path: string) => {
    const { level, n, width } = named.get(path)!
    const hashes = Array.from({ length: width }, (_, i) => nodes({ level: 8 * Number(level), index: n * 256 + i }))
    return hex(sha256(Buffer.concat(hashes)))
  }
  for (const { level, fullTiles, partialWidth, firstFull, firstFullSha256, partial, partialSha256 } of tiles.levels) {
    const own = all.filter((tile) => tile.level === level)
    expect(own.filter(({ width }) => width === 256)).toHaveLength(fullTiles)
    expect(own.at(-1)!.width).toBe(partialWidth)
    if (firstFull !== undefined) expect(tileHash(firstFull)).toBe(firstFullSha256)
    expect(tileHash(partial)).toBe(partialSha256)
  }
  for (const { path, sha256: wanted } of [tiles.firstBundle, tiles.lastBundle]) {
    const { n, width } = named.get(path)!
    const bundle = bundleOf(entries.slice(n * 256, n * 256 + width))
    expect(hex(sha256(bundle))).toBe(wanted)
    expect(entriesOf(bundle).map(utf8Text)).toEqual(entries.slice(n * 256, n * 256 + width).map(utf8Text))
  }
  for (const { n, path } of tiles.indexPaths) {
    expect(tilePath({ level: 0, n, width: 256 })).toBe(`tile/0/${path}`)
    expect(parseTilePath(`tile/0/${path}`)).toEqual({ level: 0, n, width: 256 })
  }
})

test('pointers: the bundle, leaf hashes and root of a small log', () => {
  const { pointerLog } = VECTORS
  const entries: Uint8Array[] = pointerLog.entriesUtf8.map(utf8Bytes)
  expect(hex(bundleOf(entries))).toBe(pointerLog.bundleHex)
  const leaves = entries.map((entry) => leafHash(sha256, entry))
  expect(hexes(leaves)).toEqual(pointerLog.leafHashesHex)
  expect(hex(treeRoot(sha256, leaves))).toBe(pointerLog.rootHex)
})

test('checkpoint: the log signs it, witnesses cosign it, and it comes out as frozen', () => {
  const { checkpoint, keys } = VECTORS
  const { text, signatures } = parseNote(utf8Bytes(checkpoint.cosigned))
  const signer = (name: string) => signingKey(bytes(keys[name].seedHex)).sign
  const key = (name: string) => parseVerifierKey(sha256, keys[name].vkey)
  const log = signNote(text, key('log-clear'), signer('log-clear'))
  expect(formatNote({ text, signatures: [log] })).toBe(checkpoint.text)
  const times = { w1: 1_781_435_100, w2: 1_781_435_107 }
  const witnesses = (['w1', 'w2'] as const).map((name) => cosignNote(text, key(name), times[name], signer(name)))
  expect([log, ...witnesses]).toEqual(signatures)
  expect(formatNote({ text, signatures: [log, ...witnesses] })).toBe(checkpoint.cosigned)
  for (const name of ['w1', 'w2'] as const)
    expect(utf8Text(cosignedMessage(text, times[name]))).toBe(checkpoint.cosignatureMessages[name])
  const policy = parsePolicy(sha256, checkpoint.policy)
  expect(parsePolicy(sha256, formatPolicy(policy))).toEqual(policy)
  const opened = openCheckpoint(utf8Bytes(checkpoint.cosigned), policy, verifyEd25519)
  expect(opened).toMatchObject({ kind: 'verified', checkpoint: { size: 3, origin: 'registry.example/lab-a/clear' } })
  expect(openCheckpoint(utf8Bytes(checkpoint.text), policy, verifyEd25519)).toMatchObject({ reason: 'quorum' })
  expect(parseCheckpointBody(checkpoint.emptyTreeBody)).toMatchObject({ size: 0, root: treeRoot(sha256, []) })
})

test.each<{ name: string }>(VECTORS.checkpoint.negative)('checkpoint: $name', (vector) => {
  const { checkpoint } = VECTORS
  const { text, against, policy, expect: wanted } = vector as never as Record<string, string>
  const trust = parsePolicy(sha256, policy ?? checkpoint.policy)
  const opened = openCheckpoint(
    utf8Bytes(text!),
    policy === undefined ? { ...trust, quorum: null } : trust,
    verifyEd25519,
  )
  if (against === undefined) return expect(opened).toMatchObject({ kind: 'rejected', reason: wanted })
  const before = parseCheckpointBody(parseNote(utf8Bytes(checkpoint[against])).text)
  return expect(opened.kind === 'verified' && follows(before, opened.checkpoint)).toBe(wanted)
})

test('proof: three files prove an entry without a network', () => {
  const { tlogProof, pointerLog, checkpoint } = VECTORS
  const policy = parsePolicy(sha256, checkpoint.policy)
  const leaf = leafHash(sha256, utf8Bytes(pointerLog.entriesUtf8[tlogProof.leaf]))
  expect(verifyProof(tlogProof.text, leaf, policy, CRYPTO)).toEqual({ kind: 'proven', index: 2, size: 3 })
  expect(formatProof(parseProof(tlogProof.text))).toBe(tlogProof.text)
  const other = leafHash(sha256, utf8Bytes(pointerLog.entriesUtf8[0]))
  expect(verifyProof(tlogProof.text, other, policy, CRYPTO)).toEqual({ kind: 'rejected', reason: 'not_included' })
})
