import { CodedError } from '../../base/errors.ts'
import type { Exported } from './osv.ts'
import type { JailbreakRecord } from './record.ts'

/** A record that must not leave its circle. */
export class ExportError extends CodedError<'not_clear' | 'withdrawn'> {}

/** A report as the AI Vulnerability Database reads them. Source: avidml/avidtools, `datamodels/report.py`. */
export interface AvidReport {
  readonly data_type: 'AVID'
  readonly data_version: string
  readonly metadata: { readonly report_id: string }
  readonly affects: {
    readonly developer: readonly string[]
    readonly deployer: readonly string[]
    readonly artifacts: readonly { readonly type: 'Model'; readonly name: string }[]
  }
  readonly problemtype: {
    readonly classof: 'LLM Evaluation'
    readonly type: 'Issue'
    readonly description: LangValue
  }
  readonly metrics: readonly {
    readonly name: string
    readonly features: Readonly<Record<string, unknown>>
    readonly detection_method: { readonly type: 'Significance Test'; readonly name: string }
  }[]
  readonly references: readonly { readonly type: string; readonly label: string; readonly url: string }[]
  readonly description: LangValue
  readonly impact: {
    readonly avid: {
      readonly risk_domain: readonly string[]
      readonly sep_view: readonly string[]
      readonly lifecycle_view: readonly string[]
      readonly taxonomy_version: string
    }
  }
  readonly credit: readonly LangValue[]
  readonly reported_date: string
}

interface LangValue {
  readonly lang: 'eng'
  readonly value: string
}

/**
 * A CLEAR record as an AVID report. One way: `lost` names what AVID has no member for.
 * @throws {ExportError} any other level: AVID is public; or a record that is withdrawn.
 */
export function toAvid(record: JailbreakRecord): Exported<AvidReport> {
  if (record.tlp !== 'CLEAR')
    throw new ExportError('not_clear', `\`tlp\` is ${record.tlp}: only CLEAR records may go to a public database`)
  if (record.withdrawn !== null)
    throw new ExportError('withdrawn', `${record.id} is withdrawn; there is nothing to report`)
  const english = (value: string): LangValue => ({ lang: 'eng', value })
  const models = record.affected.map(({ model }) => model)
  const document: AvidReport = {
    data_type: 'AVID',
    data_version: record.schema_version,
    metadata: { report_id: record.id },
    affects: {
      developer: [...new Set(models.map(({ vendor }) => vendor))],
      deployer: [...new Set(models.map(({ vendor }) => vendor))],
      artifacts: models.map(({ vendor, name, version }) => ({ type: 'Model', name: `${vendor}/${name} ${version}` })),
    },
    problemtype: {
      classof: 'LLM Evaluation',
      type: 'Issue',
      description: english(`${record.technique.class}: ${record.summary.en}`),
    },
    metrics: record.assessments.map(({ by, at, harm, panel, vector, score, interval, band, uplift, reliability }) => ({
      name: 'JSS 1.0',
      features: { by, at, harm, panel, vector, score, interval, band, uplift, reliability },
      detection_method: { type: 'Significance Test', name: 'paired tasks against a frozen panel' },
    })),
    references: [...record.aliases, ...record.related].map(({ type, id }) => ({
      type: type === 'url' ? 'source' : type,
      label: id,
      url: type === 'url' ? id : type === 'atlas' ? `https://atlas.mitre.org/techniques/${id}` : '',
    })),
    description: english(record.summary.en),
    impact: {
      avid: {
        risk_domain: ['Security'],
        sep_view: ['S0400: Model Bypass'],
        lifecycle_view: ['L06: Deployment'],
        taxonomy_version: '0.2',
      },
    },
    credit: [english(record.reporter.org)],
    reported_date: record.published.slice(0, 10),
  }
  return { document, lost: lostInAvid(record), bends: [] }
}

function lostInAvid(record: JailbreakRecord): readonly string[] {
  const ranged = record.affected.some(({ safeguard }) => safeguard.introduced !== null || safeguard.fixed !== null)
  return [
    'summary.ja',
    'modified',
    'disclosure',
    'reporter.contact',
    ...(ranged ? ['affected.safeguard'] : []),
    ...(record.transfer.length > 0 ? ['transfer'] : []),
    ...(record.artefacts.length > 0 ? ['artefacts'] : []),
    ...(record.technique.fingerprint === null ? [] : ['technique.fingerprint']),
    ...(record.legitimate_use === null ? [] : ['legitimate_use']),
    ...(record.severity.length > 0 ? ['severity'] : []),
  ]
}
