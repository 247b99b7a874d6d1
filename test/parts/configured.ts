import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Running, type RunningOptions, startRunning } from './running.ts'

export interface Configured extends Running {
  readonly file: string
}

/** A whole Sluice with a `sluice.yaml` of the test's. */
export async function startConfigured(yaml: string, { env = {}, ...more }: RunningOptions = {}): Promise<Configured> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-yaml-'))
  const file = join(folder, 'sluice.yaml')
  writeFileSync(file, yaml)
  const running = await startRunning({ ...more, env: { SLUICE_MODE: 'enforce', SLUICE_CONFIG: file, ...env } })
  const stop = async () => {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...running, file, stop }
}

/** Rules whose words decide in tests: which text a model would act on is the model's business. */
export const RULES = `
rules:
  - {name: t.divert, stage: input, action: fall_back, category: cyber, phrases: [divertword]}
  - {name: t.refuse, stage: input, action: refuse, category: bio, phrases: [refuseword], patterns: ['refuse-\\d{3}-x']}
  - {name: t.trust, stage: input, action: require_trust, category: cyber, phrases: [trustword]}
  - {name: t.out-divert, stage: output, action: fall_back, category: cyber, phrases: [outdivert]}
  - {name: t.out-refuse, stage: output, action: refuse, category: bio, phrases: [outrefuse]}
`
