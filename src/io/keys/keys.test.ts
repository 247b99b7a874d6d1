import { createSecretKey, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_KEY_SETTINGS } from '../../core/trust/key-settings.ts'
import { createIdentify, createSessionOf } from '../access/identify.ts'
import { capabilityOf, sameSecret } from './capability.ts'
import { seal, unseal } from './sealer.ts'
import { loadSecrets } from './secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('keys: made once, the same ever after, for their owner alone', async () => {
  const [first, second] = await Promise.all([loadSecrets(folder), loadSecrets(folder)])
  expect(second).toEqual(first)
  expect(await loadSecrets(folder)).toEqual(first)
  expect(statSync(join(folder, 'keys', 'master')).mode & 0o777).toBe(0o600)
  expect(new Set(Object.values(first).map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(4)
})

test('keys: a file that others can read, or that is not whole, is refused with what to do', async () => {
  await loadSecrets(folder)
  chmodSync(join(folder, 'keys', 'principal'), 0o644)
  await expect(loadSecrets(folder)).rejects.toMatchObject({
    code: 'secret_exposed',
    message: expect.stringContaining('chmod 600'),
  })
  chmodSync(join(folder, 'keys', 'principal'), 0o600)
  writeFileSync(join(folder, 'keys', 'principal'), 'abc')
  await expect(loadSecrets(folder)).rejects.toMatchObject({ code: 'secret_invalid' })
})

test('keys: what was sealed opens under its key, and any altered byte is refused', () => {
  const key = createSecretKey(randomBytes(32))
  const blob = seal(key, 'zebra')
  expect(unseal(key, blob).toString()).toBe('zebra')
  for (let at = 0; at < blob.length; at++) {
    const altered = Buffer.from(blob)
    altered[at]! ^= 1
    expect(() => unseal(key, altered)).toThrow()
  }
})

test('keys: the secret part of a link depends on decision and instance, and is compared whole', () => {
  const [one, two] = [randomBytes(32), randomBytes(32)]
  expect(capabilityOf(one, 'dec_1')).toMatch(/^[\w-]{22}$/)
  expect(new Set([capabilityOf(one, 'dec_1'), capabilityOf(one, 'dec_2'), capabilityOf(two, 'dec_1')]).size).toBe(3)
  expect([sameSecret('a', 'a'), sameSecret('a', 'b'), sameSecret('a', 'aa'), sameSecret('', 'a')]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('identify: a caller is the keyed hash of its key, whichever header it comes in', () => {
  const identify = createIdentify(
    randomBytes(32),
    () => DEFAULT_KEY_SETTINGS,
    () => null,
  )
  const { principal } = identify({ 'x-api-key': 'sk-1' })
  expect(identify({ authorization: 'Bearer sk-1' }).principal).toBe(principal)
  expect(identify({ 'x-api-key': 'sk-2' }).principal).not.toBe(principal)
  expect(principal).not.toContain('sk-1')
  for (const headers of [
    {},
    { 'x-api-key': '' },
    { authorization: 'Basic abc' },
    { 'x-api-key': 'slk_x' },
    { 'x-api-key': 'sk-1', 'x-sluice-key': 'slk_x' },
  ])
    expect(() => identify(headers as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'credential_invalid' }),
    )
  expect(() => identify({ 'x-api-key': 'sldt_x' })).toThrow(expect.objectContaining({ code: 'token_invalid' }))
})

test('identify: sessions of different organisations never meet', () => {
  const sessionOf = createSessionOf(randomBytes(32))
  expect(sessionOf('a' as never, 's')).not.toBe(sessionOf('b' as never, 's'))
  expect(sessionOf('a' as never, 's')).toBe(sessionOf('a' as never, 's'))
})
