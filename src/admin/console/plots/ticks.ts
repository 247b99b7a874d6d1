const MINUTE = 60_000
const STEPS_MS = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 5 * 1440, 10 * 1440].map((minutes) => minutes * MINUTE)

export interface Tick {
  readonly atMs: number
  /** Position in per cent of the axis. */
  readonly x: number
}

/**
 * Round times inside a span, at most seven.
 *
 * @param offsetMs Of the zone in which they are round.
 */
export function timeTicks(sinceMs: number, untilMs: number, offsetMs: number): Tick[] {
  const span = untilMs - sinceMs
  const step = STEPS_MS.find((one) => span / one <= 6) ?? STEPS_MS.at(-1)!
  const ticks: Tick[] = []
  for (let at = Math.ceil((sinceMs + offsetMs) / step) * step - offsetMs; at <= untilMs; at += step)
    ticks.push({ atMs: at, x: ((at - sinceMs) / span) * 100 })
  return ticks
}

/** Where a label begins, so that it stays on the plot. */
export function anchorAt(x: number): 'start' | 'middle' | 'end' {
  return x < 6 ? 'start' : x > 94 ? 'end' : 'middle'
}
