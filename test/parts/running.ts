import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SluiceFacts } from '../../src/cli/start-sluice.ts'
import { MAIN, plainEnvironment } from './sluice.ts'

/** A whole Sluice in a process of its own, as `sluice serve` starts it. */
export interface Running {
  readonly facts: SluiceFacts
  readonly folder: string
  readonly process: ChildProcess
  /** What it has written to stderr so far: must never hold conversation text or credentials. */
  log(): string
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface RunningOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Data folder of an earlier run; made and removed otherwise. */
  readonly folder?: string
  /** Further arguments of `sluice serve`. */
  readonly args?: readonly string[]
}

export function startRunning({ env = {}, folder, args = [] }: RunningOptions = {}): Promise<Running> {
  const data = folder ?? mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'serve', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...plainEnvironment(),
      SLUICE_DATA: data,
      SLUICE_PORT: '0',
      SLUICE_ADMIN_PORT: '0',
      SLUICE_CONFIG: '',
      ...env,
    },
  })
  let log = ''
  let out = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    const early = (code: number | null) => reject(new Error(`sluice ended with ${code} before it listened:\n${log}`))
    child.once('exit', early)
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (!out.includes('\n')) return
      child.off('exit', early)
      const remove = () => {
        if (folder === undefined) rmSync(data, { recursive: true, force: true })
      }
      resolve({
        facts: JSON.parse(out.slice(0, out.indexOf('\n'))) as SluiceFacts,
        folder: data,
        process: child,
        log: () => log,
        async kill() {
          child.kill('SIGKILL')
          await ended
        },
        async stop() {
          child.kill('SIGTERM')
          await ended
          remove()
        },
      })
    })
  })
}

/** Value of one metric without labels. */
export async function metricOf({ facts }: Running, name: string): Promise<number> {
  const text = await (await fetch(`${facts.consoleUrl}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

/** Waits until `test` gives a value; fails after `timeoutMs`. */
export async function eventually<T>(test: () => Promise<T | null | undefined | false>, timeoutMs = 10_000): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const value = await test()
    if (value !== null && value !== undefined && value !== false) return value
    if (performance.now() > until) throw new Error(`not true within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
