import type { DraftScore } from '../../src/jobs/draft-corpus.ts'
import type { UsefulnessReport } from '../../src/jobs/usefulness-report.ts'

/** Invented figures for the pages about drafts and usefulness. */

const count = (name: string, exchanges: number, hits: number, newlyRefused: number, newlyDiverted: number) => ({
  ...{ name, exchanges, hits, newlyRefused, newlyDiverted, newlyFreed: 0 },
})

export const INVENTED_SCORE: DraftScore = {
  ...count('all', 41_870, 214, 3, 198),
  ...{ kept: 41_870, loaded: 41_870, complete: true, tookMs: 412 },
  share: { value: 0.0051, lo: 0.0044, hi: 0.0058 },
  bySegment: [
    count('debugging', 9120, 171, 2, 166),
    count('secure-code-fix', 1204, 31, 1, 27),
    count('other', 31_546, 12, 0, 5),
  ],
  byOrg: [count('acme', 22_018, 180, 3, 170), count('a-customer-with-a-rather-long-name.example', 19_852, 34, 0, 28)],
  changed: Array.from({ length: 30 }, (_, i) => `dec_01KB0000000000000000000${String(i).padStart(3, '0')}`),
}

const estimate = (value: number, n: number, spread: number) => ({ value, n, lo: value - spread, hi: value + spread })
const row = (segment: string, requests: number, retained: number, spread: number) => ({
  ...{ segment, requests, sessions: Math.round(requests / 6) },
  retained: estimate(retained, requests, spread),
  weighted: estimate(retained + 0.004, requests, spread),
  friction: estimate(1000 * (1 - retained) * 2, Math.round(requests / 6), 900 * spread),
})

export function inventedUsefulness(by: UsefulnessReport['by'], days: number, size: 'day' | 'few' | 'none') {
  if (size === 'none')
    return {
      ...{ days, by, rows: [{ ...row('all', 0, 1, 0), retained: null, weighted: null, friction: null }] },
      ...{ reviewed: { interventions: 0, reviewed: 0, falsePositives: 0 }, burnDown: null, quality: null },
    } satisfies UsefulnessReport
  const names = by === 'segment' ? ['debugging', 'secure-code-fix', 'medical', 'other'] : ['acme', 'birch', 'c', 'd']
  const day = (i: number, value: number, n: number) => ({ day: `2026-11-${i}`, ...estimate(value, n, 0.11) })
  return {
    ...{ days, by },
    rows: [row('all', 284_102, 0.9904, 0.0004), ...names.map((name, i) => row(name, 40_000, 0.97 + i * 0.007, 0.002))],
    reviewed: { interventions: 2727, reviewed: 240, falsePositives: 71 },
    burnDown: {
      days: [day(20, 0.41, 80), day(21, 0.3, 80), day(22, 0.18, 80)],
      ...{ slopePerDay: -0.11, projected: 0.02, state: 'on_track', target: { share: 0.1, day: '2026-12-31' } },
    },
    quality: { value: 0.31, lo: 0.22, hi: 0.4, source: 'col_01KB0000000000000000000000' },
  } satisfies UsefulnessReport
}
