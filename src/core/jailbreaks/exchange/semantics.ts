import { readVector } from '../severity/vector.ts'
import { assessmentFault } from './assessed.ts'
import { MOST_AHEAD_MS } from './freshness.ts'
import type { TravellingInstrument } from './instrument.ts'
import type { Panel } from './panel.ts'
import type { Pointer } from './pointer.ts'
import type { Assessment, JailbreakRecord } from './record.ts'
import type { Statement } from './statement.ts'
import { timeMs } from './time.ts'
import { isStricter, type Level, tlpOf } from './tlp.ts'

export type SemanticReason =
  | 'id'
  | 'foreign'
  | 'tlp'
  | 'time'
  | 'modified'
  | 'future'
  | 'vector'
  | 'score'
  | 'legitimate_use'
  | 'statutory'
  | 'artefact'
  | 'embargoed'
  | 'confidential'

/** Why an object that is signed and well formed is not applied. `detail` names members and never holds their text. */
export interface SemanticFault {
  readonly reason: SemanticReason
  readonly detail: string
}

/** Where an object was found, and what is known there. */
export interface Place {
  /** Name of the partner whose log it is. */
  readonly publisher: string
  readonly level: Level
  readonly nowMs: number
  /** Strictest level at which an object is known here, or null: what an open log must not point at. */
  knownAt(publisher: string, id: string): Level | null
}

export type TravellingObject =
  | { readonly type: 'record'; readonly object: JailbreakRecord }
  | { readonly type: 'statement'; readonly object: Statement }
  | { readonly type: 'panel'; readonly object: Panel }
  | { readonly type: 'instrument'; readonly object: TravellingInstrument }

/** When an object was last changed; of those that cannot change, when it was made. */
export function modifiedOf({ type, object }: TravellingObject): string {
  switch (type) {
    case 'record':
      return object.modified
    case 'statement':
      return object.modified ?? object.at
    case 'panel':
      return object.date
    case 'instrument':
      return object.start
  }
}

/** The first thing that is wrong with what an object says, or null. Total over what its schema lets through. */
export function semanticFault(travelling: TravellingObject, pointer: Pointer, place: Place): SemanticFault | null {
  const { object } = travelling
  if (object.id !== pointer.id) return fault('id', '`id` is not the one that the log points to')
  const modified = modifiedOf(travelling)
  const modifiedMs = timeMs(modified)
  if (modifiedMs === null) return fault('time', '`modified` is a time that no calendar has')
  if (modified !== pointer.modified) return fault('modified', '`modified` is not the one that the log points to')
  if (modifiedMs - place.nowMs > MOST_AHEAD_MS) return fault('future', '`modified` is more than 5 minutes ahead')
  if (object.tlp !== undefined && object.tlp !== tlpOf(place.level))
    return fault('tlp', `\`tlp\` is ${object.tlp} in a log of ${tlpOf(place.level)}`)
  switch (travelling.type) {
    case 'record':
      return recordFault(travelling.object, place)
    case 'statement':
      return statementFault(travelling.object, place)
    case 'panel':
    case 'instrument':
      return null
  }
}

function recordFault(record: JailbreakRecord, place: Place): SemanticFault | null {
  const { publisher } = record as { publisher?: unknown }
  if (publisher !== undefined && publisher !== place.publisher)
    return fault('foreign', '`publisher` is not whose log it is in')
  const foreign = record.assessments.find(({ by }) => by !== place.publisher && by !== record.reporter.org)
  if (foreign !== undefined) return fault('foreign', '`assessments.by`: others say it in a statement of their own')
  if (record.technique.statutory && record.assessments.length > 0)
    return fault('statutory', '`assessments`: what the law fixes is not scored')
  const artefact = record.artefacts.find(({ kind, access, len }) =>
    kind === 'cases' && place.level !== 'red' ? true : access === 'feed' && len === undefined,
  )
  if (artefact !== undefined)
    return fault('artefact', '`artefacts`: cases travel at RED only, and a file of the feed says its `len`')
  const embargoMs = record.disclosure.embargo_until === null ? null : timeMs(record.disclosure.embargo_until)
  if (record.disclosure.embargo_until !== null && embargoMs === null)
    return fault('time', '`disclosure.embargo_until` is a time that no calendar has')
  if (place.level === 'clear' && embargoMs !== null && embargoMs > place.nowMs)
    return fault('embargoed', '`disclosure.embargo_until` has not come, and this log is open')
  const pointed = [...record.aliases, ...record.related].filter(({ type }) => type === 'jrx')
  if (pointed.some(({ id }) => isConfidential(...ownerAndId(id, place.publisher), place)))
    return fault('confidential', '`related`: points to what is known at a stricter level only')
  for (const assessment of record.assessments) {
    const wrong = assessmentOrShareFault(assessment, record)
    if (wrong !== null) return wrong
  }
  const vectors = new Set(record.assessments.map(({ vector }) => vector))
  if (record.severity.some(({ type, score }) => type === 'JSS_V1' && !vectors.has(score)))
    return fault('score', '`severity`: a vector that no assessment has')
  return null
}

function assessmentOrShareFault(assessment: Assessment, record: JailbreakRecord): SemanticFault | null {
  const wrong = assessmentFault(assessment)
  if (wrong !== null) return wrong
  const vector = readVector(assessment.vector)
  const share = record.legitimate_use?.share ?? null
  if (!('code' in vector) && vector.LG !== null && vector.LG !== share)
    return fault('legitimate_use', '`legitimate_use.share` is not LG of the vector')
  return null
}

function statementFault(statement: Statement, place: Place): SemanticFault | null {
  if (statement.by !== place.publisher) return fault('foreign', '`by` is not whose log it is in')
  if (isConfidential(statement.about.publisher, statement.about.id, place))
    return fault('confidential', '`about`: points to what is known at a stricter level only')
  if (statement.kind !== 'assessment') return null
  if (statement.assessment.by !== statement.by) return fault('foreign', '`assessment.by` is not who says it')
  return assessmentFault(statement.assessment)
}

function isConfidential(publisher: string, id: string, place: Place): boolean {
  const known = place.knownAt(publisher, id)
  return known !== null && isStricter(known, place.level)
}

/** `publisher/id`, or an id of the log's own publisher. */
function ownerAndId(reference: string, own: string): readonly [string, string] {
  const slash = reference.lastIndexOf('/')
  return slash < 0 ? [own, reference] : [reference.slice(0, slash), reference.slice(slash + 1)]
}

function fault(reason: SemanticReason, detail: string): SemanticFault {
  return { reason, detail }
}
