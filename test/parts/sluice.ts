import { type ChildProcess, spawn } from 'node:child_process'

/** The program: as it is built, where `npm test` built it; otherwise from its sources. */
export const MAIN = process.env['SLUICE_TEST_PROGRAM'] ?? 'src/main.ts'

export interface Done {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Nothing outlives its test: no command takes as long. */
const LONGEST_MS = 400_000

/** The environment without the machine's own settings, which must not reach the program under test. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const keys = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'SLUICE_HOOK_SECRET']
  const places = ['DATABASE_URL', 'OPENAI_UPSTREAM_URL', 'ANTHROPIC_UPSTREAM_URL', 'SLUICE_PARENT']
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => ![...keys, ...places].includes(name)))
}

/** One command of the program, as a person runs it. @param input What it reads. */
export function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Promise<Done> {
  return startSluice(args, env, input).done
}

/** A command that is under way. */
export function startSluice(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): { readonly child: ChildProcess; readonly done: Promise<Done> } {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...plainEnvironment(), ...env },
    ...{ timeout: LONGEST_MS, killSignal: 'SIGKILL' },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  // A command that reads nothing may be gone before its input is.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const done = new Promise<Done>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  return { child, done }
}
