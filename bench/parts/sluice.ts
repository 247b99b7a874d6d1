import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram } from '../../tools/build-program.ts'
import { PROGRAM } from '../../tools/sources.mjs'
import { type Child, startChild } from './children.ts'

export interface SluiceChild extends Child {
  readonly port: number
  /** A counter or gauge of its metrics, all labels together; null where there is none of that name. */
  metric(name: string, unless?: string): Promise<number | null>
}

/**
 * The real program, as `npm start` builds and starts it, with data of its own in `folder`.
 * @param settings Members of its configuration file, as JSON, which YAML is.
 */
export async function startSluice(
  folder: string,
  name: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<SluiceChild> {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, JSON.stringify({ data: join(folder, name), ...settings }))
  const env = { SLUICE_CONFIG: file, SLUICE_PORT: '0', SLUICE_ADMIN_PORT: '0' }
  await buildProgram()
  const child = await startChild(PROGRAM, ['serve', '--json'], env, /^(\{.*"gatewayUrl".*\})$/)
  const facts = JSON.parse(child.found) as { gatewayUrl: string; consoleUrl: string }
  return {
    ...child,
    port: Number(new URL(facts.gatewayUrl).port),
    async metric(metric, unless) {
      const answer = await fetch(`http://127.0.0.1:${new URL(facts.consoleUrl).port}/metrics`).catch(() => null)
      if (answer?.ok !== true) return null
      const lines = (await answer.text()).split('\n').filter((line) => line.split(/[ {]/, 1)[0] === metric)
      const counted = lines.filter((line) => unless === undefined || !line.includes(unless))
      return lines.length === 0 ? null : counted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
  }
}

/** The upstream of both dialects on loopback. */
export function upstreamsAt(port: string): { readonly upstreams: Record<string, unknown> } {
  const url = `http://127.0.0.1:${port}`
  return { upstreams: { anthropic: url, openai: url, connections: 1100 } }
}
