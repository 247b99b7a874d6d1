import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Verifies a level of a copied feed with the pinned root alone, and shares no line with Sluice: own parsing, own hashing.
 * @returns number of objects verified. Throws at the first thing that is wrong.
 */
export function verifyCopy(folder: string, level: string, pin: string): number {
  const file = (path: string) => readFileSync(join(folder, path))
  const rootFile = file('root/1.root.json')
  if (sha(rootFile).toString('hex') !== pin) throw new Error('not the pinned root')
  const root = JSON.parse(Buffer.from(JSON.parse(rootFile.toString()).payload, 'base64').toString())
  const note = file(`${level}/checkpoint`).toString()
  const [text, lines] = [note.slice(0, note.lastIndexOf('\n\n') + 1), note.slice(note.lastIndexOf('\n\n') + 2)]
  const { origin, vkey } = root.logs[level]
  const line = lines.split('\n').find((one) => one.startsWith(`— ${origin} `))
  if (line === undefined) throw new Error('no signature of the log')
  const signature = Buffer.from(line.split(' ')[2]!, 'base64').subarray(4)
  if (!verify(null, Buffer.from(text), keyOf(vkey), signature)) throw new Error('checkpoint: bad signature')
  const [, sizeText, rootHash] = text.split('\n')
  const size = Number(sizeText)
  const leaves: Buffer[] = []
  const pointers: { sha256: string; len: number; t: string }[] = []
  for (let n = 0; n * 256 < size; n++) {
    const width = Math.min(256, size - n * 256)
    // Fewer than 256,000 entries: one group of three digits.
    const name = `${String(n).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`
    const tile = file(`${level}/tile/0/${name}`)
    const bundle = file(`${level}/tile/entries/${name}`)
    for (let i = 0, at = 0; i < width; i++) {
      const end = at + 2 + bundle.readUInt16BE(at)
      const entry = bundle.subarray(at + 2, end)
      const leaf = sha(Buffer.concat([Buffer.from([0]), entry]))
      if (!leaf.equals(tile.subarray(32 * i, 32 * i + 32)))
        throw new Error(`entry ${n * 256 + i}: not that of its tile`)
      leaves.push(leaf)
      pointers.push(JSON.parse(entry.toString()))
      at = end
    }
  }
  if (merkle(leaves).toString('base64') !== rootHash) throw new Error('tiles: another root')
  const keys = { record: root.roles.publisher, statement: root.roles.publisher, panel: root.roles.evaluator }
  for (const { sha256, len, t } of pointers) {
    const object = file(`${level}/objects/${sha256.slice(0, 2)}/${sha256}.json`)
    if (object.length !== len || sha(object).toString('hex') !== sha256) throw new Error(`${sha256}: another file`)
    const { payload, payloadType, signatures } = JSON.parse(object.toString())
    const body = Buffer.from(payload, 'base64')
    const signed = Buffer.concat([
      Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `),
      body,
    ])
    const good = keys[t as keyof typeof keys].keys.some((key: string) =>
      signatures.some(({ sig }: { sig: string }) => verify(null, signed, keyOf(key), Buffer.from(sig, 'base64'))),
    )
    if (!good) throw new Error(`${sha256}: no signature of a trusted key`)
  }
  return pointers.length
}

function sha(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function merkle(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha(Buffer.alloc(0))
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha(Buffer.concat([Buffer.from([1]), merkle(leaves.slice(0, k)), merkle(leaves.slice(k))]))
}

function keyOf(vkey: string) {
  const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1)
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}
