import { CATEGORIES } from '../../base/harm.ts'
import { ARTEFACT_KINDS, REFERENCE_TYPES } from '../exchange/record.ts'
import { TLP_LEVELS } from '../exchange/tlp.ts'
import { LEVELS, type Level, type SeverityVector } from '../severity/levels.ts'
import { formatVector, readVector } from '../severity/vector.ts'
import type { Case, FiledAssessment, Measured, SaidText } from './case.ts'
import { type Fault, RegistryError } from './errors.ts'
import { asMeasurements, assertCarries, reportedVector } from './evidence.ts'
import { measurementsFrom } from './measurements.ts'
import { faultsOf, type Reader, reading } from './reader.ts'
import { severityWordsIn } from './severity-words.ts'

/** What the form changed, and why; each is told to the reporter. */
export const ADJUSTMENTS = [
  /** No vector, no artefacts: grade D, UP:?. */
  'no_vector',
  /** The grade was more than a reporter's own evidence carries. */
  'grade_lowered',
  /** The law fixes the handling: what was said of severity is left out. */
  'statutory_unscored',
] as const
export type Adjustment = (typeof ADJUSTMENTS)[number]

/** A report that the form takes. */
export interface Intake {
  readonly case: Pick<
    Case,
    | 'tlp'
    | 'summary'
    | 'note'
    | 'reporter'
    | 'technique'
    | 'harm'
    | 'affected'
    | 'transfer'
    | 'aliases'
    | 'related'
    | 'artefacts'
    | 'legitimateNote'
  >
  readonly vendor: string | null
  /** Null: nothing is assessed yet. */
  readonly assessment: Omit<FiledAssessment, 'id' | 'person' | 'atMs'> | null
  readonly adjustments: readonly Adjustment[]
}

/** Harm classes whose handling the law fixes; the operator's lawyers may add to them. */
export const STATUTORY_HARMS: readonly string[] = ['child-safety']

const HARM = /^[a-z][a-z0-9-]{0,40}(\.[a-z][a-z0-9-]{0,40}){0,2}$/
const MOST_SUMMARY = 200
const MOST_NOTE = 8000
/** Least level of what nobody showed: a word alone widens nothing. */
const LEAST = { UN: 'S', EF: 'H', RE: 'R', DI: 'P' } as const

/**
 * Reads a report. Severity is a vector, or levels of the form (`levels`: HD and what else is known), or comes later from
 * artefacts; words of severity in the summary or the note are refused with their place.
 *
 * @throws {RegistryError} `intake_refused` with every fault; `vector_invalid`; `evidence`, `mismatch`.
 */
export function parseIntake(value: unknown, nowMs: number, statutory: readonly string[] = STATUTORY_HARMS): Intake {
  const faults: Fault[] = []
  const at = reading(value, '', faults)
  const harm = at.text('harm', 128, HARM)
  if (harm !== '' && !isHarm(harm)) at.fault('harm', 'value', `wanted one of ${CATEGORIES.join(', ')}, or a finer name`)
  const read = {
    ...{ harm, tlp: at.oneOf('tlp', TLP_LEVELS, 'AMBER') },
    ...{ summary: summaryFrom(at), note: plainText(at, 'note', MOST_NOTE) ?? '' },
    reporter: reporterFrom(at),
    technique: techniqueFrom(
      at,
      statutory.some((one) => harm === one || harm.startsWith(`${one}.`)),
    ),
    affected: at.list('affected', 50).map(affectedFrom),
    transfer: at.list('transfer', 100).map(modelFrom),
    ...{ aliases: referencesFrom(at, 'aliases'), related: referencesFrom(at, 'related') },
    artefacts: at.list('artefacts', 100).map(artefactFrom),
    legitimateNote: plainText(at, 'legitimate_use', 500),
  }
  const vendor = at.maybeText('vendor', 128) ?? read.affected[0]?.model.vendor ?? null
  const given = at.maybeText('vector', 200)
  const levels = at.optional('levels')
  const claimed = given !== null ? readVector(given) : levels === null ? null : fromLevels(levels)
  if (claimed !== null && 'code' in claimed)
    at.fault('vector', claimed.code, `is no vector: ${claimed.code}`, claimed.at)
  const measurements = at.optional('measurements')
  const filed = measurements === null ? null : measurementsFrom(measurements)
  if (read.affected.length === 0) at.fault('affected', 'missing', 'name at least one model')
  if (faults.length > 0) throw new RegistryError('intake_refused', faultsOf(faults), nextStep(faults), faults)

  if (read.technique.statutory)
    return { case: read, vendor, assessment: null, adjustments: claimed === null ? [] : ['statutory_unscored'] }
  const artefacts = read.artefacts.length > 0
  if (claimed === null || 'code' in claimed)
    return { case: read, vendor, assessment: null, adjustments: artefacts ? [] : ['no_vector'] }
  const vector = reportedVector(claimed, artefacts)
  const measured: Measured | null = filed?.measured ?? null
  const panel = filed?.panel ?? null
  const org = read.reporter.org
  assertCarries(vector, measured === null ? null : asMeasurements(measured, panel, nowMs), org, org)
  return {
    ...{ case: read, vendor },
    assessment: { by: org, target: targetOf(read), harm, panel, vector: formatVector(vector), measured },
    adjustments: [
      ...(given === null && !artefacts ? (['no_vector'] as const) : []),
      ...(given === null || vector.CF === claimed.CF ? [] : (['grade_lowered'] as const)),
    ],
  }
}

