import { invalid, type JsonDocument, replaceTopLevel } from './json.ts'
import { elementsAt, membersAt, skipBlanks } from './json-edit.ts'
import { isRecord } from './values.ts'

/** One item of a request for a batch: a Messages request of its own, with the text it came from. */
export interface BatchRequest {
  readonly customId: string
  readonly params: JsonDocument
}

/**
 * The items of a request for a batch, in order. Each is a whole request, which may turn out to be invalid by itself.
 * @throws {ProtocolError} there is no list of items, or an item without a name of its own or without `params`.
 */
export function decodeBatch({ value, text }: JsonDocument): readonly BatchRequest[] {
  const { requests } = value
  if (!Array.isArray(requests) || requests.length === 0) throw invalid('requests', 'wanted a list of at least one item')
  const raw = rawRequests(text)
  const named = new Set<string>()
  return requests.map((item: unknown, i): BatchRequest => {
    if (!isRecord(item)) throw invalid(`requests[${i}]`, 'wanted an object')
    const { custom_id: customId, params } = item
    if (typeof customId !== 'string' || customId === '')
      throw invalid(`requests[${i}].custom_id`, 'wanted a non-empty string')
    if (named.has(customId)) throw invalid(`requests[${i}].custom_id`, 'wanted a name that no other item has')
    named.add(customId)
    if (!isRecord(params)) throw invalid(`requests[${i}].params`, 'wanted an object')
    const at = membersAt(raw[i]!, 0).find(({ name }) => name === 'params')!
    return { customId, params: { value: params, text: raw[i]!.slice(at.valueStart, at.end) } }
  })
}

/**
 * The same request with some of its items alone. What is kept keeps its bytes.
 * @param kept Per item: left out (`null`), as it is (`same`), or with other `params`.
 */
export function keepItems(
  document: JsonDocument,
  kept: readonly (null | 'same' | { readonly params: string })[],
): string {
  const items = rawRequests(document.text).flatMap((raw, i) => {
    const keep = kept[i] ?? null
    if (keep === null) return []
    return [keep === 'same' ? raw : replaceTopLevel({ text: raw, value: {} }, { raw: { params: keep.params } })]
  })
  return replaceTopLevel(document, { raw: { requests: `[${items.join(',')}]` } })
}

function rawRequests(text: string): string[] {
  const at = membersAt(text, skipBlanks(text, 0)).find(({ name }) => name === 'requests')!.valueStart
  return elementsAt(text, at).map(({ start, end }) => text.slice(start, end))
}
