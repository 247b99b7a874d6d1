import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A program under test, once it has printed what `ready` finds in a line. */
export interface Child {
  readonly process: ChildProcess
  readonly found: string
  /** CPU time of the whole process so far, all threads, milliseconds. Linux only: 10 ms ticks of /proc. */
  cpuMs(): number
  peakMemoryMb(): number
  /** Ends it, and resolves when it is gone: nothing it writes to may be removed before. */
  stop(): Promise<void>
}

export function startChild(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  ready: RegExp,
): Promise<Child> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const { pid } = child
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = ready.exec(line)
      if (found === null) return
      resolve({
        process: child,
        found: found[1]!,
        cpuMs: () => {
          const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
          return (Number(fields[11]) + Number(fields[12])) * 10
        },
        peakMemoryMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
        stop: () => {
          const gone = new Promise<void>((done) => child.once('exit', () => done()))
          child.kill('SIGTERM')
          return gone
        },
      })
    })
  })
}
