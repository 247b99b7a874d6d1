import { hash, randomBytes } from 'node:crypto'
import { ONE_PERSON } from '../core/governance/register.ts'
import type { ReleaseSet } from '../core/safeguards/arm.ts'
import { bundleHash } from '../core/safeguards/bundle.ts'
import { asSafeguard, type Safeguard } from '../core/safeguards/safeguard.ts'
import { DEFAULT_SEQUENTIAL } from '../core/safeguards/sequential.ts'
import { BASE, joinedSafeguard } from '../core/safeguards/slots.ts'
import type { Config } from '../io/config/config.ts'
import type { Store } from '../jobs/ports.ts'
import type { ReleasePorts } from '../jobs/release-ports.ts'
import { createReleases, type Releases } from '../jobs/releases.ts'
import { createReportRuns, type ReportRuns } from '../jobs/report-runs.ts'
import { bundleOfSafeguard } from './embedded.ts'
import { makeReport } from './make-report.ts'

/** How often another process's changes are looked for: a rollback reaches every replica well within 5 s. */
const LOOK_MS = 1000
/** Lapses and sunsets are due to the minute, not to the second. */
const TICK_MS = 10_000
/** A canary that does harm is paused within seconds of the evidence. */
const GUARD_MS = 2000

/** The releases of this instance, kept up with the store. */
export interface ReleaseSide {
  readonly service: Releases
  readonly reports: ReportRuns
  readonly setup: ReleasePorts
  readonly current: ReleaseSet
  /** What decided under these labels by slot, also where one is no longer in force; null: not from here. */
  safeguardOf(labels: Readonly<Record<string, string>>): Safeguard | null
  start(): void
  stop(): Promise<void>
}

/**
 * Opens the releases over the store. `spread` is called after every change of what gateways must hold, in this process
 * or in another one.
 */
export async function openReleases(
  {
    store,
    config,
    embedded,
    report,
    detectors,
  }: {
    readonly store: Store
    readonly config: Config
    readonly embedded: Safeguard
    readonly report: ReleasePorts['report']
    readonly detectors: ReleasePorts['detectors']
  },
  spread: () => Promise<unknown>,
): Promise<ReleaseSide> {
  const sha256 = (text: string) => hash('sha256', text)
  const bundle = bundleOfSafeguard(embedded)
  const setup: ReleasePorts = {
    store,
    base: { release: 'embedded', label: embedded.release, hash: bundleHash(bundle, sha256), bundle },
    register: ONE_PERSON,
    settings: { ...config.releases, sequential: DEFAULT_SEQUENTIAL },
    detectors,
    hasModel: (model) => model === embedded.model,
    sha256,
    nowMs: () => Date.now(),
    random: () => randomBytes(10),
    changed: () => refresh(),
    report,
  }
  const service = createReleases(setup)
  const labels = new Map<string, Safeguard>()
  let revision = await store.releaseRevision()
  let current: ReleaseSet = {}
  const learn = async () => {
    const all = await store.releases()
    for (const { label, bundle: own, pastLabels } of all)
      for (const named of [...pastLabels, ...(label === null ? [] : [{ label, bundle: own }])])
        if (!labels.has(named.label)) {
          const made = await service.bundle(named.bundle).catch(() => null)
          if (made !== null) labels.set(named.label, asSafeguard(made, named.label, embedded.model))
        }
    current = await service.snapshot()
  }
  const refresh = async () => {
    revision = await store.releaseRevision()
    await learn()
    await spread()
  }
  await learn()

  let timers: NodeJS.Timeout[] = []
  let busy: Promise<unknown> = Promise.resolve()
  /** One after the other: a slow store is not asked twice at once. */
  const every = (ms: number, act: () => Promise<unknown>) =>
    setInterval(() => {
      busy = busy.then(act).catch((error: Error) => report('releases.waiting', { fault: error.name }))
    }, ms).unref()
  return {
    service,
    reports: createReportRuns({ service, make: makeReport(config, report), nowMs: setup.nowMs, report }),
    setup,
    get current() {
      return current
    },
    safeguardOf(named) {
      const known = Object.values(named).map((label) => (label === embedded.release ? embedded : labels.get(label)))
      const found = known.filter((one) => one !== undefined)
      const base = found.find(({ slot }) => slot === BASE)
      if (base === undefined || found.length < known.length) return null
      return joinedSafeguard(
        base,
        found.filter((one) => one !== base),
      )
    },
    start() {
      timers = [
        every(LOOK_MS, async () => {
          if ((await store.releaseRevision()) !== revision) await refresh()
        }),
        every(TICK_MS, () => service.tick()),
        every(GUARD_MS, () => service.look()),
      ]
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await busy
    },
  }
}
