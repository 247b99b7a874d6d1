import type { EvalReport } from '../../src/jobs/evaluation/report.ts'
import { sluice } from './sluice.ts'

/** What `sluice eval` says, and rows to give it. */

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
