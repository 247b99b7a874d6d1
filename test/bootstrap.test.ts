import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** A clone with a lock file, and an `npm` that says that it was asked. */
let clone: string
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'sluice-clone-'))
  cpSync('bootstrap.mjs', join(clone, 'bootstrap.mjs'))
  write('package.json', { type: 'module', config: { nodeFlags: [], env: {} } })
  write('package-lock.json', { packages: { '': { name: 'x' }, ...LOCKED, 'node_modules/elsewhere': ELSEWHERE } })
  writeFileSync(join(clone, 'said.mjs'), "process.stdout.write('it runs')\n")
  mkdirSync(join(clone, 'bin'))
  writeFileSync(join(clone, 'bin', 'npm'), '#!/bin/sh\necho "npm $@" >&2\n')
  chmodSync(join(clone, 'bin', 'npm'), 0o755)
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

const LOCKED = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }
const ELSEWHERE = { version: '1.0.0', integrity: 'sha512-e', optional: true, os: ['none'] }

function write(path: string, value: unknown): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true })
  writeFileSync(join(clone, path), JSON.stringify(value))
}

function run() {
  const PATH = `${join(clone, 'bin')}${delimiter}${dirname(process.execPath)}`
  // Where Node has an npm beside it, that one is asked: it fails without a network, and says as much.
  const env = { ...process.env, PATH, npm_config_offline: 'true' }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bootstrap.mjs', '--run', 'said.mjs'], {
    ...{ cwd: clone, encoding: 'utf8', env },
  })
  return { status, stdout, stderr }
}

test('bootstrap: packages that fit are left alone, however old, and behind a link as well', () => {
  write('theirs/.package-lock.json', { packages: LOCKED })
  utimesSync(join(clone, 'theirs/.package-lock.json'), 1, 1)
  symlinkSync('theirs', join(clone, 'node_modules'))
  expect(run()).toEqual({ status: 0, stdout: 'it runs', stderr: '' })
})

test('bootstrap: a link to packages that do not fit is refused, and nothing behind it is touched', () => {
  write('theirs/.package-lock.json', { packages: { 'node_modules/a': { version: '2.0.0', integrity: 'sha512-b' } } })
  write('theirs/a/package.json', {})
  symlinkSync('theirs', join(clone, 'node_modules'))
  const { status, stdout, stderr } = run()
  expect([status, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/node_modules is a link .* remove the link and start again\n$/)
  expect(stderr).not.toContain('npm ')
  expect(existsSync(join(clone, 'theirs/a/package.json'))).toBe(true)
})

for (const [why, packages] of [
  ['none', null],
  ['one of another version', { 'node_modules/a': { version: '2.0.0', integrity: 'sha512-b' } }],
  ['one of other bytes', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }],
  ['one too few', {}],
  ['one too many', { ...LOCKED, 'node_modules/b': { version: '1.0.0' } }],
] as const)
  test(`bootstrap: ${why} where the lock file names others, and the locked ones are installed`, () => {
    if (packages !== null) write('node_modules/.package-lock.json', { packages })
    expect(run().stderr).toContain('npm ci --include=dev')
  })
