import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadSecrets } from './secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const NAMES = ['capability', 'master', 'principal', 'token']
const hex = (secrets: object) => Object.values(secrets).map((bytes) => Buffer.from(bytes as Uint8Array).toString('hex'))

test('secrets: of thirty first starts at once, all read the same, and nothing is left beside', async () => {
  const all = await Promise.all(Array.from({ length: 30 }, () => loadSecrets(folder)))
  expect(new Set(all.map((secrets) => hex(secrets).join())).size).toBe(1)
  expect(readdirSync(join(folder, 'keys')).sort()).toEqual(NAMES)
})

test('secrets: of four processes that start at once, all read the same', async () => {
  const code = `
    import { loadSecrets } from ${JSON.stringify(import.meta.resolve('./secrets.ts'))}
    // All of them wait for the same moment.
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2]) - Date.now()))
    const secrets = await loadSecrets(process.argv[1])
    process.stdout.write(Object.values(secrets).map((bytes) => Buffer.from(bytes).toString('hex')).join())`
  const at = String(Date.now() + 1500)
  const told = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder, at])
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
      await once(child, 'close')
      return text
    }),
  )
  expect(told[0]).toMatch(/^[0-9a-f]{64},[0-9a-f]{64},[0-9a-f]{64},[0-9a-f]{64}$/)
  expect(new Set(told).size).toBe(1)
})

test.skipIf(process.platform === 'win32')('secrets: files are 0600 in a folder 0700, whatever the umask', async () => {
  const before = process.umask(0)
  try {
    await loadSecrets(folder)
  } finally {
    process.umask(before)
  }
  expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700)
  for (const name of NAMES) expect(statSync(join(folder, 'keys', name)).mode & 0o777, name).toBe(0o600)
})

for (const mode of [0o640, 0o604, 0o620, 0o610])
  test.skipIf(process.platform === 'win32')(
    `secrets: a file of mode ${mode.toString(8)} is refused by name, with what to do, and is not shown`,
    async () => {
      await loadSecrets(folder)
      const file = join(folder, 'keys', 'master')
      chmodSync(file, mode)
      const error = (await loadSecrets(folder).catch((cause: unknown) => cause)) as Error
      expect(error).toMatchObject({ code: 'secret_exposed' })
      expect(error.message).toContain(`chmod 600 ${file}`)
      expect(error.message).not.toContain(readFileSync(file, 'utf8').trim())
    },
  )
