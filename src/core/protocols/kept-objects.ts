import { type DecisionId, decisionIds } from '../base/ids.ts'
import { isRecord, type Json, records } from './values.ts'

/**
 * Objects that an upstream keeps under an id: stored responses with their items, conversations, files, containers.
 * Behind one account an id is all it takes to read them, so callers who share an account are told apart here.
 */

/** Most ids of one request or answer; far above what an honest one has. */
export const MOST_KEPT_IDS = 1000

/** Ids stand in receipts and in the store: printable ASCII, of a length that a name has. */
const USABLE = /^[\x21-\x7e]{1,256}$/

/** Members whose value names a kept object: as a text, as a list of texts, or as an object with an `id`. */
const NAMING: ReadonlySet<string> = new Set([
  'previous_response_id',
  'response_id',
  'conversation',
  'conversation_id',
  'container',
  'container_id',
  'file_id',
  'file_ids',
  'input_file_id',
  'vector_store_id',
  'vector_store_ids',
])
/** Members whose value names one only as an object: as a text it is a format or a voice of the vendor's. */
const NAMING_BY_OBJECT: ReadonlySet<string> = new Set(['audio', 'voice'])
/** What is no reference, whatever its members are called: schemas, arguments, notes, and what an answer once cited. */
const DATA: ReadonlySet<string> = new Set([
  'input_schema',
  'parameters',
  'schema',
  'arguments',
  'metadata',
  'annotations',
  'results',
])
/** Items of a Responses request that bring all they are; every other kind may be looked up by its id. */
const WHOLE_ITEMS = /^(message|function_call|custom_tool_call|[a-z_]+_output)$/
/** Items that bring all they are where they bring it sealed. */
const SEALED_ITEMS = /^(reasoning|compaction|compaction_summary)$/

/**
 * Ids of kept objects that a request names, of whichever surface, each once. A prompt of the vendor's (`prompt.id`) is
 * made by the operator by hand and is not one of them.
 *
 * Cost: one walk over the values that are not texts, linear in the request.
 * @param value A parsed body, depth and nodes bounded as by `readJson`.
 */
export function namedIds(value: Json): readonly string[] {
  const found = new Set<string>()
  walk(value, found)
  // The names of a stored prompt's variables are its author's own: none of them says that a value is data.
  if (isRecord(value.prompt) && isRecord(value.prompt.variables)) walk(Object.values(value.prompt.variables), found)
  // Only here an item stands for itself: elsewhere `input` is anything.
  for (const item of records(value.input)) if (typeof item.id === 'string' && !isWhole(item)) found.add(item.id)
  return [...found]
}

/** An item without a type is a message where it has what a message has, and else a reference. */
function isWhole({ type, role, content, encrypted_content: sealed }: Json): boolean {
  if (typeof type !== 'string')
    return typeof role === 'string' && (typeof content === 'string' || Array.isArray(content))
  return WHOLE_ITEMS.test(type) || (SEALED_ITEMS.test(type) && typeof sealed === 'string')
}

/** @param data A member that is only looked at elsewhere, or not at all. */
function walk(value: unknown, found: Set<string>, data: string | null = null): void {
  if (Array.isArray(value)) for (const item of value) walk(item, found)
  if (!isRecord(value)) return
  for (const name of Object.keys(value)) {
    if (name === data) continue
    const member = value[name]
    if (typeof member === 'string') {
      if (NAMING.has(name) || (name === 'skill_id' && member.startsWith('skill_'))) found.add(member)
      continue
    }
    if (typeof member !== 'object' || member === null || DATA.has(name)) continue
    if (NAMING.has(name) && Array.isArray(member)) for (const id of member) if (typeof id === 'string') found.add(id)
    if ((NAMING.has(name) || NAMING_BY_OBJECT.has(name)) && isRecord(member) && typeof member.id === 'string')
      found.add(member.id)
    if (name === 'messages' && Array.isArray(member)) for (const message of member) walkMessage(message, found)
    else walk(member, found)
  }
}

/** A message of a conversation: the one place where blocks of tools stand. Elsewhere a `type` is any word of a caller's. */
function walkMessage(message: unknown, found: Set<string>): void {
  const blocks = isRecord(message) && Array.isArray(message.content) ? (message.content as unknown[]) : null
  walk(message, found, blocks === null ? null : 'content')
  for (const block of blocks ?? []) walk(block, found, isRecord(block) ? dataOf(block) : null)
}

/** Arguments of a call are the tool's own words; results of the vendor's tools are history, and nothing is looked up. */
function dataOf({ type, role }: Json): string | null {
  if (typeof type !== 'string' || role !== undefined) return null
  return type.endsWith('tool_use') ? 'input' : type.endsWith('_tool_result') ? 'content' : null
}

/**
 * Ids of kept objects that a whole answer gives its caller, each once; at most `MOST_KEPT_IDS`. Only from places that
 * the upstream itself fills in: what a model wrote makes nobody an owner.
 */
