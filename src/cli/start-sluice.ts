import { readFileSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { CodedError } from '../core/base/errors.ts'
import type { Able } from '../core/policy/cascade.ts'
import type { Mode } from '../core/policy/policy.ts'
import { ruleBook } from '../core/safeguards/rules.ts'
import type { Config } from '../io/config/config.ts'
import { makeDataFolder } from '../io/data-folder.ts'
import { ableDetectors } from '../io/detectors/open-detectors.ts'
import { startRehearsal } from '../io/rehearsal/server.ts'
import { assertAskable } from './assert-askable.ts'
import { type Control, type Snapshot, startControl } from './control-link.ts'
import { spawnControl } from './control-spawn.ts'
import { PACKAGE_ROOT } from './embedded.ts'
import { startGateway, type Upstreams } from './gateway-side.ts'
import { ListenError } from './listen-fault.ts'
import { startWorkers, type Workers } from './workers.ts'

export interface Upstream {
  readonly dialect: 'anthropic' | 'openai'
  readonly url: string
  readonly rehearsal: boolean
}

/** What the control side is told about the gateway. */
export interface ControlFacts {
  readonly gatewayUrl: string
  readonly publicUrl: string
  readonly upstreams: readonly Upstream[]
  readonly secondOpinions: readonly Able[]
}

export interface SluiceFacts extends ControlFacts {
  readonly version: string
  readonly consoleUrl: string
  readonly mode: Mode
  readonly modeSinceMs: number
  readonly modeBy: string
  readonly release: string
  readonly retention: Config['retention']
  readonly retentionDays: number
  readonly workers: number
}

export interface Sluice {
  readonly facts: SluiceFacts
  /** Takes a new configuration without dropping a request. @throws {ConfigError}, {RuleError}: the one before stays. */
  reconfigure(config: Config): Promise<void>
  watch: Control['watch']
  close(): Promise<void>
}

type Report = (event: string, facts: Readonly<Record<string, string | number>>) => void

/** The data plane of this process, or of several: one face for both. */
interface Plane {
  readonly port: number
  readonly release: string
  serve(control: Control, publicUrl: string): Promise<void>
  snapshot(next: Snapshot): void | Promise<void>
  reconfigure(config: Config, upstreams: Upstreams): Promise<void>
  stats(): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

/**
 * Starts gateway and control side. Resolves when both listen.
 * @param workers Processes that answer; 1 answers in this one. @param thread Of the control side, loading already.
 * @throws {DataFolderError}, {ListenError}, {ConfigError}, {RuleError}; nothing of it runs on then.
 */
export async function startSluice(
  config: Config,
  report: Report,
  workers = 1,
  thread: Worker = spawnControl(),
): Promise<Sluice> {
  await makeDataFolder(config.dataFolder)
  const version = (JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')) as { version: string }).version
  let plane: Plane | null = null
  let releases: Snapshot['releases'] = {}
  const controlling = startControl(thread, { config, version }, report, {
    snapshot: (next) => {
      releases = next.releases
      return plane?.snapshot(next)
    },
    stats: async () => (plane === null ? {} : plane.stats()),
  })
  // Told where it is waited for.
  controlling.catch(() => undefined)
  const rehearsal = hasUpstream(config) ? null : await startRehearsal()
  const upstreamsOf = (one: Config): Upstreams => {
    if (rehearsal !== null && !hasUpstream(one))
      return { urls: { anthropic: [rehearsal.url], openai: [rehearsal.url] }, rehearsal: true }
    return { urls: { anthropic: one.upstreams.anthropic, openai: one.upstreams.openai }, rehearsal: false }
  }
  const upstreams = upstreamsOf(config)
  const starting: Promise<Plane> =
    workers > 1
      ? startWorkers(workers, { config, upstreams }, report).then(inWorkers)
      : inProcess(config, upstreams, report)
  // Told where it is waited for.
  starting.catch(() => undefined)
  /** @returns what kept either from starting. */
  const stop = async (): Promise<readonly Error[]> => {
    const begun = await Promise.allSettled([starting, controlling])
    for (const one of begun) if (one.status === 'fulfilled') await one.value.close()
    await rehearsal?.close()
    return begun.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))
  }
  try {
    releases = (await controlling).snapshot.releases
    plane = await starting
    assertAskable(releases, ableDetectors(config.detectors, process.env))
  } catch (error) {
    throw together(error, await stop())
  }
  const [control, serving] = [await controlling, plane]
  const gatewayUrl = `http://${config.host}:${serving.port}`
  const listed = (['anthropic', 'openai'] as const).flatMap((dialect): Upstream[] =>
    (upstreams.urls[dialect] ?? []).map((url) => ({ dialect, url, rehearsal: upstreams.rehearsal })),
  )
  const facts: ControlFacts = {
    gatewayUrl,
    publicUrl: config.publicUrl ?? gatewayUrl,
    upstreams: listed,
    secondOpinions: ableDetectors(config.detectors, process.env),
  }
  await control.calls.ask('facts', facts)
  await serving.serve(control, facts.publicUrl)
  const { mode } = control.snapshot
  return {
    facts: {
      ...facts,
      version,
      consoleUrl: `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${control.adminPort}`,
      mode: mode.mode,
      modeSinceMs: mode.sinceMs,
      modeBy: mode.by,
      release: serving.release,
      retention: config.retention,
      retentionDays: config.retentionDays,
      workers,
    },
    async reconfigure(next) {
      const secondOpinions = ableDetectors(next.detectors, process.env)
      assertAskable(releases, secondOpinions)
      await serving.reconfigure(next, upstreamsOf(next))
      await control.calls.ask('facts', { ...facts, secondOpinions })
      await control.calls.ask('reconfigure', next)
    },
    watch: control.watch,
    async close() {
      await stop()
    },
  }
}

/** Both sides may have been refused, each for its own port: whoever reads it settles both at once. */
function together(error: unknown, faults: readonly Error[]): unknown {
  return faults.length > 1 && faults.every((fault) => fault instanceof CodedError && fault.code === 'port_unavailable')
    ? new ListenError('port_unavailable', faults.map(({ message }) => message).join('; '), { cause: error })
    : error
}

function hasUpstream({ upstreams }: Config): boolean {
  return upstreams.anthropic.length + upstreams.openai.length > 0
}

async function inProcess(config: Config, upstreams: Upstreams, report: Report): Promise<Plane> {
  const gateway = await startGateway(config, upstreams, report)
  return {
    ...gateway,
    serve: (control, publicUrl) => gateway.serve(control.calls, control.snapshot, publicUrl),
    reconfigure: async (next, to) => gateway.reconfigure(next, to),
    stats: async () => gateway.stats(),
  }
}

async function inWorkers(workers: Workers): Promise<Plane> {
  return {
    port: workers.port,
    release: workers.release,
    serve: (control, publicUrl) => workers.serve(control.calls, control.snapshot, publicUrl),
    snapshot: (next) => workers.snapshot(next),
    async reconfigure(config, to) {
      // Here, before anybody is told: a rule that cannot be used reaches no worker.
      ruleBook(config.rules)
      await workers.reconfigure({ config, upstreams: to })
    },
    stats: async () => summed(await workers.stats()),
    close: () => workers.close(),
  }
}

/** Counters of several processes as those of one; what is a share or a level is the greatest. */
function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of all)
    for (const [name, n] of Object.entries(one))
      sums[name] = name === 'spool_fill' ? Math.max(sums[name] ?? 0, n) : (sums[name] ?? 0) + n
  return sums
}
