/** Sharing labels of the Traffic Light Protocol 2.0, widest first. AMBER+STRICT is not used. Source: FIRST. */
export const TLP_LEVELS = ['CLEAR', 'GREEN', 'AMBER', 'RED'] as const
export type Tlp = (typeof TLP_LEVELS)[number]

/** Names of the folders and logs of a feed, in the same order. */
export const LEVELS = ['clear', 'green', 'amber', 'red'] as const
export type Level = (typeof LEVELS)[number]

export function levelOf(tlp: Tlp): Level {
  return LEVELS[TLP_LEVELS.indexOf(tlp)]!
}

export function tlpOf(level: Level): Tlp {
  return TLP_LEVELS[LEVELS.indexOf(level)]!
}

export function isLevel(value: unknown): value is Level {
  return (LEVELS as readonly unknown[]).includes(value)
}

/** True when what is meant for `a` may be seen by fewer than what is meant for `b`. */
export function isStricter(a: Level, b: Level): boolean {
  return LEVELS.indexOf(a) > LEVELS.indexOf(b)
}
