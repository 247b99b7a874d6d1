import type { ReleaseDetail, ReleaseList, ReleaseRow } from '../../src/admin/release-contract.ts'
import type { Gate as ReportGate } from '../../src/core/safeguards/collateral/report.ts'
import type { Release, ReleaseMove } from '../../src/core/safeguards/release.ts'
import { DRAFT } from '../../src/core/safeguards/release-machine.ts'
import type { MetricVerdict } from '../../src/core/safeguards/sequential.ts'
import { aMove, aRelease } from './a-release.ts'
import { NOW_MS } from './admin-data.ts'

/** Invented releases for the console: one in canary, one in review under a veto, one enforcing, a draft, one rolled back. */

const HOUR = 3_600_000
const STEPS = [1, 5, 25, 50]

function row(facts: Partial<Release>, more: Partial<ReleaseRow> = {}): ReleaseRow {
  const {
    guard: _guard,
    salt: _salt,
    pastLabels: _past,
    ...rest
  } = aRelease({ stageSinceMs: NOW_MS - 30 * HOUR, ...facts })
  return { ...rest, name: rest.label ?? rest.id, inForce: false, percent: null, ...more }
}

const evidence = `sha256:${'1'.repeat(64)}`
const reported = (more: Partial<ReportGate>) => ({
  kind: 'report' as const,
  gate: {
    ...{
      name: 'permanent',
      outcome: 'pass',
      reason: 'holds',
      n: 600,
      limit: 0,
      value: null,
      about: null,
      needed: null,
    },
    ...more,
  } as ReportGate,
})
const gates: ReleaseRow['gates'] = [
  { id: 'regression', outcome: 'pass', says: 'permanent: holds, n = 600', evidence, measured: reported({}) },
  {
    ...{ id: 'collateral', outcome: 'pass', says: 'retained: holds', evidence },
    measured: reported({ name: 'retained', n: 41_200, limit: 0.985, value: { value: 0.994, lo: 0.992, hi: 0.996 } }),
  },
  { id: 'inseparable', outcome: 'pass', says: 'caught 0.97, legitimate 0.01', evidence },
  {
    ...{ id: 'superset', outcome: 'inconclusive', says: '12 newly acted on, 3 no longer, 180 unchanged', evidence },
    measured: {
      ...{ kind: 'superset', relation: 'mixed', newlyActed: 12, noLongerActed: 3, unchanged: 180 },
      strictlyWorse: false,
    },
  },
  {
    ...{ id: 'sunset', outcome: 'pass', says: 'meant to last: acts until it is superseded', evidence: null },
    measured: { kind: 'sunset', ends: null, days: null },
  },
]
const manifest = `sha256:${'77ac'.repeat(16)}`
const label = (day: number) => `base-2026.11.${day}`
const passed = gates.map((gate) => ({ ...gate, outcome: 'pass' as const }))

const CANARY = row(
  {
    id: 'rel_canary',
    label: label(22),
    state: { ...DRAFT, stage: 'canary', gates: 'pass', approvals: ['peers'] },
    tier: 2,
    tierBecause: ['families', 'thresholds'],
    step: 1,
    gates: passed,
    manifest,
    signed: [{ authority: 'peers', person: 'R. Okafor', expiresAtMs: NOW_MS + 500 * HOUR }],
    sunsetAtMs: NOW_MS + 2400 * HOUR,
    singlePerson: false,
  },
  { percent: 5 },
)
const REVIEW = row({
  id: 'rel_review',
  label: label(23),
  state: {
    ...DRAFT,
    stage: 'review',
    gates: 'fail',
    veto: { by: 'legal', ground: 'voluntary-review', expiresAtMs: NOW_MS + 200 * HOUR },
  },
  gates,
  manifest,
  dryRun: true,
})
const ENFORCING = row(
  { id: 'rel_enforcing', label: label(20), state: { ...DRAFT, stage: 'enforcing' }, gates: passed, manifest },
  { inForce: true },
)
const DRAFTED = row({ id: 'rel_01KB0000000000000000000000', tier: 0, tierBecause: ['nothing'] })
const BACK = row({
  id: 'rel_back',
  label: label(14),
  state: { ...DRAFT, stage: 'rolled_back' },
  gates: passed,
  manifest,
})
const ROWS = [CANARY, REVIEW, ENFORCING, DRAFTED, BACK]

