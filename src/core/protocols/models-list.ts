import { type JsonDocument, replaceTopLevel } from './json.ts'
import { elementsAt, membersAt, skipBlanks } from './json-edit.ts'
import { isRecord, type Json } from './values.ts'

/** What is true of models for one caller at this moment. */
export interface ModelView {
  usable(model: string): boolean
  /** Of the vendor's fallback models for `model`, those that the operator allows too. */
  fallbacks(model: string, vendors: readonly string[]): readonly string[]
  /** Members named `sluice` are another Sluice's, and stay. */
  readonly trustsSluice: boolean
}

/**
 * A list of models as it is true for this caller: models that it cannot use are left out, and each entry's fallback
 * models are those that would really be asked. Entries that need no change keep their bytes.
 */
export function viewedModels(document: JsonDocument, view: ModelView): string {
  const { text, value } = document
  const entries = Array.isArray(value.data) ? (value.data as unknown[]) : null
  if (entries === null) return viewedModel(document, view)
  const at = membersAt(text, skipBlanks(text, 0)).find(({ name }) => name === 'data')!.valueStart
  const kept = elementsAt(text, at).flatMap(({ start, end }, i): { raw: string; id: string | null }[] => {
    const entry = entries[i]
    if (!isRecord(entry) || typeof entry.id !== 'string') return [{ raw: text.slice(start, end), id: null }]
    if (!view.usable(entry.id)) return []
    return [{ raw: viewedModel({ text: text.slice(start, end), value: entry }, view), id: entry.id }]
  })
  const ends: Json = 'first_id' in value ? { first_id: kept[0]?.id ?? null, last_id: kept.at(-1)?.id ?? null } : {}
  const data = `[${kept.map(({ raw }) => raw).join(',')}]`
  return replaceTopLevel(document, { raw: { data }, set: ends, remove: forged(value, view) })
}

/** One entry of the list, or the model asked for by its id. */
export function viewedModel(document: JsonDocument, view: ModelView): string {
  const remove = forged(document.value, view)
  const set = changedFallbacks(document.value, view)
  return remove.length === 0 && set === null ? document.text : replaceTopLevel(document, { set: set ?? {}, remove })
}

function changedFallbacks({ id, allowed_fallback_models: vendors }: Json, view: ModelView): Json | null {
  if (typeof id !== 'string' || !Array.isArray(vendors)) return null
  const names = vendors.filter((one) => typeof one === 'string')
  const allowed = view.fallbacks(id, names)
  const same = allowed.length === names.length && allowed.every((one, i) => one === names[i])
  return same ? null : { allowed_fallback_models: allowed }
}

/** What stands there speaks for this gateway, so an upstream may not write it. */
function forged(value: Json, { trustsSluice }: ModelView): readonly string[] {
  return trustsSluice || !('sluice' in value) ? [] : ['sluice']
}
