import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256, signingKey, verifyEd25519 } from '../../io/keys/ed25519.ts'
import { base64, bytesOfAnyBase64, bytesOfBase64 } from '../base/base64.ts'
import { joined, sameBytes } from '../base/bytes.ts'
import { strictJson } from '../base/strict-json.ts'
import { utf8Bytes, utf8Text } from '../base/utf8.ts'
import { checkpointBody, parseCheckpointBody } from './checkpoint.ts'
import { commitment, hmac } from './commitment.ts'
import { type Entry, entryBytes, parseEntry } from './entry.ts'
import { appended, EMPTY_FRONTIER, frontierOf, frontierRoot } from './frontier.ts'
import { formatNote, openNote, parseNote, signNote } from './note.ts'
import { verifierKey } from './note-key.ts'
import { formatProof, parseProof } from './offline-proof.ts'
import { bundleOf, entriesOf, hashesOf, newTiles, nodeOfTile, parseTilePath, tileOf, tilePath } from './tile.ts'
import {
  consistencyPath,
  inclusionPath,
  joinSubtrees,
  leafHash,
  nodesOver,
  pathHashes,
  subtrees,
  treeRoot,
} from './tree.ts'
import { verifyConsistency, verifyInclusion } from './tree-proof.ts'
import { parsePolicy, quorumMet } from './witness-policy.ts'

const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => leafHash(sha256, utf8Bytes(`entry ${i}`)))
/** Sizes around what trees turn on: powers of two, and tiles. */
const size = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(127, 128, 129, 255, 256, 257, 511, 512, 513))
const flipped = (hash: Uint8Array, bit: number) =>
  hash.map((byte, i) => (i === (bit >> 3) % hash.length ? byte ^ (1 << (bit & 7)) : byte))