export function inventedReleases(size: 'day' | 'few' | 'none'): ReleaseList {
  const fresh = size === 'none'
  return {
    items: fresh ? [] : ROWS,
    slots: [
      fresh
        ? { slot: 'base', label: label(20), release: null }
        : { slot: 'base', label: label(20), release: ENFORCING.id },
    ],
    singlePerson: fresh,
    steps: STEPS,
  }
}

export function inventedRelease(id: string): ReleaseDetail | null {
  const found = ROWS.find((one) => one.id === id)
  if (found === undefined) return null
  const same = found === DRAFTED
  const metric = (canary: number, control: number, outcome: MetricVerdict['outcome']): MetricVerdict => ({
    outcome,
    canary: { units: 4710, hits: canary },
    control: { units: 89_400, hits: control },
    expected: control / 89_400,
    unitsNeeded: outcome === 'clear' ? 3900 : 6120,
    evidence: 1.4,
    alarmAt: 80,
  })
  return {
    row: found,
    plan: {
      slot: 'base',
      against: label(20),
      replaces: true,
      thresholds: same
        ? []
        : [{ at: 'harm.fraud-deception exchange actPlus', before: '0.920', after: '0.900', effect: 'tighter' }],
      actions: same ? [] : [{ at: 'harm.cyber atAct', before: 'fall_back', after: 'require_trust', effect: 'tighter' }],
      rules: { added: same ? [] : ['house-rule'], removed: [], changed: [] },
      families: { added: same ? [] : ['fix-this-code'], removed: [], changed: [] },
      model: same
        ? null
        : { at: 'model', before: `sha256:${'ab'.repeat(32)}`, after: `sha256:${'cd'.repeat(32)}`, effect: 'other' },
      cascade: [],
      sunset: null,
      tier: found.tier,
      tierBecause: found.tierBecause,
    },
    moves: moves(found),
    evidence:
      found.gates.length === 0
        ? []
        : [
            {
              release: id,
              bundle: found.bundle,
              kind: 'collateral',
              hash: `sha256:${'1'.repeat(64)}`,
              atMs: NOW_MS - 40 * HOUR,
              by: 'operator',
              gates: [],
            },
          ],
    guard: {
      refused: metric(12, 230, 'clear'),
      diverted: metric(92, 1610, 'inconclusive'),
      error: metric(3, 64, 'clear'),
      appeal: metric(1, 15, 'clear'),
    },
    earliestMs: NOW_MS + 6 * HOUR,
    quorum: found.singlePerson ? 'none' : '1 of peers + 1 of technical',
    steps: STEPS,
    report: same
      ? {
          ...{ state: 'running', startedAtMs: NOW_MS - 40_000, days: 30, requests: 41_870, requestsDone: 26_000 },
          ...{ secondsLeft: 24, report: null, error: null },
        }
      : null,
  }
}

function moves({ id, label: name }: ReleaseRow): readonly ReleaseMove[] {
  const kinds = ['draft', 'attach', 'evaluate', 'submit', 'release', 'promote_shadow', 'step', 'a_later_kind'] as const
  return kinds.map((kind, i) => ({
    ...aMove({
      release: id,
      kind,
      atMs: NOW_MS - (60 - 4 * i) * HOUR,
      reason: 'the retained share holds; I read 60 of the diverted requests',
    }),
    facts: kind === 'step' ? { percent: 5, accepted_inconclusive: true } : kind === 'submit' ? { label: name } : {},
    seq: i + 1,
  }))
}
