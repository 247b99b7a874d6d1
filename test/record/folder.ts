import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkpointBody, note, type Signer, sha256, signer } from './notes.ts'

/**
 * Record folders for tests, by a writer that is neither Sluice's nor the verifier's: it hashes level by level, where those
 * keep a frontier.
 */
export const ORIGIN = 'log.example/record'
export const LOG = signer(ORIGIN, 0x21)
export const WITNESSES: readonly Signer[] = [
  signer('witness.example/w1', 0x22, 4),
  signer('witness.example/w2', 0x23, 4),
]
/** Every cosigner is needed: a line of an unknown key is ignored, so a changed name would otherwise go unseen. */
export const POLICY = [
  `log ${LOG.vkey}`,
  ...WITNESSES.map(({ vkey }, i) => `witness w${i + 1} ${vkey}`),
  'group both all w1 w2',
  'quorum both\n',
].join('\n')

export const leafOf = (entry: Buffer): Buffer => sha256(Buffer.of(0), entry)
export const nodeOf = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right)

export interface Tree {
  readonly size: number
  entryAt(index: number): Buffer
}

export const treeOf = (entries: readonly Buffer[]): Tree => ({
  size: entries.length,
  entryAt: (index) => entries[index]!,
})

/** Root over hashes: neighbours are paired level by level, and one that is left over rises as it is. */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256('')
  let row = hashes
  while (row.length > 1)
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) =>
      row[2 * i + 1] === undefined ? row[2 * i]! : nodeOf(row[2 * i]!, row[2 * i + 1]!),
    )
  return row[0]!
}

/** Siblings from the leaf up. */
export function inclusionProof(hashes: readonly Buffer[], index: number): readonly Buffer[] {
  const proof: Buffer[] = []
  let [row, place] = [hashes, index]
  while (row.length > 1) {
    const sibling = row[place ^ 1]
    if (sibling !== undefined) proof.push(sibling)
    const below = row
    row = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => rootOf(below.slice(2 * i, 2 * i + 2)))
    place >>= 1
  }
  return proof
}

/** Place of a tile or bundle in a log of `size`: `kind` is a level or `entries`. */
export function tilePath(kind: number | 'entries', n: number, width: number): string {
  const digits = String(n)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.../g)!
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${kind}/${name}${width === 256 ? '' : `.p/${width}`}`
}

export function put(folder: string, path: string, bytes: Buffer | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), bytes)
}

/** Writes tiles and bundles as they are at `size`, and gives the leaf hashes. */
export function writeTiles(folder: string, { size, entryAt }: Tree): readonly Buffer[] {
  const hashes: Buffer[] = []
  for (let n = 0; n * 256 < size; n++) {
    const width = Math.min(256, size - n * 256)
    const entries = Array.from({ length: width }, (_, i) => entryAt(n * 256 + i))
    for (const entry of entries) hashes.push(leafOf(entry))
    const framed = entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry])
    put(folder, tilePath('entries', n, width), Buffer.concat(framed))
  }
  for (let [level, row] = [0, hashes]; row.length > 0; level++) {
    for (let n = 0; n * 256 < row.length; n++) {
      const tile = row.slice(n * 256, n * 256 + 256)
      put(folder, tilePath(level, n, tile.length), Buffer.concat(tile))
    }
    const full = row
    row = Array.from({ length: Math.floor(full.length / 256) }, (_, n) => rootOf(full.slice(n * 256, n * 256 + 256)))
  }
  return hashes
}

export interface FolderOptions {
  /** Sizes of earlier checkpoints: kept, with the partial tiles of their time. */
  readonly kept?: readonly number[]
  readonly documents?: readonly Buffer[]
  readonly log?: Signer
  readonly witnesses?: readonly Signer[]
  readonly policy?: string
}

/** A whole record folder. Gives the leaf hashes. */
export function writeFolder(folder: string, tree: Tree, options: FolderOptions = {}): readonly Buffer[] {
  const { kept = [], documents = [], log = LOG, witnesses = WITNESSES, policy = POLICY } = options
  for (const size of kept) writeTiles(folder, { ...tree, size })
  const hashes = writeTiles(folder, tree)
  const signed = (size: number) =>
    note(checkpointBody(log.name, size, rootOf(hashes.slice(0, size))), [log, ...witnesses])
  for (const size of kept) put(folder, `checkpoints/${size}`, signed(size))
  put(folder, 'checkpoint', signed(tree.size))
  put(folder, 'log.policy', policy)
  for (const document of documents) {
    const name = sha256(document).toString('hex')
    put(folder, `documents/${name.slice(0, 2)}/${name}`, document)
  }
  return hashes
}
