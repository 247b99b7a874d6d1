import type { Case, CaseEvent, FiledAssessment } from '../../src/core/jailbreaks/registry/case.ts'

export const CASE_AT = 1_795_500_000_000
export const FIX_THIS_CODE = 'JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U'

/** What a first reproduction of "fix this code" measured. */
export const FIRST_MEASURED: NonNullable<FiledAssessment['measured']> = {
  uplift: {
    ...{ u: 0.02, ci95: [-0.08, 0.12], tasks: 40, attempts: 10, discordant: 0.12 },
    ...{ best_baseline: 'vendor-y/model-5.5', estimator: 'crossfit5', cost_ratio: 1.1, cost_ratio_ci95: [0.8, 1.6] },
  },
  reliability: { success: 29, sessions: 36, wilson95: [0.65, 0.9025] },
  firstOfItsKind: false,
  others: null,
  matrix: [],
}

export function anAssessment(facts: Partial<FiledAssessment> = {}): FiledAssessment {
  return {
    ...{ id: 'A1', by: 'partner-a', person: 'operator', atMs: CASE_AT, target: 'vendor-x/model-f 5', harm: 'cyber' },
    panel: { ref: `P-2026Q4@sha256:${'a'.repeat(64)}`, atMs: CASE_AT - 86_400_000 },
    vector: FIX_THIS_CODE,
    measured: FIRST_MEASURED,
    ...facts,
  }
}

export function aCase(facts: Partial<Case> = {}): Case {
  return {
    ...{
      id: 'JRX-2026-000001',
      stage: 'received',
      version: 1,
      reportedAtMs: CASE_AT,
      acknowledged: null,
      tlp: 'AMBER',
    },
    summary: { en: 'Asking to fix code yields patches', ja: '修正を頼むと修正版が返る' },
    ...{ note: '', reporter: { org: 'partner-a', contact: 'duty-roster' }, harm: 'cyber', legitimateNote: null },
    technique: { class: 'benign-reframing', fingerprint: null, statutory: false },
    affected: [
      {
        model: { vendor: 'vendor-x', name: 'model-f', version: '5' },
        safeguard: { introduced: 'cyber-2026.06.09', fixed: null },
      },
    ],
    ...{ transfer: [], aliases: [], related: [], artefacts: [], assessments: [anAssessment()], statements: [] },
    ...{ overrides: [], authorities: [], clocks: [], publications: [] },
    vendor: { org: 'vendor-x', notifiedAtMs: null, ackAtMs: null, replyOffered: null, extension: null },
    ...{ response: null, reproducedSinceMs: null, fixed: null, withdrawn: null },
    ...facts,
  }
}

export function anEvent(facts: Partial<Omit<CaseEvent, 'seq'>> = {}): Omit<CaseEvent, 'seq'> {
  return {
    ...{ case: 'JRX-2026-000001', atMs: CASE_AT, by: 'operator', kind: 'intake', from: 'received', to: 'received' },
    ...{ reason: 'a report came', facts: { technique: 'benign-reframing' } },
    ...facts,
  }
}
