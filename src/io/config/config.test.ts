import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig, parseConfig } from './config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('config: nothing written means observe, loopback, the rehearsal model and content kept for 30 days', () => {
  expect(loadConfig({}, folder)).toMatchObject({
    ...{
      mode: 'observe',
      host: '127.0.0.1',
      port: 8787,
      adminPort: 8788,
      publicUrl: null,
      databaseUrl: null,
      retention: 'all',
    },
    ...{ retentionDays: 30, keepAliveMs: 15_000, dataFolder: join(folder, '.sluice'), file: null, fallbacks: {} },
  })
})

test('config: the file counts, and the environment wins over it', () => {
  writeFileSync(
    join(folder, 'sluice.yaml'),
    'mode: enforce\nlisten: {port: 1}\npublic_url: https://x.example/\nfallbacks: {a: b}\n',
  )
  expect(loadConfig({}, folder)).toMatchObject({
    mode: 'enforce',
    port: 1,
    publicUrl: 'https://x.example',
    fallbacks: { a: 'b' },
  })
  expect(loadConfig({ SLUICE_MODE: 'off', SLUICE_PORT: '2', SLUICE_ADMIN_PORT: '' }, folder)).toMatchObject({
    mode: 'off',
    port: 2,
    adminPort: 8788,
  })
})

const faults: [name: string, text: string, says: string][] = [
  ['a value outside its list', 'mode: sometimes', '`mode`'],
  ['an unknown member', 'modes: observe', 'modes'],
  ['an inner fault', 'upstreams: {anthropic: ftp://x}', '`upstreams.anthropic`'],
  ['a number outside its bounds', 'keep_alive_s: 600', '`keep_alive_s`'],
  ['no YAML, with its line', 'mode: observe\nlisten: [\n', 'line'],
]
for (const [name, text, says] of faults)
  test(`config: ${name} is named, with the file`, () => {
    expect(() => parseConfig(text, 'sluice.yaml')).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringMatching(new RegExp(`sluice\\.yaml.*${says}`)),
      }),
    )
  })

test('config: an empty file is fine; one that was named and is missing is not; bad environment is named', () => {
  expect(() => parseConfig('', 'sluice.yaml')).not.toThrow()
  expect(() => loadConfig({ SLUICE_CONFIG: 'nowhere.yaml' }, folder)).toThrow(
    expect.objectContaining({ code: 'config_unreadable' }),
  )
  expect(() => loadConfig({ SLUICE_PORT: 'eighty' }, folder)).toThrow(
    expect.objectContaining({ message: expect.stringContaining('`SLUICE_PORT`') }),
  )
})
