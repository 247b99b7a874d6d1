import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex, joined } from '../../../core/base/bytes.ts'
import { utf8Bytes } from '../../../core/base/utf8.ts'
import { entryBytes } from '../../../core/record/entry.ts'
import { bundleOf, newTiles, TILE_WIDTH, tilePath } from '../../../core/record/tile.ts'
import { leafHash, nodesOver, treeRoot } from '../../../core/record/tree.ts'
import { checkEntry } from './check-entry.ts'
import { withAnswers } from './later.ts'
import { tileReader } from './log-files.ts'
import { lookBack } from './look-back.ts'
import { sha256 } from './sha256.ts'

const entryAt = (i: number) =>
  entryBytes({
    ...{
      v: 1,
      k: i % 7 === 3 ? 'drill' : 'alarm',
      at: '2026-06-12T09:00:00.000Z',
      who: 'system:test',
      about: `x-${i}`,
    },
    d: i % 7 === 3 ? { target: 't', result: 'met', ms: i } : { code: 'test' },
  })

/** Files of a log, as it serves them at its size. */
function logOf(size: number) {
  const entries = Array.from({ length: size }, (_, i) => entryAt(i))
  const leaves = entries.map((entry) => leafHash(sha256, entry))
  const nodeAt = nodesOver(sha256, leaves)
  const files = new Map<string, Uint8Array>()
  for (const tile of newTiles(0, size)) {
    const { level, n, width } = tile
    const places = Array.from({ length: width }, (_, i) => n * TILE_WIDTH + i)
    const bytes =
      level === 'entries'
        ? bundleOf(places.map((i) => entries[i]!))
        : joined(...places.map((index) => nodeAt({ level: 8 * level, index })))
    files.set(tilePath(tile), bytes)
  }
  return { files, head: { size, root: treeRoot(sha256, leaves) } }
}

const readerOf = (files: ReadonlyMap<string, Uint8Array>) =>
  tileReader({ read: async (path) => files.get(path) ?? null })

test('sha256: as FIPS 180-4 has it', () => {
  expect(hex(sha256(utf8Bytes('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hex(sha256(new Uint8Array(0)))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

const SIZES = [1, 2, 255, 256, 257, 300, 513]
const LOGS = new Map(SIZES.map((size) => [size, logOf(size)]))
const place = fc.constantFrom(...SIZES).chain((size) => fc.tuple(fc.constant(size), fc.nat({ max: size - 1 })))

describe('checkEntry', () => {
  test('proves every entry of an untouched log, and its last step gives the root', async () => {
    await fc.assert(
      fc.asyncProperty(place, async ([size, index]) => {
        const { files, head } = LOGS.get(size)!
        const { fault, entry, leaf, steps } = await checkEntry(sha256, index, head, readerOf(files))
        expect([fault, entry?.about]).toEqual([null, `x-${index}`])
        expect(hex(steps.at(-1)?.gives ?? leaf!)).toBe(hex(head.root))
      }),
      { numRuns: 60 },
    )
  })

  test('any byte of its bundle or of its leaves changed: a fault where it matters, never a wrong entry as proven', async () => {
    await fc.assert(
      fc.asyncProperty(
        place,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, where, flip, leaves) => {
          const [size, index] = at
          const { files, head } = LOGS.get(size)!
          const n = Math.floor(index / TILE_WIDTH)
          const path = tilePath({
            level: leaves ? 0 : 'entries',
            n,
            width: Math.min(TILE_WIDTH, size - n * TILE_WIDTH),
          })
          const bytes = files.get(path)!.slice()
          bytes[where % bytes.length]! ^= flip
          const checked = await checkEntry(sha256, index, head, readerOf(new Map([...files, [path, bytes]])))
          if (checked.fault === null) expect(hex(checked.bytes!)).toBe(hex(entryAt(index)))
          const own = leaves && Math.floor((where % bytes.length) / 32) !== index % TILE_WIDTH
          if (own) expect(checked.fault).toBe('path')
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a missing tile proves nothing either way', async () => {
    const { files, head } = LOGS.get(300)!
    const without = (path: string) => readerOf(new Map([...files].filter(([name]) => name !== path)))
    expect((await checkEntry(sha256, 299, head, without('tile/0/001.p/44'))).fault).toBe('missing')
    expect((await checkEntry(sha256, 299, head, without('tile/entries/001.p/44'))).fault).toBe('missing')
  })
})

test('lookBack: newest first, by kind and text, across bundles; an unreadable bundle is shown, not passed over', async () => {
  const { files, head } = LOGS.get(513)!
  const indices = async (search: Parameters<typeof lookBack>[3], read = readerOf(files)) =>
    (await lookBack(sha256, head, read, search)).rows.map(({ index }) => index)
  expect(await indices({})).toEqual(Array.from({ length: 50 }, (_, i) => 512 - i))
  expect(await indices({ before: '3' })).toEqual([2, 1, 0])
  expect(await indices({ kind: 'drill', before: '30' })).toEqual([24, 17, 10, 3])
  expect(await indices({ q: '"x-12"' })).toEqual([12])
  const cut = new Map([...files, ['tile/entries/000', files.get('tile/entries/000')!.slice(0, 9)]] as const)
  expect((await indices({ q: '"x-512"' }, readerOf(cut))).slice(0, 2)).toEqual([512, 255])
})

test('withAnswers: what answers later decides as what answers at once; a signature nobody asked for is wrong', async () => {
  const bytes = (n: number) => Uint8Array.of(n)
  const run = (good: readonly number[]) =>
    withAnswers(
      async (key) => good.includes(key[0]!),
      (verify) => [1, 2, 3].filter((n) => verify(bytes(n), bytes(0), bytes(0))),
    )
  expect(await run([1, 3])).toEqual([1, 3])
  expect(await run([])).toEqual([])
})
