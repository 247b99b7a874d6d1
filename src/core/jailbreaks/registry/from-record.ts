import type { Assessment, JailbreakRecord } from '../exchange/record.ts'

/**
 * A partner's record as the intake form takes it: what arrives opens a case of one's own, and changes nothing else. The
 * publisher is the reporter; of its assessments the newest of its own counts, or else the newest.
 * @returns JSON of the form, for `parseIntake`.
 */
export function intakeOfRecord(publisher: string, record: JailbreakRecord): Readonly<Record<string, unknown>> {
  const { id, summary, technique, affected, transfer, aliases, related, artefacts, legitimate_use: use } = record
  const newest = [...record.assessments]
    .sort((a, b) => Number(own(a)) - Number(own(b)) || (a.at < b.at ? -1 : 1))
    .at(-1)
  function own({ by }: Assessment): boolean {
    return by === publisher
  }
  return {
    harm: newest?.harm ?? 'other-harm',
    ...{ tlp: record.tlp, summary, technique: { class: technique.class, statutory: technique.statutory } },
    reporter: { org: publisher, contact: record.reporter.contact },
    ...{ affected, transfer, aliases },
    related: [...related, { type: 'jrx', id: `${publisher}/${id}` }],
    artefacts,
    ...(use === null || typeof use.note !== 'string' ? {} : { legitimate_use: use.note }),
    ...(newest === undefined ? {} : { vector: newest.vector }),
    ...(newest === undefined || newest.uplift === null || newest.panel === null
      ? {}
      : { measurements: measurementsOf(newest, newest.panel) }),
  }
}

function measurementsOf({ at, uplift, reliability }: Assessment, panel: string) {
  const [id = '', sha256 = ''] = panel.split('@sha256:')
  return {
    // A record names its panel, not the panel's day: the assessment is no older than it.
    panel: { id, sha256, date: at },
    uplift,
    ...(reliability === null ? {} : { reliability: { success: reliability.success, sessions: reliability.sessions } }),
  }
}
