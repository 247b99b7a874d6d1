import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rootOf, tilePath } from './record/folder.ts'
import { sha256 } from './record/notes.ts'
import { faultOf, says, verifier } from './record/verifier.ts'

/** The frozen vectors of the formats, C2SP's and DSSE's published examples among them, read by the independent verifier. */
interface Vectors {
  readonly keys: Readonly<Record<string, { readonly vkey: string }>>
  readonly dsse: readonly {
    readonly name: string
    readonly envelope: unknown
    readonly trusted: readonly string[]
    readonly threshold: number
    readonly expect: string
    readonly reason?: string
    readonly parse?: string
  }[]
  readonly note: readonly {
    readonly vkey: string
    readonly note: string
    readonly expect: string
    readonly reason?: string
  }[]
  readonly merkle: {
    readonly leafHashesHex: readonly string[]
    readonly rootsBySizeHex: readonly string[]
    readonly inclusion: readonly { readonly index: number; readonly size: number; readonly proof: readonly string[] }[]
  }
  readonly tiles: {
    readonly size: number
    readonly rootHex: string
    readonly indexPaths: readonly { n: number; path: string }[]
  }
  readonly pointerLog: { readonly entriesUtf8: readonly string[]; readonly rootHex: string }
  readonly checkpoint: {
    readonly text: string
    readonly cosigned: string
    readonly policy: string
    readonly negative: readonly {
      readonly name: string
      readonly text: string
      readonly policy?: string
      readonly expect: string
    }[]
  }
  readonly tlogProof: { readonly leaf: number; readonly text: string }
}

const vectors = JSON.parse(readFileSync('docs/formats/exchange-vectors.json', 'utf8')) as Vectors
const { openCheckpoint, openNote, parsePolicy, parseVkey, rootFromProof } = verifier
const bytes = (text: string) => Buffer.from(text)
const fromHex = (text: string) => Buffer.from(text, 'hex')

test('RC-4: signed notes, with C2SP’s own example', async () => {
  for (const { vkey, note, expect: wanted, reason } of vectors.note) {
    const open = () => openNote(bytes(note), [parseVkey(vkey)])
    if (wanted === 'accept') expect(note.startsWith(open().body)).toBe(true)
    else expect(`${(await faultOf(open)).code} ${(await faultOf(open)).message}`).toContain(reason)
  }
})

test('RC-4: checkpoints, cosignatures and policies', async () => {
  const { cosigned, text, policy, negative } = vectors.checkpoint
  expect(openCheckpoint(bytes(cosigned), parsePolicy(policy))).toMatchObject({ size: 3, quorum: true })
  expect((await faultOf(() => openCheckpoint(bytes(text), parsePolicy(policy)))).code).toBe('quorum')
  for (const { name, text: wrong, policy: own, expect: wanted } of negative) {
    const open = () => openCheckpoint(bytes(wrong), parsePolicy(own ?? policy), 'checkpoint', own !== undefined)
    // Forks and rollbacks are checkpoints that verify: only a second one tells. The folder's tests do that.
    if (wanted === 'fork' || wanted === 'rollback') expect(open().size, name).toBeLessThanOrEqual(3)
    else expect((await faultOf(open)).code, name).toBe(wanted)
  }
  const key = vectors.keys['w1']!.vkey
  for (const wrong of [
    '',
    'quorum x',
    'quorum none\nquorum none',
    `witness a ${key}\nwitness b ${key}\nquorum a`,
    'log x\nquorum none',
  ])
    expect((await faultOf(() => parsePolicy(wrong))).result, wrong).toMatch(/usage/)
  for (const wrong of [
    `witness a ${key}\ngroup g 2 a\nquorum g`,
    `witness a ${key}\ngroup g any a\ngroup h any a\nquorum h`,
    'constructor x\nquorum none',
  ])
    expect((await faultOf(() => parsePolicy(wrong))).result, wrong).toBe('usage')
})

test('RC-4: Merkle roots and inclusion proofs of RFC 6962', () => {
  const { leafHashesHex, rootsBySizeHex, inclusion } = vectors.merkle
  for (const [size, root] of rootsBySizeHex.entries()) {
    const hashes = Buffer.concat(leafHashesHex.slice(0, size).map(fromHex))
    expect(verifier.rootOf(hashes).toString('hex')).toBe(root)
  }
  for (const { index, size, proof } of inclusion) {
    const from = (at: number, path: readonly string[]) =>
      rootFromProof(fromHex(leafHashesHex[index]!), at, size, path.map(fromHex))?.toString('hex')
    expect(from(index, proof)).toBe(rootsBySizeHex[size])
    expect(from(index, [...proof, leafHashesHex[0]!])).toBeUndefined()
    expect(from(size, proof)).not.toBe(rootsBySizeHex[size])
    if (proof.length > 0) expect(from(index, proof.slice(1))).toBeUndefined()
  }
})

test('RC-4: the tree of 70,000 entries, and names of tiles', () => {
  const { size, rootHex, indexPaths } = vectors.tiles
  const hashes = Array.from({ length: size }, (_, i) => sha256(Buffer.of(0), `entry ${i}`))
  expect(rootOf(hashes).toString('hex')).toBe(rootHex)
  expect(verifier.rootOf(Buffer.concat(hashes)).toString('hex')).toBe(rootHex)
  for (const { n, path } of indexPaths) {
    expect(verifier.tileNumber(n)).toBe(path)
    expect(tilePath(0, n, 256)).toBe(`tile/0/${path}`)
  }
})

test('RX-5: envelopes, in the order of their checks', async () => {
  for (const { name, envelope, trusted, threshold, expect: wanted, reason, parse } of vectors.dsse) {
    const keys = trusted.map((one) => parseVkey(vectors.keys[one]!.vkey))
    const open = () => says.openEnvelope(bytes(JSON.stringify(envelope)), keys, threshold)
    if (wanted === 'reject') expect((await faultOf(open)).code, name).toBe(reason)
    else if (parse === 'reject') expect((await faultOf(() => says.parseJson(open().payload))).code, name).toBe('parse')
    else expect(says.parseJson(open().payload), name).toBeTruthy()
  }
})

test('RC-4: the offline proof of a pointer', async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  const folder = mkdtempSync(join((await import('node:os')).tmpdir(), 'sluice-verify-formats-'))
  writeFileSync(join(folder, 'p.tlog-proof'), vectors.tlogProof.text)
  writeFileSync(join(folder, 'p.entry'), vectors.pointerLog.entriesUtf8[vectors.tlogProof.leaf]!)
  writeFileSync(join(folder, 'p.policy'), vectors.checkpoint.policy)
  const told = await verifier.verifyProof(join(folder, 'p.tlog-proof'))
  expect([told.size, told.root]).toEqual([3, vectors.pointerLog.rootHex])
  rmSync(folder, { recursive: true })
})