describe('tree', () => {
  test('every leaf of every tree is proven, and by no altered proof', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), fc.nat(), (n, at, which, bit) => {
        const leaves = leavesOf(n)
        const index = at % n
        const proof = pathHashes(sha256, inclusionPath(index, n), nodesOver(sha256, leaves))
        const claim = { leaf: leaves[index]!, index, size: n, root: treeRoot(sha256, leaves) }
        expect(verifyInclusion(sha256, proof, claim)).toBe(true)
        expect(verifyInclusion(sha256, proof, { ...claim, leaf: flipped(claim.leaf, bit) })).toBe(false)
        expect(verifyInclusion(sha256, proof, { ...claim, root: flipped(claim.root, bit) })).toBe(false)
        if (n > 1) expect(verifyInclusion(sha256, proof, { ...claim, index: (index + 1) % n })).toBe(false)
        expect(verifyInclusion(sha256, [...proof, leaves[0]!], claim)).toBe(false)
        if (proof.length === 0) return
        const wrong = proof.map((hash, i) => (i === which % proof.length ? flipped(hash, bit) : hash))
        expect(verifyInclusion(sha256, wrong, claim)).toBe(false)
        expect(verifyInclusion(sha256, proof.slice(1), claim)).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('every tree continues every earlier one, and no altered one', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), fc.nat(), (n, at, which, bit) => {
        const leaves = leavesOf(n)
        const from = at % (n + 1)
        const proof = pathHashes(sha256, consistencyPath(from, n), nodesOver(sha256, leaves))
        const before = { size: from, root: treeRoot(sha256, leaves.slice(0, from)) }
        const after = { size: n, root: treeRoot(sha256, leaves) }
        expect(verifyConsistency(sha256, proof, before, after)).toBe(true)
        const altered = { ...before, root: flipped(before.root, bit) }
        expect(verifyConsistency(sha256, proof, altered, after)).toBe(false)
        if (from > 0)
          expect(verifyConsistency(sha256, proof, before, { ...after, root: flipped(after.root, bit) })).toBe(false)
        expect(verifyConsistency(sha256, [...proof, after.root], before, after)).toBe(false)
        expect(from === n || !verifyConsistency(sha256, proof, after, before)).toBe(true)
        if (proof.length === 0) return
        const wrong = proof.map((hash, i) => (i === which % proof.length ? flipped(hash, bit) : hash))
        expect(verifyConsistency(sha256, wrong, before, after)).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('appending one by one gives the root of all at once, from wherever one goes on', () => {
    fc.assert(
      fc.property(size, fc.nat(), (n, at) => {
        const leaves = leavesOf(n)
        const start = at % n
        const roots = subtrees({ from: 0, to: start }).map(nodesOver(sha256, leaves))
        const whole = leaves.reduce((frontier, leaf) => appended(sha256, frontier, leaf), EMPTY_FRONTIER)
        const resumed = leaves
          .slice(start)
          .reduce((frontier, leaf) => appended(sha256, frontier, leaf), frontierOf(start, roots))
        expect(resumed).toEqual(whole)
        expect(sameBytes(frontierRoot(sha256, whole), treeRoot(sha256, leaves))).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('an index or size that is none is refused, and proves nothing', () => {
    expect(() => inclusionPath(3, 3)).toThrow('below the size')
    expect(() => consistencyPath(4, 3)).toThrow('below the size')
    expect(() => frontierOf(3, [])).toThrow('wanted 2')
    expect(() => nodesOver(sha256, leavesOf(3))({ level: 1, index: 1 })).toThrow('below the size')
    const leaf = leavesOf(1)[0]!
    const claim = { leaf, size: 1, root: leaf }
    for (const index of [-1, 0.5, 1, Number.NaN]) expect(verifyInclusion(sha256, [], { ...claim, index })).toBe(false)
    const short = { size: 1, root: leaf.slice(1) }
    expect(verifyConsistency(sha256, [], short, { size: 2, root: leaf })).toBe(false)
    // A proof without its first hash: the old tree is no power of two, so it cannot stand for it.
    expect(verifyConsistency(sha256, [], { size: 3, root: leaf }, { size: 4, root: leaf })).toBe(false)
    expect(verifyConsistency(sha256, [leaf, leaf], { size: 1, root: leaf }, { size: 2, root: leaf })).toBe(false)
  })
})

describe('tiles', () => {
  test('paths are read back, and written one way only', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }))
    const tile = fc.record({ level, n: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) })
    fc.assert(fc.property(tile, (one) => void expect(parseTilePath(tilePath(one))).toEqual(one)))
    for (const path of [
      'tile/00/000',
      'tile/64/000',
      'tile/0/x000/001',
      'tile/0/1',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
    ])
      expect(parseTilePath(path)).toBeNull()
    expect(parseTilePath('tile/0/../001')).toBeNull()
    expect(parseTilePath('tile/0/x999/x999/x999/x999/x999/x999/999')).toBeNull()
  })

  test('growing writes exactly the tiles that are new, and every node is found in them', () => {
    const leaves = leavesOf(700)
    const nodes = nodesOver(sha256, leaves)
    const steps = fc.tuple(fc.nat(600), fc.integer({ min: 1, max: 100 }))
    fc.assert(
      fc.property(steps, fc.nat(), ([before, more], at) => {
        const now = before + more
        const had = new Set(newTiles(0, before).map(tilePath))
        const written = newTiles(before, now).map(tilePath)
        const wanted = newTiles(0, now).map(tilePath)
        expect(written.sort()).toEqual(wanted.filter((path) => !had.has(path)).sort())
        for (const span of inclusionPath(at % now, now))
          for (const node of subtrees(span)) {
            const { level, n, width } = tileOf(node, now)
            expect(wanted).toContain(tilePath({ level, n, width }))
            const hashes = Array.from({ length: width }, (_, i) =>
              nodes({ level: 8 * Number(level), index: n * 256 + i }),
            )
            expect(nodeOfTile(sha256, node, joined(...hashes))).toEqual(nodes(node))
          }
      }),
      { numRuns: 40 },
    )
    expect(() => tileOf({ level: 3, index: 9 }, 75)).toThrow('is not in a log')
    expect(joinSubtrees(sha256, [leaves[0]!])).toEqual(leaves[0])
  })

  test('bundles give back their entries; what is cut or too long is refused', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 })
    fc.assert(
      fc.property(entries, (some) => void expect(entriesOf(bundleOf(some))).toEqual(some)),
      { numRuns: 20 },
    )
    expect(() => entriesOf(bundleOf([utf8Bytes('abc')]).subarray(0, 4))).toThrow('is cut')
    expect(() => entriesOf(Uint8Array.of(0))).toThrow('is cut')
    expect(() => entriesOf(new Uint8Array(2 * 257))).toThrow('more than 256')
    expect(() => bundleOf([new Uint8Array(65_536)])).toThrow('at most 65535')
    for (const length of [0, 31, 257 * 32]) expect(() => hashesOf(new Uint8Array(length))).toThrow('wanted 1 to 256')
    expect(() => nodeOfTile(sha256, { level: 1, index: 1 }, new Uint8Array(96))).toThrow('has no hash 3')
  })
})

