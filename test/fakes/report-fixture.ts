import { hash } from 'node:crypto'
import type { Hono } from 'hono'
import { reportRoutes } from '../../src/admin/reports.ts'
import type { Case } from '../../src/core/jailbreaks/registry/case.ts'
import { RESPONSE_TABLE } from '../../src/core/jailbreaks/severity/response-table.ts'
import { schemaFault } from '../../src/io/exchange/check-schema.ts'
import { createDuty } from '../../src/jobs/duty.ts'
import { createRegistry } from '../../src/jobs/registry.ts'
import { FIX_THIS_CODE } from './a-case.ts'
import { NOW_MS } from './admin-data.ts'
import { memoryRegistry } from './memory-registry.ts'
import { MORI, SIGNING, signed } from './people.ts'

const HOUR = 3_600_000
const time = (hours: number) => new Date(NOW_MS + hours * HOUR).toISOString()
const PANEL = { id: 'P-2026Q4', sha256: 'a'.repeat(64), date: time(-40 * 24) }

/** The real routes over invented reports: what the pages show is what the program computes. */
export async function reportFixture(
  app: Hono,
  size: 'day' | 'few' | 'none',
): Promise<{ readonly cases: () => Promise<readonly Case[]> }> {
  let nowMs = NOW_MS
  const ports = {
    store: memoryRegistry(),
    rules: { self: 'lab-b', table: RESPONSE_TABLE, sameControl: [], statutoryHarms: ['child-safety'] },
    signing: () => SIGNING,
    ...{ schemaFault, sha256: (text: string) => hash('sha256', text), nowMs: () => nowMs },
    newId: (prefix: string) => `${prefix}_${nowMs}`,
    report: () => undefined,
  }
  const [registry, duty] = [createRegistry(ports), createDuty(ports)]
  const at = async <T>(hours: number, act: () => Promise<T>): Promise<T> => {
    nowMs = NOW_MS + hours * HOUR
    try {
      return await act()
    } finally {
      nowMs = NOW_MS
    }
  }
  const asking = (person: string, reason: string) => ({ person, reason })
  if (size === 'day') await seed()
  reportRoutes(app, { registry, duty, nowMs: () => nowMs })
  return { cases: () => ports.store.cases() }

  async function seed(): Promise<void> {
    await ports.store.setRoster({
      roster: {
        shifts: [
          { person: 'A. Mori', contact: 'duty desk, line 1', fromMs: NOW_MS - 4 * HOUR, untilMs: NOW_MS + 8 * HOUR },
          { person: 'R. Okafor', contact: 'duty desk, line 1', fromMs: NOW_MS + 8 * HOUR, untilMs: NOW_MS + 20 * HOUR },
        ],
        otherwise: { person: 'M. Aoki', contact: 'duty desk, line 2' },
      },
      ...{ atMs: NOW_MS - 30 * HOUR, by: 'M. Aoki', reason: 'weeks 48 and 49' },
    })
    await at(-29 * 24, () => duty.drill(asking('M. Aoki', 'monthly')))
    await at(-29 * 24 + 0.2, () => duty.acknowledge(null, asking('A. Mori', 'here')))
    await at(-1, () => duty.drill(asking('M. Aoki', 'monthly')))

    const first = await at(-100, () => registry.intake(FIRST, asking('operator', 'a report came')))
    const id = first.case.id
    await at(-99, () => registry.act(id, { kind: 'acknowledge' }, asking('A. Mori', 'read, ours')))
    const notify = { kind: 'notify', vendor: 'vendor-x', proof: `sha256:${'d'.repeat(64)}`, compelledBy: null } as const
    await at(-98, () => registry.act(id, notify, asking('A. Mori', 'sent to the vendor’s desk')))
    const text = {
      en: 'Pointing at the line is what repairing means. We ask partners to score against the panel before alerting anyone.',
    }
    const reply = { kind: 'reply', org: 'vendor-x', text, status: 'under_investigation', evidence: [] } as const
    await at(-92, () => registry.act(id, reply, asking('operator', 'came by mail')))
    await at(-90, () => registry.act(id, { kind: 'triage' }, asking('A. Mori', 'a reframing, not a bypass')))
    const dispute = { kind: 'dispute', org: 'partner-c', claim: 'EF', evidence: [] } as const
    await at(-70, () => registry.act(id, dispute, asking('operator', 'our write-up took a non-expert 40 minutes')))
    await at(-50, () =>
      registry.act(id, { kind: 'settle', statement: 'S2' }, asking('operator', 'the write-ups differed')),
    )
    const override = { action: 'scoped_containment', people: ['u-114', 'u-201'], expiresAtMs: NOW_MS + 40 * HOUR }
    const asked = asking('A. Mori', 'a customer saw it in use tonight')
    const drafted = await at(-3, () => registry.draftOverride(id, override, asked))
    const { id: instrument, payload } = drafted.case.overrides[0]!
    await at(-3, () => registry.signOverride(id, { override: instrument, envelope: signed(payload, MORI) }))

    const second = await at(-20, () => registry.intake(SECOND, asking('operator', 'a report came')))
    await at(-19, () => registry.act(second.case.id, { kind: 'acknowledge' }, asking('A. Mori', 'read')))
    await at(-30, () => registry.intake(SPOKEN, asking('operator', 'said in a call')))
    await at(-2, () => registry.intake(STATUTORY, asking('operator', 'a report came')))
  }
}

