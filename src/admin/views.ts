/** A page of the console, and where in the API is what it shows. */
export interface View {
  /** `$id` stands for one segment. */
  readonly page: string
  /** Address in the API; null: a form, which shows nothing that is stored. */
  readonly api: ((id: string, query: URLSearchParams) => string) | null
  /** Member that holds the rows of its table, for CSV; `''`: the answer is the list itself; null: there is no table. */
  readonly rows: string | null
  /** Columns that only some rows have: a file names its columns before it has seen all rows. */
  readonly columns?: readonly string[]
}

/** Where the severity calculator begins without a vector in its address: the first worked example. */
export const EXAMPLE_VECTOR = 'JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U'

const CLOSED = 'upheld,overturned,withdrawn'

/** Every page: what is no page of these is no page at all. */
const VIEWS: readonly View[] = [
  { page: '/', api: (_, query) => at('/api/summary', query, 'window'), rows: 'byAction' },
  { page: '/live', api: (_, query) => `/api/decisions?${query}`, rows: 'items' },
  { page: '/decisions/$id', api: (id) => `/api/decisions/${id}`, rows: null },
  { page: '/usefulness', api: (_, query) => at('/api/usefulness', query, 'by', 'days'), rows: 'rows' },
  { page: '/review', api: (_, query) => reviewPath(query.get('item')), rows: 'items' },
  {
    page: '/appeals',
    api: (_, query) => (query.get('state') === 'closed' ? `/api/appeals?state=${CLOSED}` : '/api/appeals'),
    rows: 'items',
  },
  { page: '/appeals/$id', api: (id) => `/api/appeals/${id}`, rows: null },
  { page: '/releases', api: () => '/api/releases', rows: 'items' },
  { page: '/releases/$id', api: (id) => `/api/releases/${id}`, rows: null },
  { page: '/draft', api: null, rows: null },
  { page: '/collateral', api: () => '/api/collateral', rows: 'items' },
  { page: '/collateral/$id', api: (id) => `/api/collateral/${id}`, rows: 'moved' },
  { page: '/jailbreaks', api: () => '/api/reports', rows: 'items' },
  { page: '/jailbreaks/new', api: null, rows: null },
  { page: '/jailbreaks/$id', api: (id) => `/api/reports/${id}`, rows: null },
  { page: '/duty', api: () => '/api/duty', rows: 'drills' },
  {
    page: '/severity',
    api: (_, query) => {
      const asked = new URLSearchParams({ vector: EXAMPLE_VECTOR, ...Object.fromEntries(query) })
      return at('/api/severity', asked, 'vector', 'lang')
    },
    rows: null,
  },
  { page: '/partners', api: () => '/api/partners', rows: 'objects' },
  {
    page: '/record',
    api: (_, query) => at('/api/record/entries', query, 'kind', 'q', 'before'),
    rows: '',
    columns: ['entry.h', 'entry.prev'],
  },
  { page: '/record/$id', api: (id) => `/api/record/entries/${id}`, rows: null },
]

const HOME_FILE = '/index'

/** The page of an address, with the id in it; null: no page has this address. */
export function viewOf(path: string): (View & { readonly id: string }) | null {
  const asked = path.length > 1 ? path.replace(/\/$/, '').split('/') : ['', '']
  for (const view of VIEWS) {
    const wanted = view.page.split('/')
    if (wanted.length !== asked.length) continue
    if (!wanted.every((segment, i) => (segment === '$id' ? asked[i] !== '' : segment === asked[i]))) continue
    return { ...view, id: wanted.at(-1) === '$id' ? asked.at(-1)! : '' }
  }
  return null
}

export type ViewKind = 'json' | 'csv'

/** The same object as a file: `/appeals` is `/appeals.json`; Home is `/index.json`. */
export function fileOf(path: string, kind: ViewKind): string {
  return `${path === '/' ? HOME_FILE : path.replace(/\/$/, '')}.${kind}`
}

/** The page whose file an address is; null: it is none. */
export function pageOfFile(path: string): { readonly page: string; readonly kind: ViewKind } | null {
  const found = /^(.+)\.(json|csv)$/.exec(path)
  if (found === null) return null
  const [, name, kind] = found
  return { page: name === HOME_FILE ? '/' : name!, kind: kind as ViewKind }
}

/** With those of the query that are meant for it. */
function at(path: string, query: URLSearchParams, ...names: readonly string[]): string {
  const kept = names.flatMap((name) => (query.has(name) ? [[name, query.get(name)!] as [string, string]] : []))
  return kept.length === 0 ? path : `${path}?${new URLSearchParams(kept)}`
}

function reviewPath(item: string | null): string {
  return item === null ? '/api/review' : `/api/review/items/${encodeURIComponent(item)}`
}