export function givenIds(answer: Json): readonly string[] {
  const found: unknown[] = []
  if (Array.isArray(answer.output)) found.push(...ofResponse(answer))
  if (Array.isArray(answer.content)) found.push(...ofMessage(answer))
  for (const choice of records(answer.choices)) if (isRecord(choice.message)) found.push(idOf(choice.message.audio))
  return usable(found)
}

/** The same for one event of a streamed answer. @param body Its data. */
export function idsGivenBy(body: Json): readonly string[] {
  switch (body.type) {
    case undefined:
      return usable(records(body.choices).map(({ delta }) => (isRecord(delta) ? idOf(delta.audio) : undefined)))
    case 'response.output_item.added':
    case 'response.output_item.done':
      return isRecord(body.item) ? usable(ofItem(body.item)) : []
    case 'response.output_text.annotation.added':
      return isRecord(body.annotation) ? usable(ofAnnotation(body.annotation)) : []
    case 'message_start':
      return isRecord(body.message) ? usable([idOf(body.message.container)]) : []
    case 'message_delta':
      return isRecord(body.delta) ? usable([idOf(body.delta.container)]) : []
    case 'content_block_start':
      return isRecord(body.content_block) ? usable(ofBlock(body.content_block)) : []
    default:
      return isRecord(body.response) ? usable(ofResponse(body.response)) : []
  }
}

/** An id that a refusal of ours on the Responses surface gives: it is made of its decision's. */
const OF_REFUSAL = /^(?:resp|msg)_([0-9A-HJKMNP-TV-Z]{26})$/

/** Ids that a refusal of ours gives: of the response, and of the message in it. */
export function refusalIds(ulid: string): readonly string[] {
  return [`resp_${ulid}`, `msg_${ulid}`]
}

/** The decision whose refusal this may be the id of; null for nearly all. */
export function refusalOf(id: string): DecisionId | null {
  const ulid = OF_REFUSAL.exec(id)?.[1]
  return ulid === undefined ? null : decisionIds(ulid).decision
}

/** Ids of what a request goes on from that may be refusals of ours, at most `MOST_KEPT_IDS`; empty for nearly all. */
export function likelyRefusals({ previous_response_id, input }: Json): readonly string[] {
  const found: string[] = []
  const note = (id: unknown) => {
    if (typeof id === 'string' && OF_REFUSAL.test(id) && found.length < MOST_KEPT_IDS) found.push(id)
  }
  note(previous_response_id)
  for (const { type, id } of records(input)) if (type === 'item_reference') note(id)
  return found
}

/** The id of an object that an answer consists of: a file that was uploaded, a conversation that was made. */
export function idOfObject(answer: Json): readonly string[] {
  return usable([answer.id])
}

/**
 * A list of kept objects with those alone that are the caller's, and no cursor of anybody else's.
 * @returns null: the answer is no list.
 */
export function ownList(answer: Json, isOwn: (id: string) => boolean): Json | null {
  if (!Array.isArray(answer.data)) return null
  const data = records(answer.data).filter(({ id }) => typeof id === 'string' && isOwn(id))
  const cursors = {
    ...('first_id' in answer ? { first_id: data[0]?.id ?? null } : {}),
    ...('last_id' in answer ? { last_id: data.at(-1)?.id ?? null } : {}),
    ...('has_more' in answer ? { has_more: answer.has_more === true && data.length > 0 } : {}),
  }
  const { object } = answer
  return { ...(typeof object === 'string' ? { object } : {}), data, ...cursors }
}

function ofResponse(response: Json): unknown[] {
  return [response.id, idOf(response.conversation), ...records(response.output).flatMap(ofItem)]
}

function ofItem(item: Json): unknown[] {
  const cited = records(item.content).flatMap(({ annotations }) => records(annotations).flatMap(ofAnnotation))
  return [item.id, item.container_id, ...cited]
}

/** A file that a tool made in a container. What is cited of files that were there before is not the caller's to own. */
function ofAnnotation(annotation: Json): unknown[] {
  return annotation.type === 'container_file_citation' ? [annotation.container_id, annotation.file_id] : []
}

function ofMessage(message: Json): unknown[] {
  return [idOf(message.container), ...records(message.content).flatMap(ofBlock)]
}

/** Files that the vendor's own tools made. */
function ofBlock({ type, content }: Json): unknown[] {
  if (typeof type !== 'string' || !type.endsWith('_tool_result') || !isRecord(content)) return []
  return records(content.content).map(({ file_id }) => file_id)
}

function idOf(value: unknown): unknown {
  return isRecord(value) ? value.id : undefined
}

function usable(ids: readonly unknown[]): readonly string[] {
  const good = ids.filter((id): id is string => typeof id === 'string' && USABLE.test(id))
  return good.length <= 1 ? good : [...new Set(good)].slice(0, MOST_KEPT_IDS)
}
