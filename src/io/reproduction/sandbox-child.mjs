// The process in which an answer's code runs. It reads {"code","tests","nonce"} from its standard input and writes the
// nonce when all tests passed. It is plain JavaScript, so that it needs to read no file but itself.
//
// Walls, from the inside out: a fresh context without any object of Node's; no code from strings anywhere, so that no
// function of this realm can be made from within; sockets that cannot connect or listen; Node's permission model (no
// files, processes, workers, addons); an empty environment; heap, time and memory bounded by the parent.
import dgram from 'node:dgram'
import dns from 'node:dns'
import { readSync } from 'node:fs'
import net from 'node:net'
import vm from 'node:vm'

const shut = () => {
  throw new Error('shut')
}
for (const [prototype, names] of [
  [net.Socket.prototype, ['connect']],
  [net.Server.prototype, ['listen']],
  [dgram.Socket.prototype, ['bind', 'connect', 'send']],
  [dns, ['lookup', 'resolve']],
])
  for (const name of names)
    Object.defineProperty(prototype, name, { value: shut, writable: false, configurable: false })
process.getBuiltinModule = shut
process.kill = shut
process.dlopen = shut

const chunks = []
const chunk = Buffer.alloc(65_536)
for (let n = readSync(0, chunk); n > 0; n = readSync(0, chunk)) chunks.push(Buffer.from(chunk.subarray(0, n)))
const { code, tests, nonce } = JSON.parse(Buffer.concat(chunks).toString('utf8'))

const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: 'afterEvaluate',
})
const run = (text) => new vm.Script(text).runInContext(context, { timeout: 5_000 })

// Taken before the answer runs, so that it cannot change what its tests are made of.
run(`'use strict'
delete globalThis.console; delete globalThis.WebAssembly; delete globalThis.SharedArrayBuffer; delete globalThis.Atomics
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const value = globalThis[name]
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null) || value === globalThis) continue
  if (typeof value === 'function' && value.prototype) Object.freeze(value.prototype)
  Object.freeze(value)
}
const assert = (ok, message) => { if (!ok) throw new Error(message ?? 'assertion failed') }
assert.equal = (a, b) => assert(Object.is(a, b), 'not equal')
assert.deepEqual = (a, b) => assert(JSON.stringify(a) === JSON.stringify(b), 'not equal')
Object.freeze(assert)
Object.defineProperty(globalThis, 'assert', { value: assert })`)

let passed = false
try {
  run(code)
  // A primitive made here, not one that came from there.
  passed = run(`(() => { 'use strict'\n${tests}\n;return true })()`) === true
} catch {
  passed = false
}
if (passed) process.stdout.write(nonce)
process.exit(0)