describe('notes', () => {
  const { publicKey, sign } = signingKey(new Uint8Array(32).fill(3))
  const key = verifierKey(sha256, 'log.example/a', 'note', publicKey)

  test('what is written is read back, and no flipped bit goes unseen', () => {
    const body = fc.record({ size: fc.maxSafeNat(), root: fc.uint8Array({ minLength: 32, maxLength: 32 }) })
    fc.assert(
      fc.property(body, fc.nat(), (head, bit) => {
        const checkpoint = { origin: key.name, ...head }
        const text = checkpointBody(checkpoint)
        expect(parseCheckpointBody(text)).toEqual(checkpoint)
        const note = { text, signatures: [signNote(text, key, sign)] }
        const bytes = utf8Bytes(formatNote(note))
        expect(parseNote(bytes)).toEqual(note)
        expect(openNote(bytes, [key], verifyEd25519)).toMatchObject({ kind: 'verified', text })
        expect(openNote(flipped(bytes, bit % (bytes.length * 8)), [key], verifyEd25519).kind).toBe('rejected')
      }),
      { numRuns: 100 },
    )
  })

  test('lines of other keys are passed over, and from 1 to 64 are read', () => {
    const text = 'a\n\nb\n'
    const mine = signNote(text, key, sign)
    const other = { ...mine, name: 'other.example' }
    const of = (signatures: readonly (typeof mine)[]) => utf8Bytes(formatNote({ text, signatures }))
    const opened = openNote(of([other, mine, mine]), [key], verifyEd25519)
    expect(opened).toMatchObject({ kind: 'verified', text, signers: [{ key, timeS: null }] })
    expect(openNote(of([other]), [key], verifyEd25519)).toMatchObject({ reason: 'no_known_signature' })
    expect(openNote(of(Array(63).fill(other).concat(mine)), [key], verifyEd25519).kind).toBe('verified')
    expect(openNote(of(Array(65).fill(mine)), [key], verifyEd25519)).toMatchObject({ reason: 'malformed' })
    expect(() => verifierKey(sha256, 'a b', 'note', publicKey)).toThrow('no space')
    expect(() => verifierKey(sha256, 'a', 'note', publicKey.slice(1))).toThrow('wanted 32 bytes')
    for (const name of ['', 'a+b', 'a\u00a0b', 'a\u3000b', 'a\u0085b'])
      expect(() => verifierKey(sha256, name, 'note', publicKey)).toThrow('key name')
  })

  test('a proof is read back; what is no proof is refused', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const proof = fc.record({ index: fc.maxSafeNat(), hashes: fc.array(hash, { maxLength: 63 }), extra: hash })
    fc.assert(
      fc.property(proof, (one) => {
        const whole = { ...one, checkpoint: 'a\n1\nroot\n\n\u2014 a b\n' }
        expect(parseProof(formatProof(whole))).toEqual(whole)
      }),
      { numRuns: 50 },
    )
    for (const text of ['', 'c2sp.org/tlog-proof@v2\nindex 0\n\nx', 'c2sp.org/tlog-proof@v1\nindex 01\n\nx'])
      expect(() => parseProof(text)).toThrow('proof')
    expect(() => parseProof('c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx')).toThrow('extra')
    expect(() => parseProof('c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx')).toThrow('hashes')
  })
})

