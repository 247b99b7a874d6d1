import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSealer, seal } from './sealer.ts'

/** Wrapped keys by subject, as a store keeps them. */
function keysInMemory() {
  const wrapped = new Map<string, Uint8Array>()
  const dataKey = async (subject: string, make: () => Uint8Array) => {
    if (!wrapped.has(subject)) wrapped.set(subject, make())
    return wrapped.get(subject)!
  }
  return { wrapped, dataKey }
}

test('sealer: a subject has one key, another subject another, and the store never holds either', async () => {
  const store = keysInMemory()
  const sealer = createSealer({ master: randomBytes(32), store })
  const [one, same, other] = await Promise.all(['a', 'a', 'b'].map((subject) => sealer.dataKey(subject)))
  expect(one).toHaveLength(32)
  expect(same).toEqual(one)
  expect(other).not.toEqual(one)
  for (const blob of store.wrapped.values()) expect(Buffer.from(blob).includes(Buffer.from(one!))).toBe(false)
})

test('sealer: without the wrapped key, or under another master key, what was sealed stays closed', async () => {
  const store = keysInMemory()
  const master = randomBytes(32)
  const blob = seal(createSecretKey(await createSealer({ master, store }).dataKey('a')), 'zebra')
  expect((await createSealer({ master, store }).open('a', blob)).toString()).toBe('zebra')
  await expect(createSealer({ master: randomBytes(32), store }).open('a', blob)).rejects.toThrow()
  store.wrapped.delete('a')
  await expect(createSealer({ master, store }).open('a', blob)).rejects.toThrow()
})

test('sealer: a wrapped key or a blob that was altered or cut is refused', async () => {
  const store = keysInMemory()
  const sealer = createSealer({ master: randomBytes(32), store })
  const blob = seal(createSecretKey(await sealer.dataKey('a')), 'zebra')
  for (let length = 0; length < blob.length; length++)
    await expect(sealer.open('a', blob.subarray(0, length)), `${length} bytes`).rejects.toThrow()
  store.wrapped.get('a')![20]! ^= 1
  await expect(sealer.open('a', blob)).rejects.toThrow()
})

test('sealer: the same text is sealed differently every time', () => {
  const key = createSecretKey(randomBytes(32))
  expect(new Set(Array.from({ length: 50 }, () => seal(key, 'zebra').toString('hex'))).size).toBe(50)
})