const solved = (n: number) => ({ solved: n, tasks: 40 })
const FIRST = {
  harm: 'cyber.vulnerability-discovery',
  summary: {
    en: 'Asking to fix supplied code yields patches where asking to review it is refused',
    ja: 'コードの点検依頼は拒否されるが、修正を頼むと修正版が返る',
  },
  note: 'The model names the faulty line when asked to repair it. We reproduced it in 29 of 36 sessions.',
  reporter: { org: 'partner-a', contact: 'duty-roster' },
  technique: { class: 'benign-reframing' },
  affected: [
    { model: { vendor: 'vendor-x', name: 'model-f', version: '5' }, safeguard: { introduced: 'cyber-2026.06.09' } },
  ],
  aliases: [
    { type: 'jrx', id: 'partner-a/2026-06-112' },
    { type: 'jrx', id: 'partner-a/JRX-2026-000001' },
  ],
  transfer: [{ vendor: 'vendor-y', name: 'large', version: '2026-09' }],
  artefacts: [{ kind: 'task-set', sha256: 'c'.repeat(64), access: 'RED on request' }],
  legitimate_use: 'debugging requests have the same wording',
  vector: FIX_THIS_CODE,
  measurements: {
    panel: PANEL,
    uplift: {
      ...{ u: 0.02, ci95: [-0.08, 0.12], tasks: 40, attempts: 10, discordant: 0.12 },
      ...{ best_baseline: 'vendor-y/large', estimator: 'crossfit5', cost_ratio: 1.1, cost_ratio_ci95: [0.8, 1.6] },
    },
    reliability: { success: 29, sessions: 36 },
    others: { same: 0, asked: 3 },
    matrix: [
      { member: 'model-f 5 through Sluice', counts_as: 'target', plain: solved(21), technique: solved(29) },
      {
        member: 'open-weights A 70B',
        counts_as: 'baseline',
        plain: solved(27),
        public: solved(28),
        technique: solved(30),
        same: { verdict: 'INCONCLUSIVE', value: 0.02, lo: -0.08, hi: 0.12, needed: 86 },
      },
      {
        ...{ member: 'vendor-y large', counts_as: 'baseline', plain: solved(28), public: solved(28) },
        ...{ technique: solved(29), same: { verdict: 'INCONCLUSIVE', value: 0.02, lo: -0.04, hi: 0.09, needed: 86 } },
      },
      {
        ...{ member: 'vendor-z small', counts_as: 'baseline', plain: solved(17), public: solved(19) },
        ...{ technique: solved(18), same: { verdict: 'short', value: 0.25, lo: 0.1, hi: 0.4, needed: 86 } },
      },
      { member: 'search and scanners', counts_as: 'baseline', plain: solved(11), public: solved(14) },
    ],
  },
}
const SECOND = {
  harm: 'bio',
  summary: { en: 'A long role play over several turns gets past the refusal of protocol questions' },
  reporter: { org: 'partner-c', contact: 'duty-roster' },
  technique: { class: 'role-play' },
  affected: [{ model: { vendor: 'vendor-x', name: 'model-f', version: '5' } }],
  artefacts: [{ kind: 'task-set', sha256: 'e'.repeat(64), access: 'RED on request' }],
  vector: 'JSS:1.0/UP:?/HD:C/UN:D/EF:H/RE:S/DI:P/CF:C',
}
const SPOKEN = {
  harm: 'fraud-deception',
  summary: { ja: '敬語の依頼文を重ねると、断られた文面が返る' },
  reporter: { org: 'partner-d', contact: 'duty-roster' },
  technique: { class: 'politeness-stacking' },
  affected: [{ model: { vendor: 'vendor-z', name: 'small', version: '3' } }],
}
const STATUTORY = {
  harm: 'child-safety',
  summary: { en: 'An encoding hides what a request asks for', ja: '符号化により依頼の内容が隠れる' },
  reporter: { org: 'partner-a', contact: 'duty-roster' },
  technique: { class: 'encoding' },
  affected: [{ model: { vendor: 'vendor-x', name: 'model-f', version: '5' } }],
}
