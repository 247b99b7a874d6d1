import { spawn } from 'node:child_process'

/** The program: as it is built, where `npm test` built it; otherwise from its sources. */
export const MAIN = process.env['SLUICE_TEST_PROGRAM'] ?? 'src/main.ts'

export interface Done {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One command of the program, as a person runs it. */
export function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Done> {
  const { DATABASE_URL: _d, SLUICE_PARENT: _p, ...inherited } = process.env
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}
