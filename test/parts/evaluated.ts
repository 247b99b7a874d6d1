import { spawn } from 'node:child_process'
import type { EvalReport } from '../../src/jobs/evaluation/report.ts'
import { MAIN } from './sluice.ts'

/** `sluice` as a process of its own, and rows to give it. */

export interface Done {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export function sluice(args: readonly string[], env: Record<string, string> = {}): Promise<Done> {
  const { OPENAI_API_KEY: _o, ANTHROPIC_API_KEY: _a, SLUICE_HOOK_SECRET: _h, ...inherited } = process.env
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

export async function report(
  args: readonly string[],
  env: Record<string, string> = {},
  wanted = 0,
): Promise<EvalReport> {
  const { code, stdout, stderr } = await sluice(['eval', ...args, '--json'], env)
  if (code !== wanted) throw new Error(`ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as EvalReport
}

/** Text that may stand in no output. */
export const CANARY = 'canary-7f31'
export const row = <T extends object>(id: string, more: T) => ({ id, source: 'generated', license: 'CC0-1.0', ...more })
export const said = (content: string) => [{ role: 'user', content }]
export const jsonl = (rows: readonly object[]) => rows.map((one) => `${JSON.stringify(one)}\n`).join('')
