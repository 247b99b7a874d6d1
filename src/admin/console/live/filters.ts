import type { DecisionRow } from '../../contract.ts'

/** Fields a list of decisions can be narrowed by; a value may list several, separated by commas. */
export const FILTER_FIELDS = ['action', 'would', 'category', 'surface', 'model', 'org', 'q'] as const
export type FilterField = (typeof FILTER_FIELDS)[number]
export type Filters = { readonly [Field in FilterField]?: string }

/** The filters in an address; anything else in it is left alone. */
export function filtersOf(search: Readonly<Record<string, unknown>>): Filters {
  const filters: { -readonly [Field in FilterField]?: string } = {}
  for (const field of FILTER_FIELDS) {
    const value = search[field]
    if (typeof value === 'string' && value.trim() !== '') filters[field] = value.trim()
  }
  return filters
}

export function paramsOf(filters: Filters): URLSearchParams {
  return new URLSearchParams(
    FILTER_FIELDS.flatMap((field) => (filters[field] === undefined ? [] : [[field, filters[field]]])),
  )
}

/**
 * Adds what was typed to the filters: `field:value` narrows that field (again: one more value), the rest is text.
 * Ids and names typed full-width mean the same.
 */
export function withTyped(filters: Filters, typed: string): Filters {
  const next: { -readonly [Field in FilterField]?: string } = { ...filters }
  const text: string[] = []
  for (const word of typed.normalize('NFKC').split(/\s+/)) {
    const [, field, value] = /^(\w+):(.+)$/.exec(word) ?? []
    if (field !== undefined && value !== undefined && isField(field) && field !== 'q')
      next[field] = [...new Set([...valuesOf(next, field), ...value.split(',')])].filter(Boolean).join(',')
    else if (word !== '') text.push(word)
  }
  if (text.length > 0) next.q = [next.q, ...text].filter(Boolean).join(' ')
  return next
}

export function without(filters: Filters, field: FilterField): Filters {
  const { [field]: _, ...rest } = filters
  return rest
}

/** Whether a row that just arrived belongs in the list; text is the server's to match. */
export function matches(row: DecisionRow, filters: Filters): boolean {
  return (
    among(filters, 'action', row.action) &&
    among(filters, 'would', row.would) &&
    among(filters, 'category', row.category) &&
    among(filters, 'surface', row.surface) &&
    among(filters, 'org', row.org) &&
    (filters.model === undefined ||
      valuesOf(filters, 'model').some((model) => model === row.requestedModel || model === row.servedModel))
  )
}

function among(filters: Filters, field: FilterField, value: string | null): boolean {
  return filters[field] === undefined || (value !== null && valuesOf(filters, field).includes(value))
}

function valuesOf(filters: Filters, field: FilterField): string[] {
  return filters[field]?.split(',') ?? []
}

function isField(text: string): text is FilterField {
  return (FILTER_FIELDS as readonly string[]).includes(text)
}
