import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { openSandbox } from './sandbox.ts'

const sandbox = openSandbox({ timeoutMs: 3_000 })
const TESTS = 'assert.equal(add(2, 3), 5); assert.deepEqual([add(0, 0)], [0])'
const GOOD = 'function add(a, b) { return a + b }'

test('sandbox: code that does what the tests want passes, code that does not fails', async () => {
  expect(await sandbox.passes(GOOD, TESTS)).toBe(true)
  expect(await sandbox.passes('function add(a, b) { return a - b }', TESTS)).toBe(false)
  expect(await sandbox.passes('function add(', TESTS)).toBe(false)
  expect(await sandbox.passes('', TESTS)).toBe(false)
})

/** How the realm of Node might be reached: each gives `host`, a function of it, or nothing. */
const REACHES = [
  'const reach = () => globalThis.constructor.constructor',
  'const reach = () => (function () { return this })().constructor.constructor',
  'let found; import("node:fs").catch((e) => { found = e.constructor.constructor }); const reach = () => found',
  'const reach = () => { try { (function f() { f() })() } catch (e) { return e.constructor.constructor } }',
  'let seen; Error.prepareStackTrace = (_, calls) => { seen = calls; return "" }; new Error().stack; const reach = () => seen?.map((c) => c.getThis() ?? c.getFunction()).find(Boolean)?.constructor.constructor',
]
const WANTS = [
  ['reads a file', 'process.getBuiltinModule("fs").readFileSync("/etc/hostname")'],
  ['starts a process', 'process.getBuiltinModule("child_process").execSync("true")'],
  ['leaves with success', 'process.exit(0)'],
] as const

test('sandbox: no way to the realm of Node, so no file, process nor early success', async () => {
  for (const reach of REACHES)
    for (const [what, act] of WANTS) {
      // Would pass if the escape worked: `add` exists only when the act did not throw.
      const code = `${reach}\nlet add; try { reach()('return ' + ${JSON.stringify(act)})(); add = (a, b) => a + b } catch {}`
      expect([what, reach, await sandbox.passes(code, TESTS)]).toEqual([what, reach, false])
    }
}, 60_000)

test('sandbox: names of Node are not there', async () => {
  const names = ['process', 'require', 'fetch', 'module', 'Buffer', 'WebAssembly', 'setTimeout', 'console', 'global']
  expect(await sandbox.passes(GOOD, names.map((one) => `assert(typeof ${one} === 'undefined')`).join(';'))).toBe(true)
})

test('sandbox: a socket is never opened', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  const tries = [
    `import('node:net').then(({ connect }) => connect(${port}, '127.0.0.1'))`,
    `fetch('http://127.0.0.1:${port}/')`,
    `import('node:net').catch((e) => e.constructor.constructor('return process')().getBuiltinModule('net').connect(${port}))`,
  ]
  for (const one of tries) await sandbox.passes(`${GOOD}; try { ${one} } catch {}`, TESTS)
  await new Promise((closed) => server.close(closed))
  expect(connections).toBe(0)
})

test('sandbox: a loop without end and a memory bomb end as failures', async () => {
  const started = performance.now()
  expect(await sandbox.passes('for (;;) {}', TESTS)).toBe(false)
  expect(
    await sandbox.passes(
      `${GOOD}; Promise.resolve().then(function again() { return Promise.resolve().then(again) })`,
      TESTS,
    ),
  ).toBe(false)
  expect(await sandbox.passes('const held = []; for (;;) held.push(new Array(1e5).fill(1))', TESTS)).toBe(false)
  expect(await sandbox.passes('const held = []; for (;;) held.push(new Uint8Array(1 << 24).fill(1))', TESTS)).toBe(
    false,
  )
  expect(performance.now() - started).toBeLessThan(20_000)
}, 30_000)

test('sandbox: an answer cannot change what its tests are made of', async () => {
  const cheats = [
    'globalThis.assert = () => {}; var add = () => 0',
    'assert.equal = () => {}; assert.deepEqual = () => {}; var add = () => 0',
    'Object.is = () => true; JSON.stringify = () => ""; var add = () => 0',
    'throw { toString() { return "passed" } }',
  ]
  for (const one of cheats) expect(await sandbox.passes(one, TESTS)).toBe(false)
})
