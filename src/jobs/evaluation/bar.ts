export const BAR_NAMES = [
  'overlap',
  'family-1',
  'family-5',
  'attacks',
  'needle',
  'evasion',
  'evasion-hard',
  'exchange-auc',
  'exchange-auc-20',
  'harmful-reached',
  'borderline-not-acted',
  'benign-not-acted',
] as const
export type BarName = (typeof BAR_NAMES)[number]

/** One published bar against what was measured. */
export interface Bar {
  readonly name: BarName
  /** Row of the acceptance list. */
  readonly id: string
  readonly wanted: number
  readonly result: 'pass' | 'fail' | 'inconclusive'
  /** Hits and trials, where the bar is on a share. */
  readonly k: number | null
  readonly n: number
  readonly found: number
  /** 95 % interval of what was found. */
  readonly lo: number
  readonly hi: number
  /** Trials that would decide, where it is their number that is missing. */
  readonly needed: number | null
}
