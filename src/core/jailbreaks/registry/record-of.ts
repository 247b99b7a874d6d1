import type { Assessment, JailbreakRecord } from '../exchange/record.ts'
import { timeText } from '../exchange/time.ts'
import type { Tlp } from '../exchange/tlp.ts'
import { compare } from '../severity/compare.ts'
import { rate } from '../severity/score.ts'
import { parseVector } from '../severity/vector.ts'
import type { Case, FiledAssessment } from './case.ts'
import { embargoEnds } from './clocks.ts'
import { RegistryError } from './errors.ts'
import { assessedInterval, type RegistryRules } from './standing.ts'

/**
 * The object that travels. It carries this organisation's assessments and the reporter's; others say theirs in
 * statements of their own. The note of the reporter and names of people stay here.
 *
 * @throws {RegistryError} `incomplete`: a language of the summary is missing.
 */
export function recordOf(one: Case, tlp: Tlp, rules: RegistryRules, nowMs: number): JailbreakRecord {
  const { en, ja } = one.summary
  if (en === undefined || ja === undefined)
    throw new RegistryError(
      'incomplete',
      `\`summary.${en === undefined ? 'en' : 'ja'}\` is missing`,
      'add it: `sluice report translate ID --en … --ja …`',
    )
  const own = one.assessments.filter(({ by }) => by === rules.self || by === one.reporter.org)
  const share = own.map(({ vector }) => parseVector(vector).LG).findLast((each) => each !== null) ?? null
  const { vendor, fixed, withdrawn } = one
  const first = one.publications[0]
  return {
    schema_version: '1.0',
    id: one.id,
    modified: timeText(nowMs),
    published: timeText(first?.atMs ?? nowMs),
    tlp,
    aliases: one.aliases,
    related: one.related,
    summary: { en, ja },
    reporter: one.reporter,
    technique: one.technique,
    affected: one.affected.map(({ model, safeguard }) => ({
      model,
      safeguard: { ...safeguard, fixed: safeguard.fixed ?? fixed?.release ?? null },
    })),
    transfer: one.transfer,
    assessments: own.map((filed) => assessmentOf(filed)),
    severity: own.flatMap(({ vector, harm }) => scales(vector, harm.split('.')[0] === 'cyber')),
    artefacts: one.artefacts.filter(({ kind }) => kind !== 'cases' || tlp === 'RED'),
    disclosure: {
      reported_to_vendor: time(vendor.notifiedAtMs),
      vendor_ack: time(vendor.ackAtMs),
      embargo_until: timeText(embargoEnds(one)),
      authorities: one.authorities.map(({ name, ground, sentAtMs }) => ({ name, ground, sent: time(sentAtMs) })),
      clocks: one.clocks.flatMap(({ clock, sinceMs, metAtMs }) => {
        const known = rules.table.clocks[clock]
        return known === undefined
          ? []
          : [{ rule: clock, due: timeText(sinceMs + known.withinH * 3_600_000), met: time(metAtMs) }]
      }),
      reply_offered:
        vendor.replyOffered === null
          ? null
          : { at: timeText(vendor.replyOffered.atMs), proof: vendor.replyOffered.proof },
      fixed_at: time(fixed?.atMs ?? null),
      extension: vendor.extension,
    },
    legitimate_use: share === null ? null : { share, note: one.legitimateNote ?? share },
    withdrawn: withdrawn === null ? null : { at: timeText(withdrawn.atMs), reason: withdrawn.reason },
  }
}

/** One assessment as it travels: score, interval and band are computed from its vector and its measurements. */
export function assessmentOf(filed: FiledAssessment): Assessment {
  const { tenths, band } = rate(parseVector(filed.vector))
  const interval = assessedInterval(filed)
  return {
    by: filed.by,
    at: timeText(filed.atMs),
    harm: filed.harm,
    panel: filed.panel?.ref ?? null,
    vector: filed.vector,
    score: tenths === null ? null : tenths / 10,
    interval: interval === null ? null : [interval[0] / 10, interval[1] / 10],
    band,
    uplift: filed.measured?.uplift ?? null,
    reliability: filed.measured?.reliability ?? null,
  }
}

function scales(vector: string, cyber: boolean): JailbreakRecord['severity'] {
  const { cjs } = compare(parseVector(vector), cyber, null)
  return [
    { type: 'JSS_V1', score: vector },
    ...(cjs === null
      ? []
      : [
          {
            type: 'CJS_DRAFT_2026_07' as const,
            score: `CG:${cjs.gain}/B:${cjs.breadth}/EW:${cjs.ease}/D:${cjs.discoverability}=${cjs.sum} ${cjs.band}`,
          },
        ]),
  ]
}

function time(ms: number | null): string | null {
  return ms === null ? null : timeText(ms)
}
