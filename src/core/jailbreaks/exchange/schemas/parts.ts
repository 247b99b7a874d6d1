/** A JSON Schema (2020-12) as data. */
export type Schema = { readonly [keyword: string]: unknown }

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** An object: the members named are closed in what they may be, and others are kept and ignored. */
export function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) }
}

export function list(items: Schema, maxItems = 1000): Schema {
  return { type: 'array', items, maxItems }
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values }
}

export function text(maxLength: number): Schema {
  return { type: 'string', minLength: 1, maxLength }
}

export const time: Schema = {
  type: 'string',
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,3})?Z$',
}
export const hex256: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' }
export const hash: Schema = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }
/** A name of a party, model, release or region: no white space at the ends, no control characters. */
export const name: Schema = {
  type: 'string',
  pattern: '^[^\\s\\u0000-\\u001f]([^\\u0000-\\u001f]{0,126}[^\\s\\u0000-\\u001f])?$',
}
export const tlp: Schema = oneOf('CLEAR', 'GREEN', 'AMBER', 'RED')
export const count: Schema = { type: 'integer', minimum: 0, maximum: 1_000_000_000 }
export const share: Schema = { type: 'number', minimum: 0, maximum: 1 }

export function pair(item: Schema): Schema {
  return { type: 'array', prefixItems: [item, item], minItems: 2, maxItems: 2, items: false }
}

export function texts(maxLength: number): Schema {
  return object({ en: text(maxLength), ja: text(maxLength) })
}

export const withdrawn: Schema = orNull(object({ at: time, reason: { anyOf: [texts(1000), text(1000)] } }))
export const modelName: Schema = object({ vendor: name, name, version: name })
export const grade: Schema = oneOf('A', 'B', 'C', 'D')