/** Model and safeguard release together, as the cells of a record name their target. */
export function targetOf({ affected }: Pick<Case, 'affected'>): string {
  return affected
    .map(({ model, safeguard }) => `${model.vendor}/${model.name} ${model.version} (${safeguard.introduced ?? 'any'})`)
    .join(', ')
}

export function isHarm(text: string): boolean {
  return HARM.test(text) && (CATEGORIES as readonly string[]).includes(text.split('.')[0]!)
}

/** A free text in which severity has no place. */
export function plainText(at: Reader, member: string, most: number): string | null {
  const found = at.maybeText(member, most)
  for (const { at: place, word } of severityWordsIn(found ?? ''))
    at.fault(member, 'severity_word', `\`${word}\` is a word of severity`, place)
  return found
}

function summaryFrom(at: Reader): SaidText {
  const summary = at.optional('summary')
  if (summary === null) {
    at.fault('summary', 'missing', 'wanted {en} or {ja}, or both')
    return {}
  }
  const [en, ja] = [plainText(summary, 'en', MOST_SUMMARY), plainText(summary, 'ja', MOST_SUMMARY)]
  if (en === null && ja === null) at.fault('summary', 'missing', 'wanted {en} or {ja}, or both')
  return { ...(en === null ? {} : { en }), ...(ja === null ? {} : { ja }) }
}

function reporterFrom(at: Reader): Case['reporter'] {
  const reporter = at.optional('reporter')
  if (reporter === null) {
    at.fault('reporter', 'missing', 'wanted {org, contact}; the contact is a duty roster')
    return { org: '', contact: '' }
  }
  return { org: reporter.text('org', 128), contact: reporter.text('contact', 200) }
}

function techniqueFrom(at: Reader, byHarm: boolean): Case['technique'] {
  const technique = at.optional('technique')
  if (technique === null) {
    at.fault('technique', 'missing', 'wanted {class}, such as benign-reframing')
    return { class: '', fingerprint: null, statutory: byHarm }
  }
  const fingerprint = technique.maybeText('fingerprint', 100)
  if (fingerprint !== null && !/^hmac-sha256:[0-9a-f]{64}$/.test(fingerprint))
    technique.fault('fingerprint', 'form', 'wanted hmac-sha256: and 64 hex digits')
  return {
    class: technique.text('class', 64, /^[a-z][a-z0-9-]*$/),
    fingerprint,
    statutory: technique.flag('statutory', false) || byHarm,
  }
}

function modelFrom(at: Reader) {
  return { vendor: at.text('vendor', 128), name: at.text('name', 128), version: at.text('version', 128) }
}

function affectedFrom(at: Reader) {
  const [model, safeguard] = [at.optional('model'), at.optional('safeguard')]
  if (model === null) at.fault('model', 'missing', 'wanted {vendor, name, version}')
  return {
    model: model === null ? { vendor: '', name: '', version: '' } : modelFrom(model),
    safeguard: {
      introduced: safeguard?.maybeText('introduced', 128) ?? null,
      fixed: safeguard?.maybeText('fixed', 128) ?? null,
    },
  }
}

function referencesFrom(at: Reader, member: string) {
  return at.list(member, 100).map((one) => ({ type: one.oneOf('type', REFERENCE_TYPES), id: one.text('id', 500) }))
}

function artefactFrom(at: Reader) {
  return {
    kind: at.oneOf('kind', ARTEFACT_KINDS),
    sha256: at.text('sha256', 64, /^[0-9a-f]{64}$/),
    access: at.text('access', 200),
  }
}

/** Levels that the form asks for one by one. What is not given is the least; uplift is never taken from a word. */
function fromLevels(at: Reader): SeverityVector {
  const of = <M extends 'UN' | 'EF' | 'RE' | 'DI'>(metric: M) =>
    at.oneOf(metric, LEVELS[metric] as readonly Level<M>[], LEAST[metric] as Level<M>)
  const share = at.maybeText('LG', 1)
  return {
    ...{ UP: '?', HD: at.oneOf('HD', LEVELS.HD), UN: of('UN'), EF: of('EF'), RE: of('RE'), DI: of('DI'), CF: 'C' },
    LG: share === null ? null : at.oneOf('LG', LEVELS.LG),
    MT: null,
  }
}

function nextStep(faults: readonly Fault[]): string {
  return faults.some(({ code }) => code === 'severity_word')
    ? 'say what happens; how bad it is, is what the vector says'
    : 'mend the members named'
}
