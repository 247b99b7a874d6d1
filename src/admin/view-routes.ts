import type { Context, Hono } from 'hono'
import { csv } from './csv.ts'
import { apiError } from './replies.ts'
import { columnsOf, tableRows } from './table-rows.ts'
import { pageOfFile, type View, viewOf } from './views.ts'

/** Spreadsheets take a file without it for another encoding. */
const BYTE_ORDER_MARK = '\ufeff'
const ROWS_AT_ONCE = '500'

/** Every page as JSON, and its table as CSV: `/appeals.json`, `/appeals.csv`, with the filters of the page's own address. */
export function viewRoutes(app: Hono): void {
  app.get('*', async (c, next) => {
    const file = pageOfFile(c.req.path)
    const view = file === null ? null : viewOf(file.page)
    if (file === null || view === null || view.api === null) return next()
    const query = new URL(c.req.url).searchParams
    const ask = (more: Readonly<Record<string, string>> = {}) => {
      for (const [name, value] of Object.entries(more)) query.set(name, value)
      return app.request(
        new Request(new URL(view.api!(encoded(view.id), query), c.req.url), { headers: c.req.raw.headers }),
      )
    }
    if (file.kind === 'json') return ask()
    if (view.rows === null)
      return apiError(c, 404, 'no_table', 'this page shows no table', 'take its JSON view: the same address with .json')
    return asCsv(c, fileName(file.page), { ...view, rows: view.rows }, ask)
  })
}

type Ask = (more?: Readonly<Record<string, string>>) => Response | Promise<Response>
type Table = Pick<View, 'columns'> & { readonly rows: string }

/** Some rows of a list, and what to ask for the next. */
interface Part {
  readonly rows: readonly unknown[]
  readonly next: Readonly<Record<string, string>> | null
}

/** Page by page where the list has pages, so that no table is too large to hold. */
async function asCsv(c: Context, name: string, table: Table, ask: Ask): Promise<Response> {
  const first = await ask({ limit: c.req.query('limit') ?? ROWS_AT_ONCE })
  if (!first.ok) return first
  const part = await partOf(first, table.rows)
  if (part === null)
    return apiError(
      c,
      404,
      'no_table',
      'this address shows no table',
      'take its JSON view: the same address with .json',
    )
  const lines = linesOf(part, table, ask)
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await lines.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: () => void lines.return(undefined),
  })
  return c.body(stream, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}.csv"`,
  })
}

/** @throws {Error} the list broke off: a file that ends early would pass for the whole. */
async function* linesOf(first: Part, table: Table, ask: Ask): AsyncGenerator<string, undefined> {
  let columns: readonly string[] | null = null
  for (let part: Part | null = first; part !== null; part = part.next && (await nextPart(part.next, table, ask))) {
    // A page of a search may hold nothing, though a later one does.
    if (part.rows.length === 0 && part.next !== null) continue
    const named: readonly string[] | null = columns
    columns ??= part.rows.length === 0 ? [] : [...new Set([...columnsOf(part.rows), ...(table.columns ?? [])])]
    const heading = named === null ? [columns] : []
    const lines = csv([...heading, ...tableRows(part.rows, columns)])
    if (lines !== '') yield named === null ? BYTE_ORDER_MARK + lines : lines
  }
}

async function nextPart(next: NonNullable<Part['next']>, table: Table, ask: Ask): Promise<Part> {
  const more = await ask(next)
  if (!more.ok) throw new Error(`the list broke off: status ${more.status}`)
  return (await partOf(more, table.rows)) ?? { rows: [], next: null }
}

async function partOf(response: Response, member: string): Promise<Part | null> {
  const answer: unknown = await response.json()
  const rows = rowsIn(answer, member)
  return rows === null ? null : { rows, next: nextOf(answer) ?? linked(response) }
}

function rowsIn(answer: unknown, member: string): readonly unknown[] | null {
  const rows = member === '' ? answer : (answer as Readonly<Record<string, unknown>> | null)?.[member]
  return Array.isArray(rows) ? rows : null
}

function nextOf(answer: unknown): Part['next'] {
  const next = (answer as { readonly next?: unknown } | null)?.next
  return typeof next === 'string' ? { cursor: next } : null
}

/** A bare list says in its head where it goes on (RFC 8288). */
function linked({ headers }: Response): Part['next'] {
  const query = /^<[^?>]*\?([^>]*)>; rel="next"$/.exec(headers.get('link') ?? '')
  return query === null ? null : Object.fromEntries(new URLSearchParams(query[1]))
}

/** One segment stays one segment, whatever it holds. */
function encoded(id: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(id))
  } catch (error) {
    if (error instanceof URIError) return encodeURIComponent(id)
    throw error
  }
}

function fileName(page: string): string {
  return page === '/' ? 'home' : page.slice(1).replaceAll(/[^\w.-]+/g, '-')
}
