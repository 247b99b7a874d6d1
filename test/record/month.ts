import { createHash } from 'node:crypto'
import { type Entry, entryBytes } from '../../src/core/record/entry.ts'

/** Entries of June 2026 as an instance would have written them, and of the July after it. */
const hash = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
const time = (ms: number) => new Date(ms).toISOString()
const HOUR = 3_600_000

function of(k: Entry['k'], ms: number, about: string, d: Entry['d']): Buffer {
  return Buffer.from(entryBytes({ v: 1, k, at: time(ms), who: 'system:gateway', about, d }))
}

function rollup(ms: number, segment: string, actions: Readonly<Record<string, number>>): Buffer {
  const count = Object.values(actions).reduce((sum, n) => sum + n, 0)
  const d = { segment, from: time(ms - 60_000), until: time(ms), count, actions, would: actions }
  const rest = { input_tokens: 9, output_tokens: 9, receipts: hash(`${segment} ${ms}`) }
  return of('rollup', ms, `${segment}/${time(ms - 60_000)}`, { ...d, ...rest })
}

function decision(ms: number, id: string): Buffer {
  return of('decision', ms, id, {
    ...{ action: 'refuse', would: 'refuse', mode: 'enforce', reasons: ['harm.cyber'], decided: time(ms) },
    ...{ safeguards: {}, asked: 'm', skipped: [], unavailable: [] },
    org: `hmac-sha256:${'a'.repeat(64)}`,
  })
}

export function june(): readonly Buffer[] {
  const start = Date.UTC(2026, 5, 2)
  const entries = [
    of('safeguard', start, 'rel_1', {
      ...{ move: 'promote', from: 'canary', to: 'enforcing', slot: 'base', label: 'base-2026.06.02' },
      gates: { permanent: 'pass' },
    }),
    of('alarm', start + 1, 'partner', { code: 'feed_stale', subject: 'partner' }),
  ]
  for (let day = 0; day < 3; day++) {
    entries.push(rollup(start + day * 24 * HOUR, 'other', { allow: 1000, refuse: 200 }))
    entries.push(rollup(start + day * 24 * HOUR + 1, 'coding', day === 0 ? { allow: 40, refuse: 3 } : {}))
  }
  const labelled = start + 4 * 24 * HOUR
  for (let i = 0; i < 24; i++) {
    entries.push(decision(labelled + i, `dec_${i}`))
    const d = { label: i % 2 === 0 ? 'benign' : 'harmful', category: 'cyber', decision: `dec_${i}` }
    entries.push(of('label', labelled + i, `lab_${i}`, { ...d, source: 'review', outcome: 'given', role: 'reviewer' }))
  }
  const appeals = labelled + HOUR
  const appeal = (i: number, ms: number, d: Readonly<Record<string, string>>) =>
    of('appeal', ms, `apl_${i}`, { appeal: `apl_${i}`, decision: `dec_${i}`, ...d })
  for (let i = 0; i < 24; i++)
    entries.push(appeal(i, appeals, { move: 'file', from: 'offered', to: 'open', role: 'appellant' }))
  for (let i = 0; i < 24; i++) {
    const outcome = i % 2 === 0 ? 'upheld' : 'overturned'
    entries.push(
      appeal(i, appeals + 6 * HOUR, { move: 'decide', from: 'in_review', to: outcome, outcome, role: 'reviewer' }),
    )
  }
  // A minute of June that came a moment after its end.
  entries.push(rollup(Date.UTC(2026, 6, 1), 'other', { allow: 10 }))
  entries.push(rollup(Date.UTC(2026, 6, 1) + 60_000, 'other', { allow: 50 }))
  return entries
}

export function july(size: number): readonly Buffer[] {
  return Array.from({ length: size }, (_, i) => rollup(Date.UTC(2026, 6, 2) + i * 60_000, 'other', { allow: 20 }))
}