describe('policy', () => {
  const vkey = (name: string, n: number) => {
    const key = verifierKey(sha256, name, 'cosignature', signingKey(new Uint8Array(32).fill(n)).publicKey)
    return { key, line: `witness w${n} ${name}+${key.id}+${base64(Buffer.concat([Buffer.of(4), key.publicKey]))}` }
  }
  const witnesses = [1, 2, 3, 4].map((n) => vkey(`w${n}.example`, n))
  const lines = witnesses.map(({ line }) => line).join('\n')

  test('groups within groups count members, and one more signature never breaks a quorum', () => {
    const policy = parsePolicy(sha256, `# ours\n${lines}\n\ngroup ab any w1 w2\ngroup all all ab w3\nquorum all\n`)
    const signed = (...which: number[]) =>
      quorumMet(
        policy,
        which.map((n) => witnesses[n - 1]!.key),
      )
    expect([signed(1, 3), signed(2, 3), signed(1, 2), signed(3), signed()]).toEqual([true, true, false, false, false])
    const some = fc.subarray([1, 2, 3, 4])
    fc.assert(fc.property(some, some, (a, b) => !signed(...a) || signed(...a, ...b)))
  })

  test.each([
    ['group g 3 w1 w2\nquorum g', 'wanted any, all'],
    ['group g any w9\nquorum g', 'is not defined before'],
    ['group g any w1\ngroup h any w1\nquorum h', 'is a member already'],
    ['group w1 any w2\nquorum w1', 'is taken'],
    [`${witnesses[0]!.line.replace('w1 ', 'again ')}\nquorum none`, 'is there already'],
    ['quorum none\nquorum none', 'second quorum'],
    ['quorum w9', 'is not defined before'],
    ['witnesses 3\nquorum none', 'wanted log, witness'],
    ['', 'at least `quorum none`'],
  ])('%s is refused', (text, message) => {
    expect(() => parsePolicy(sha256, `${lines}\n${text}\n`)).toThrow(message)
  })
})

