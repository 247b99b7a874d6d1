import type { JailbreakRecord, Reference } from './record.ts'
import { REFERENCE_TYPES } from './record.ts'

/** An object shaped as OSV 1.7.5 shapes advisories; what OSV has no member for is under `database_specific.sluice`, whole. */
export interface OsvShaped {
  readonly schema_version: '1.7.5'
  readonly id: string
  readonly modified: string
  readonly published: string
  readonly withdrawn?: string
  readonly aliases: readonly string[]
  readonly related: readonly string[]
  readonly summary: string
  readonly affected: readonly OsvAffected[]
  readonly references: readonly { readonly type: 'WEB'; readonly url: string }[]
  readonly credits: readonly { readonly name: string; readonly type: 'REPORTER' }[]
  readonly database_specific: { readonly sluice: JailbreakRecord }
}

interface OsvAffected {
  readonly package: { readonly ecosystem: string; readonly name: string }
  readonly ranges: readonly {
    readonly type: 'ECOSYSTEM'
    readonly events: readonly ({ readonly introduced: string } | { readonly fixed: string })[]
  }[]
}

/** An export, and what its format cannot say. */
export interface Exported<T> {
  readonly document: T
  /** Members of the record that are not in it, or only in a private member. Empty: nothing is lost. */
  readonly lost: readonly string[]
  /** Where the document is not what the format's own validator accepts. */
  readonly bends: readonly string[]
}

/**
 * A record as OSV shapes it. Nothing is lost, since the whole record is carried along; it bends OSV in three places,
 * because OSV registers its id prefixes, ecosystems and severity types and has none for models.
 */
export function toOsv(record: JailbreakRecord): Exported<OsvShaped> {
  const urls = [...record.aliases, ...record.related].filter(({ type }) => type === 'url')
  const ids = (list: readonly Reference[]) => list.filter(({ type }) => type !== 'url').map(({ id }) => id)
  const document: OsvShaped = {
    schema_version: '1.7.5',
    id: record.id,
    modified: record.modified,
    published: record.published,
    ...(record.withdrawn === null ? {} : { withdrawn: record.withdrawn.at }),
    aliases: ids(record.aliases),
    related: ids(record.related),
    summary: record.summary.en,
    affected: record.affected.map(({ model, safeguard }) => ({
      package: { ecosystem: 'AI model', name: `${model.vendor}/${model.name}@${model.version}` },
      ranges: [
        {
          type: 'ECOSYSTEM',
          events: [
            { introduced: safeguard.introduced ?? '0' },
            ...(safeguard.fixed === null ? [] : [{ fixed: safeguard.fixed }]),
          ],
        },
      ],
    })),
    references: urls.map(({ id }) => ({ type: 'WEB', url: id })),
    credits: [{ name: record.reporter.org, type: 'REPORTER' }],
    database_specific: { sluice: record },
  }
  return {
    document,
    lost: [],
    bends: [
      '`id`: the prefix JRX is not registered',
      '`affected.package.ecosystem`: no ecosystem of models is registered',
    ],
  }
}

/** Kinds of id that stand in an OSV list, by how they are written. */
const ID_KINDS: readonly (readonly [Reference['type'], RegExp])[] = [
  ['atlas', /^AML\.(T|CS|M)\d{4}(\.\d{3})?$/],
  ['avid', /^AVID-\d{4}-[RV]\d{3,}$/],
  ['jrx', /^(?:[A-Za-z0-9][\w./-]*\/)?JRX-\d{4}-\d{6}$/],
  ['url', /^https?:\/\/\S+$/],
]

/** What could be taken of an OSV advisory's lists, and how many ids are of a kind that records have no name for. */
export interface ImportedReferences {
  readonly aliases: readonly Reference[]
  readonly related: readonly Reference[]
  readonly unknown: readonly string[]
}

/** `aliases` and `related` of an OSV-shaped object, as references of a record. Total over any JSON. */
export function referencesOfOsv(value: unknown): ImportedReferences {
  const { aliases, related } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const unknown: string[] = []
  const read = (list: unknown): Reference[] =>
    (Array.isArray(list) ? (list as unknown[]) : []).flatMap((one): Reference[] => {
      const reference = referenceOf(one)
      if (reference !== null) return [reference]
      if (typeof one === 'string') unknown.push(one.slice(0, 200))
      return []
    })
  return { aliases: read(aliases), related: read(related), unknown }
}

/** An id as OSV writes it, or already with its type. */
function referenceOf(one: unknown): Reference | null {
  if (typeof one === 'string') {
    const found = ID_KINDS.find(([, form]) => one.length <= 500 && form.test(one))
    return found === undefined ? null : { type: found[0], id: one }
  }
  if (typeof one !== 'object' || one === null) return null
  const { type, id } = one as Record<string, unknown>
  const known = REFERENCE_TYPES.find((name) => name === type)
  return known !== undefined && typeof id === 'string' && id !== '' && id.length <= 500 ? { type: known, id } : null
}
