import { treatmentOf } from '../../core/safeguards/collateral/paired-case.ts'
import type { ReceiptHead, SpooledReceipt } from '../../jobs/spool-ports.ts'
import type { Tables } from './schema.ts'

type GuardRow = Omit<Tables['guard_units'], 'appealed' | 'looked' | 'appeals_looked'>

export const GUARD_KEY = ['release', 'stage', 'unit'] as const
export const GUARD_COLUMNS = [
  ...GUARD_KEY,
  'arm',
  'shared_by',
  'percent',
  'org',
  'first_ms',
  'refused',
  'diverted',
  'errored',
  'would_refused',
  'would_diverted',
] as const
const FLAGS = ['refused', 'diverted', 'errored', 'would_refused', 'would_diverted'] as const

/**
 * What receipts add to the units of releases on trial, one row a unit. A unit is a session, a request without one its own.
 * It belongs to the arm that decided it first: what another arm decides after a step is nobody's.
 */
export function guardRows(receipts: readonly SpooledReceipt[]): readonly GuardRow[] {
  const rows = new Map<string, GuardRow>()
  for (const { head } of receipts)
    for (const row of rowsOf(head)) {
      const key = GUARD_KEY.map((name) => row[name]).join('\0')
      const before = rows.get(key)
      rows.set(key, before === undefined ? row : merged(before, row))
    }
  return [...rows.values()]
}

/** The same of a row that is there already, as SQL that both databases speak: column and its new value. */
export const GUARD_UPDATES: Readonly<Record<(typeof FLAGS)[number], string>> = Object.fromEntries(
  FLAGS.map((flag) => [
    flag,
    `case when guard_units.arm = excluded.arm and excluded.${flag} = 1 then 1 else guard_units.${flag} end`,
  ]),
) as Record<(typeof FLAGS)[number], string>

function merged(before: GuardRow, row: GuardRow): GuardRow {
  if (before.arm !== row.arm) return before
  const flags = FLAGS.map((flag) => [flag, before[flag] | row[flag]])
  return { ...before, ...Object.fromEntries(flags), first_ms: Math.min(before.first_ms, row.first_ms) }
}

function rowsOf({ id, session, org, atMs, decision, end, trial, looks }: ReceiptHead): readonly GuardRow[] {
  if (trial === undefined && looks === undefined) return []
  const treated = treatmentOf(decision.would)
  const met = {
    ...{ unit: session ?? id, org, first_ms: atMs },
    ...{ refused: bit(treated === 'refused'), diverted: bit(treated === 'diverted') },
    errored: bit(end === 'error' || end === 'upstream_error'),
  }
  const shadows = (looks ?? []).map(({ release, would }): GuardRow => {
    const otherwise = treatmentOf(would)
    return {
      ...{ release, stage: 'shadow', ...met, arm: 'both', shared_by: 'session', percent: 0 },
      ...{ would_refused: bit(otherwise === 'refused'), would_diverted: bit(otherwise === 'diverted') },
    }
  })
  if (trial === undefined) return shadows
  const { release, arm, by, percent } = trial
  return [
    ...shadows,
    { release, stage: 'canary', ...met, arm, shared_by: by, percent, would_refused: 0, would_diverted: 0 },
  ]
}

function bit(is: boolean): 0 | 1 {
  return is ? 1 : 0
}
