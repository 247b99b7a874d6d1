import type { Bundle } from '../core/safeguards/bundle.ts'
import type { Release } from '../core/safeguards/release.ts'
import { type Asking, ReleaseError } from './release-ports.ts'
import type { Releases } from './releases.ts'

/** A collateral report about a release, while it is made and after. */
export interface ReportRun {
  readonly state: 'running' | 'done' | 'failed'
  readonly startedAtMs: number
  readonly days: number
  readonly requests: number
  readonly requestsDone: number
  readonly secondsLeft: number | null
  /** Id of the finished report; null before. */
  readonly report: string | null
  /** What went wrong; null: nothing. */
  readonly error: string | null
}

export interface ReportRunPorts {
  readonly service: Pick<Releases, 'show' | 'bundle' | 'attach'>
  /** Makes and keeps the report over decisions of so many days, elsewhere. Rejects with what went wrong. */
  make(
    release: Release,
    bundle: Bundle,
    days: number,
    progress: (requestsDone: number, requests: number, secondsLeft: number | null) => void,
  ): Promise<{ readonly id: string; readonly report: unknown }>
  nowMs(): number
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

export type ReportRuns = ReturnType<typeof createReportRuns>

/** Reports that this instance makes for its releases, one at a time for each; attached to the pack when they are done. */
export function createReportRuns({ service, make, nowMs, report }: ReportRunPorts) {
  const runs = new Map<string, ReportRun>()

  const work = async (release: Release, days: number, asking: Asking) => {
    const set = (more: Partial<ReportRun>) => runs.set(release.id, { ...runs.get(release.id)!, ...more })
    try {
      const bundle = await service.bundle(release.bundle)
      const made = await make(release, bundle, days, (requestsDone, requests, secondsLeft) =>
        set({ requestsDone, requests, secondsLeft }),
      )
      await service.attach(release.id, 'collateral', made.report, [], asking)
      set({ state: 'done', report: made.id, secondsLeft: 0 })
    } catch (error) {
      const { name, message } = error as Error
      set({ state: 'failed', error: message.slice(0, 300), secondsLeft: null })
      report('release.report_failed', { release: release.id, fault: name })
    }
  }

  return {
    /** @throws {ReleaseError} its pack is frozen, or a report about it is being made. */
    async start(id: string, days: number, asking: Asking): Promise<ReportRun> {
      const { release } = await service.show(id)
      if (release.state.stage !== 'draft')
        throw new ReleaseError(
          'pack_frozen',
          `the pack of ${release.label ?? release.id} is frozen`,
          '`sluice release edit` opens it again',
        )
      if (runs.get(release.id)?.state === 'running')
        throw new ReleaseError('conflict', 'a report about this release is being made', 'wait for it')
      const run: ReportRun = {
        ...{ state: 'running', startedAtMs: nowMs(), days, requests: 0, requestsDone: 0, secondsLeft: null },
        ...{ report: null, error: null },
      }
      runs.set(release.id, run)
      void work(release, days, asking)
      return run
    },
    /** The last one about a release; null: none since this process began. */
    of: (releaseId: string): ReportRun | null => runs.get(releaseId) ?? null,
  }
}
