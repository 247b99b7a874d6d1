import type { Duty } from '../jobs/duty.ts'
import type { Registry } from '../jobs/registry.ts'

/** What the routes about reports need. */
export interface ReportAdmin {
  readonly registry: Registry
  readonly duty: Duty
  nowMs(): number
}
