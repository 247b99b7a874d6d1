import { hex } from '../../base/bytes.ts'
import { utf8Text } from '../../base/utf8.ts'
import { openEnvelope, payloadOf } from '../../record/dsse.ts'
import { RecordError } from '../../record/record-error.ts'
import { payloadType } from './payload-types.ts'
import { MOST_OBJECT_BYTES, type ObjectType, type Pointer } from './pointer.ts'
import type { Role } from './root.ts'
import { rootAt, type Tools, type TrustedRoot } from './root-chain.ts'
import { type Place, type SemanticReason, semanticFault, type TravellingObject } from './semantics.ts'

export type QuarantineReason =
  | 'too_large'
  | 'length'
  | 'hash'
  | 'decode'
  | 'threshold'
  | 'payload_type'
  | 'parse'
  | 'schema'
  | SemanticReason

export type ObjectResult =
  | ({ readonly kind: 'accepted' } & TravellingObject)
  | { readonly kind: 'quarantined'; readonly reason: QuarantineReason; readonly detail: string }

/** Whose keys sign each kind: a publisher's key verifies no vote on a panel. */
const ROLE_OF: Readonly<Record<ObjectType, Role>> = {
  record: 'publisher',
  statement: 'publisher',
  panel: 'evaluator',
  instrument: 'publisher',
}

/**
 * Is this file the object that the log points to, signed by who may, and does it say nothing wrong? The first failure
 * names the result. @param index Place of the pointer in its log: keys count as of there. @param chain Version 1 first.
 */
export function checkObject(
  file: Uint8Array,
  pointer: Pointer,
  { index, chain, place, tools }: { index: number; chain: readonly TrustedRoot[]; place: Place; tools: Tools },
): ObjectResult {
  if (pointer.len > MOST_OBJECT_BYTES) return no('too_large', `more than ${MOST_OBJECT_BYTES} bytes`)
  if (file.length !== pointer.len) return no('length', `${file.length} bytes, where the log says ${pointer.len}`)
  if (hex(tools.sha256(file)) !== pointer.sha256) return no('hash', 'not the file that the log points to')
  const envelope = utf8Text(file)
  if (envelope === null) return no('decode', 'wanted UTF-8')
  const reign = rootAt(chain, place.level, index)
  if (reign === null) return no('threshold', 'no trust root reigns there')
  const trust = { ...reign.roles[ROLE_OF[pointer.t]], types: [payloadType(pointer.t)] }
  const opened = openEnvelope(envelope, trust, tools.verify)
  if (opened.kind === 'rejected') return no(opened.reason, `envelope: ${opened.reason}`)
  let value: unknown
  try {
    value = payloadOf(opened)
  } catch (error) {
    if (error instanceof RecordError) return no('parse', error.message)
    throw error
  }
  const wrong = tools.schemaFault(pointer.t, value)
  if (wrong !== null) return no('schema', wrong)
  // The schema of the pointer's type gives the same members as the type.
  const travelling = { type: pointer.t, object: value } as TravellingObject
  const fault = semanticFault(travelling, pointer, place)
  return fault === null ? { kind: 'accepted', ...travelling } : { kind: 'quarantined', ...fault }
}

function no(reason: QuarantineReason, detail: string): ObjectResult {
  return { kind: 'quarantined', reason, detail }
}
