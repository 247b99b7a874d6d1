import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** Keys, notes and envelopes for record folders of tests: `node:crypto` and nothing of Sluice. */
export interface Signer {
  readonly name: string
  readonly id: Buffer
  readonly vkey: string
  readonly publicKey: Buffer
  readonly key: KeyObject
  readonly type: 1 | 4
}

export const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** A key pair whose seed is 32 times one byte. Type 1 signs notes, type 4 cosigns them. */
export function signer(name: string, seed: number, type: 1 | 4 = 1): Signer {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12)
  const typed = Buffer.concat([Buffer.of(type), publicKey])
  const id = sha256(`${name}\n`, typed).subarray(0, 4)
  return { name, id, vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`, publicKey, key, type }
}

/** One signature line: of the body, or of the body with a time where the key cosigns. */
export function signatureLine({ name, id, key, type }: Signer, body: string, time = 1_800_000_000): string {
  const seconds = Buffer.alloc(8)
  seconds.writeBigUInt64BE(BigInt(time))
  const text = type === 1 ? body : `cosignature/v1\ntime ${time}\n${body}`
  const parts = [id, ...(type === 1 ? [] : [seconds]), sign(null, Buffer.from(text), key)]
  return `— ${name} ${Buffer.concat(parts).toString('base64')}\n`
}

export const note = (body: string, by: readonly Signer[]): string =>
  `${body}\n${by.map((one) => signatureLine(one, body)).join('')}`

export const checkpointBody = (origin: string, size: number, root: Buffer): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`

/** A DSSE envelope as one line of JSON. */
export function envelope(type: string, payload: unknown, by: readonly Signer[]): Buffer {
  const payloadType = `application/vnd.sluice.${type}+json;v=1`
  const body = Buffer.from(JSON.stringify(payload))
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body])
  const signatures = by.map(({ id, key }) => ({
    keyid: id.toString('hex'),
    sig: sign(null, signed, key).toString('base64'),
  }))
  return Buffer.from(JSON.stringify({ payloadType, payload: body.toString('base64'), signatures }))
}
