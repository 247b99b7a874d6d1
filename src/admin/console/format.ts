import { type Figures, figures } from '../../core/briefs/figures.ts'
import type { Share } from '../contract.ts'

export { digitsOf } from '../../core/briefs/figures.ts'

export type Lang = 'en' | 'ja'
export type Zone = 'UTC' | 'JST'

/** Below this many requests a share says too little to show. */
export const SHARE_NEEDS = 30

/** Figures and times as people read them, in one language and zone. */
export interface Format extends Figures {
  /** Milliseconds from microseconds, `0.6`. */
  ms(us: number): string
  bytes(n: number): string
  /** `11:42:01.310` */
  clock(ms: number): string
  /** `11:42` */
  minute(ms: number): string
  /** `11-23` */
  day(ms: number): string
  /** `2026-11-23 11:42:07 UTC` */
  stamp(ms: number): string
  /** `2026-11-23 11:42 UTC` */
  when(ms: number): string
  readonly offsetMs: number
}

const JST_OFFSET_MS = 9 * 3_600_000

export function formatter(lang: Lang, zone: Zone): Format {
  const offsetMs = zone === 'JST' ? JST_OFFSET_MS : 0
  const iso = (ms: number) => new Date(ms + offsetMs).toISOString()
  const shown = figures(lang)
  const { decimal } = shown
  return {
    ...shown,
    ms: (us) => decimal(us / 1000, us < 100_000 ? 1 : 0),
    bytes: (n) =>
      n < 1024 ? `${n} B` : n < 1_048_576 ? `${decimal(n / 1024, 1)} KiB` : `${decimal(n / 1_048_576, 1)} MiB`,
    clock: (ms) => iso(ms).slice(11, 23),
    minute: (ms) => iso(ms).slice(11, 16),
    day: (ms) => iso(ms).slice(5, 10),
    stamp: (ms) => `${iso(ms).slice(0, 10)} ${iso(ms).slice(11, 19)} ${zone}`,
    when: (ms) => `${iso(ms).slice(0, 10)} ${iso(ms).slice(11, 16)} ${zone}`,
    offsetMs,
  }
}

/** A share that may be shown: enough requests, and its interval. */
export interface KnownShare {
  readonly k: number
  readonly n: number
  readonly share: number
  readonly lo: number
  readonly hi: number
}

export function knownShare({ k, n, share, lo, hi }: Share): KnownShare | null {
  return n >= SHARE_NEEDS && share !== null && lo !== null && hi !== null ? { k, n, share, lo, hi } : null
}
