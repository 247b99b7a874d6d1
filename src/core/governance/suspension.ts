/** A model that may not answer at the moment. */
export interface Suspension {
  /** ISO 8601, as `until`. */
  readonly since: string
  /** Null: until somebody lifts it. */
  readonly until: string | null
  /** The same time. */
  readonly untilMs: number | null
  readonly briefUrl: string | null
}

export type Suspensions = ReadonlyMap<string, Suspension>

/** What keeps `model` from answering at that time, or null. What has reached its end needs nobody to lift it. */
export function suspensionOf(model: string, suspended: Suspensions, atMs: number): Suspension | null {
  const suspension = suspended.get(model)
  if (suspension === undefined) return null
  return suspension.untilMs !== null && suspension.untilMs <= atMs ? null : suspension
}
