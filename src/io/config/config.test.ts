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
    fallbacks: { a: ['b'] },
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
  ['a contact that is none', 'trust: {contact: javascript:x}', '`trust.contact`: wanted a URL or a mail address'],
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

test('config: every fault is named at once, and YAML errors name the line they are on', () => {
  const message = (text: string) => {
    try {
      parseConfig(text, 'sluice.yaml')
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  const all = message('mode: sometimes\nlisten: {port: 70000, host: 1}\ncontent: {keep: some}\nupstream: {}\n')
  for (const place of ['`mode`', '`listen.port`', '`listen.host`', '`content.keep`', 'upstream'])
    expect(all).toContain(place)
  expect(message('mode: observe\n\ndetail: [full\n')).toMatch(/^sluice\.yaml line [34]: /)
  expect(message('mode: observe\ndata: a\nmode: off\n')).toMatch(/^sluice\.yaml line 3: /)
  expect(message('a: b: c\n')).toMatch(/^sluice\.yaml line 1: /)
  expect(message('just words')).toMatch(/^sluice\.yaml: `file`: /)
  expect(message('listen:\n')).toContain('`listen`')
})

test('config: a fault says what was wanted and what to do, and what is one letter off is named', () => {
  const message = (act: () => unknown) => {
    try {
      act()
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  expect(message(() => loadConfig({ SLUICE_PORT: 'eighty' }, folder))).toBe(
    'environment: `SLUICE_PORT`: wanted a whole number from 0 to 65535; set it to that, or unset it',
  )
  const told = message(() => parseConfig('falbacks: {a: b}\nlisten: {prot: 1}\nmode: sometimes\n', 'sluice.yaml'))
  for (const fault of [
    '`falbacks`: no such setting; `fallbacks` is one',
    '`listen.prot`: no such setting; `port` is one',
    '`mode`: wanted one of "observe"|"enforce"|"off"',
    'correct it there: docs/reference/sluice.schema.json has every setting',
  ])
    expect(told).toContain(fault)
  expect(told).not.toContain('Invalid')
})

test('config: no message repeats a value, since one of them may be a password', () => {
  const secret = 'hunter2-4471'
  for (const text of [`database_url: [${secret}]`, `upstreams: {openai: "${secret}"}`, `mode: ${secret}`])
    expect(() => parseConfig(text, 'sluice.yaml')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    )
  expect(() => loadConfig({ OPENAI_UPSTREAM_URL: secret, SLUICE_MODE: secret }, folder)).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringMatching(/^environment: (?!.*hunter2).*`SLUICE_MODE`.*`OPENAI_UPSTREAM_URL`/),
    }),
  )
})

test('config: for everything both can say, the environment wins, and an empty variable says nothing', () => {
  writeFileSync(
    join(folder, 'sluice.yaml'),
    'mode: enforce\ndata: one\ndatabase_url: postgres://one\npublic_url: http://one\ncontent: {keep: none}\n' +
      'listen: {host: one, port: 1, admin_port: 1}\nupstreams: {anthropic: http://one, openai: http://one}\n',
  )
  const variables = {
    ...{ SLUICE_MODE: 'off', SLUICE_DATA: '/two', DATABASE_URL: 'postgres://two', SLUICE_PUBLIC_URL: 'http://two' },
    ...{ SLUICE_CONTENT: 'acted', SLUICE_HOST: 'two', SLUICE_PORT: '2', SLUICE_ADMIN_PORT: '2' },
    ...{ ANTHROPIC_UPSTREAM_URL: 'http://two', OPENAI_UPSTREAM_URL: 'http://two' },
  }
  expect(loadConfig(variables, folder)).toMatchObject({
    ...{ mode: 'off', dataFolder: '/two', databaseUrl: 'postgres://two', publicUrl: 'http://two', retention: 'acted' },
    ...{ host: 'two', port: 2, adminPort: 2, upstreams: { anthropic: ['http://two'], openai: ['http://two'] } },
  })
  const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']))
  expect(loadConfig(empty, folder)).toEqual(loadConfig({}, folder))
  expect(loadConfig(empty, folder)).toMatchObject({ mode: 'enforce', dataFolder: join(folder, 'one'), host: 'one' })
})
