import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CodeRunner } from '../../jobs/reproduce-ports.ts'

const CHILD = fileURLToPath(new URL('./sandbox-child.mjs', import.meta.url))

export interface SandboxLimits {
  readonly timeoutMs: number
  readonly heapMib: number
  /** Resident memory of the whole process, buffers included; looked at every 20 ms where /proc says it. */
  readonly residentMib: number
  readonly concurrency: number
}

const LIMITS: SandboxLimits = { timeoutMs: 5_000, heapMib: 64, residentMib: 256, concurrency: 2 }
const MOST_CODE_CHARS = 1 << 20
const WATCH_MS = 20

/**
 * Runs an answer's JavaScript against a task's tests, each in a Node process of its own: without files, processes,
 * workers, addons, network, environment, or code made from strings. What does not end in time, or grows, is killed.
 *
 * A pass is a nonce that the code inside cannot know. Whatever else the process does, dies of or prints is a failure.
 */
export function openSandbox(limits: Partial<SandboxLimits> = {}): CodeRunner {
  const { timeoutMs, heapMib, residentMib, concurrency } = { ...LIMITS, ...limits }
  let running = 0
  const waiting: (() => void)[] = []
  return {
    async passes(code, tests) {
      if (code.length > MOST_CODE_CHARS) return false
      if (running >= concurrency) await new Promise<void>((go) => waiting.push(go))
      else running += 1
      try {
        return await runOnce(code, tests)
      } finally {
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    },
  }

  function runOnce(code: string, tests: string): Promise<boolean> {
    const nonce = randomBytes(16).toString('hex')
    const child = spawn(
      process.execPath,
      [
        ...['--permission', `--allow-fs-read=${CHILD}`, '--disallow-code-generation-from-strings'],
        ...[`--max-old-space-size=${heapMib}`, '--no-warnings', '--disable-proto=delete', CHILD],
      ],
      { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] },
    )
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1')
      if (said.length > nonce.length) child.kill('SIGKILL')
    })
    // A process that died before it read everything.
    child.stdin.on('error', () => undefined)
    child.stdin.end(JSON.stringify({ code, tests, nonce }))
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    const watch = setInterval(() => {
      if (residentMibOf(child.pid) > residentMib) child.kill('SIGKILL')
    }, WATCH_MS)
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(late)
        clearInterval(watch)
      }
      child.once('error', (error) => {
        end()
        reject(error)
      })
      child.once('close', (status) => {
        end()
        resolve(status === 0 && said === nonce)
      })
    })
  }
}

/** Zero where the system does not say. */
function residentMibOf(pid: number | undefined): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1024 ** 2
  } catch {
    return 0
  }
}
