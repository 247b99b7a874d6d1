import type { ReleasePorts } from '../jobs/release-ports.ts'
import type { Releases } from '../jobs/releases.ts'
import type { ReportRuns } from '../jobs/report-runs.ts'

/** What the routes about releases need: the service, and how it is set up. */
export interface ReleaseAdmin {
  readonly service: Releases
  readonly reports: ReportRuns
  readonly setup: Pick<ReleasePorts, 'register' | 'settings' | 'sha256'>
}
