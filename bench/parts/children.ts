import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
/** As the program is started by its own command: the same flags, settings and cache, for every program under test. */
const { nodeFlags, env: settings } = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    config: { nodeFlags: string[]; env: Record<string, string> }
  }
).config
const cache = { ...settings, NODE_COMPILE_CACHE: join(ROOT, '.node', 'compile-cache') }

/** A program under test, once it has printed what `ready` finds in a line. Figures are read from /proc: Linux only. */
export interface Child {
  readonly process: ChildProcess
  readonly found: string
  /** CPU time of the whole process so far, all threads, milliseconds. */
  cpuMs(): number
  memoryMb(): number
  /** The most since the start, or since `forgetPeak`. */
  peakMemoryMb(): number
  forgetPeak(): void
  /** Ends it, and resolves when it is gone: nothing it writes to may be removed before. */
  stop(): Promise<void>
}

const STOP_WITHIN_MS = 15_000

/**
 * @param file Relative to the root of the repository, or absolute.
 * @throws when it ends, or is not ready within 60 s.
 */
export function startChild(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  ready: RegExp,
  nodeArgs: readonly string[] = [],
): Promise<Child> {
  const child = spawn(
    process.execPath,
    [...nodeFlags, ...nodeArgs, join(file.startsWith('/') ? '' : ROOT, file), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...cache, ...plainEnvironment(), ...env }, cwd: ROOT },
  )
  const { pid } = child
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${file} was not ready within 60 s`))
    }, 60_000)
    child.on('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`${file} ended with ${code} before it was ready`))
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = ready.exec(line)
      if (found === null) return
      clearTimeout(late)
      resolve({
        process: child,
        found: found[1]!,
        cpuMs: () => cpuMs(pid!),
        memoryMb: () => memoryMb(pid!, 'VmRSS'),
        peakMemoryMb: () => memoryMb(pid!, 'VmHWM'),
        forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
        stop: () => stop(child),
      })
    })
  })
}

/** What the person who measures has set for a Sluice of their own is none of the benchmark's. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(SLUICE_|DATABASE_URL$|(ANTHROPIC|OPENAI)_|NODE_OPTIONS$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

/** Nanoseconds per thread where the kernel counts them; else the 10 ms ticks of the process. */
function cpuMs(pid: number): number {
  try {
    let ns = 0
    for (const thread of readdirSync(`/proc/${pid}/task`))
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    if (ns > 0) return ns / 1e6
  } catch {
    // A kernel without schedstat.
  }
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function memoryMb(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    child.once('exit', () => {
      clearTimeout(late)
      done()
    })
    child.kill('SIGTERM')
  })
}