describe('entries', () => {
  const entry: Entry = {
    v: 1,
    k: 'alarm',
    at: '2026-06-12T21:21:00.000Z',
    who: 'system:sealer',
    about: 'clock',
    h: `sha256:${'a'.repeat(64)}`,
    d: { code: 'clock_jump', subject: '時計' },
    prev: [`sha256:${'b'.repeat(64)}`],
  }

  test('have one way to be written, and keep what they do not know', () => {
    const unknown = fc.dictionary(fc.stringMatching(/^x[a-z]{0,8}$/), fc.jsonValue(), { maxKeys: 4 })
    fc.assert(
      fc.property(unknown, fc.string({ unit: 'grapheme', maxLength: 60 }), (more, code) => {
        // As JSON has it: there is no negative zero.
        const one = JSON.parse(JSON.stringify({ ...more, ...entry, d: { code } })) as Entry
        const bytes = entryBytes(one)
        expect(parseEntry(bytes)).toEqual(one)
        expect(entryBytes(parseEntry(bytes))).toEqual(bytes)
        expect(utf8Text(bytes)).toMatch(/^\{"v":1,"k":"alarm","at":/)
      }),
      { numRuns: 100 },
    )
  })

  test.each<[string, Record<string, unknown>]>([
    ['k', { k: 'mode' }],
    ['k', { k: 'toString' }],
    ['v', { v: 2 }],
    ['at', { at: '2026-06-12T21:21:00Z' }],
    ['who', { who: 'Jane Doe' }],
    ['about', { about: '' }],
    ['h', { h: 'sha256:abc' }],
    ['d', { d: [] }],
    ['d.code', { d: {} }],
    ['d.more', { d: { code: 'x', more: 1 } }],
    ['d.subject', { d: { code: 'x', subject: 7 } }],
    ['prev', { prev: ['x'] }],
  ])('%s that is not in its format is refused', (member, change) => {
    expect(() => entryBytes({ ...entry, ...change } as Entry)).toThrow(`entry: ${member}`)
  })

  test('are at most 4,096 bytes, and read in their one form alone', () => {
    expect(() => entryBytes({ ...entry, more: 'x'.repeat(4096) })).toThrow('at most 4096')
    const text = utf8Text(entryBytes(entry))!
    for (const other of [
      ` ${text}`,
      text.replace('"v":1,', '').replace('}', ',"v":1}'),
      text.replace('"v"', '"v":1,"v"'),
    ])
      expect(() => parseEntry(utf8Bytes(other))).toThrow('entry')
    expect(() => parseEntry(Uint8Array.of(0xff))).toThrow('one JSON object')
    expect(() => parseEntry(utf8Bytes('[]'))).toThrow('one JSON object')
  })
})

describe('commitments', () => {
  test('are HMAC-SHA-256 as RFC 4231 has it', () => {
    const mac = hmac(sha256, utf8Bytes('Jefe'), utf8Bytes('what do ya want for nothing?'))
    expect(Buffer.from(mac).toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    const long = hmac(
      sha256,
      new Uint8Array(131).fill(0xaa),
      utf8Bytes('Test Using Larger Than Block-Size Key - Hash Key First'),
    )
    expect(Buffer.from(long).toString('hex')).toBe('60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54')
  })

  test('of one value under two salts or labels have nothing in common', () => {
    const of = (salt: number, label: string) => commitment(sha256, new Uint8Array(32).fill(salt), label, 'acme')
    expect(new Set([of(1, 'org'), of(2, 'org'), of(1, 'exchange')]).size).toBe(3)
    expect(of(1, 'org')).toBe(of(1, 'org'))
  })
})

describe('bytes and texts', () => {
  test('UTF-8 is what the platform writes and reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(Buffer.from(utf8Bytes(text))).toEqual(Buffer.from(text.toWellFormed(), 'utf8'))
        expect(utf8Text(Buffer.from(text.toWellFormed()))).toBe(text.toWellFormed())
      }),
    )
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        let wanted: string | null = null
        try {
          wanted = strict.decode(bytes)
        } catch {}
        expect(utf8Text(bytes)).toBe(wanted)
      }),
      { numRuns: 1000 },
    )
    expect(utf8Bytes('a\ud800')).toEqual(Uint8Array.of(0x61, 0xef, 0xbf, 0xbd))
    expect(utf8Text(utf8Bytes('猫'.repeat(9000)))).toBe('猫'.repeat(9000))
  })

  test('base64 has one form in notes, and four in envelopes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const standard = Buffer.from(bytes).toString('base64')
        const url = Buffer.from(bytes).toString('base64url')
        expect(base64(bytes)).toBe(standard)
        expect(bytesOfBase64(standard)).toEqual(bytes)
        for (const form of [
          standard,
          url,
          standard.replaceAll('=', ''),
          standard.replaceAll('+', '-').replaceAll('/', '_'),
        ])
          expect(bytesOfAnyBase64(form)).toEqual(bytes)
      }),
    )
    for (const text of ['AB==', 'AAA', 'A===', 'A-==', 'AA=A', 'A A=', '****']) expect(bytesOfBase64(text)).toBeNull()
    for (const text of ['***', 'A', 'AA===', 'A+-A', 'AAA==']) expect(bytesOfAnyBase64(text)).toBeNull()
  })

  test('JSON that two readers could read differently is no JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => void expect(strictJson(text)).toEqual(JSON.parse(text))))
    for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"b":{"a":1,"a":1}}', '"\\ud800"', '\ufeff1', '{', ''])
      expect(strictJson(text)).toBeUndefined()
    expect(strictJson(`${'['.repeat(65)}${']'.repeat(65)}`)).toBeUndefined()
    expect(strictJson('[{"a":1},{"a":"{\\"a\\":1,"}]')).toEqual([{ a: 1 }, { a: '{"a":1,' }])
  })
})
