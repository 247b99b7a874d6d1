import { type ChildProcess, spawn } from 'node:child_process'

/** The program: as it is built, where `npm test` built it; otherwise from its sources. */
export const MAIN = process.env['SLUICE_TEST_PROGRAM'] ?? 'src/main.ts'

export interface Done {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What this machine's own settings would say to a command. */
const OURS = ['DATABASE_URL', 'SLUICE_PARENT', 'SLUICE_HOOK_SECRET', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY']

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
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.includes(name)))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...inherited, ...env },
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
