import type { Context, Hono } from 'hono'
import { csv } from './csv.ts'
import { apiError } from './replies.ts'
import { columnsOf, tableRows } from './table-rows.ts'
import { pageOfFile, viewOf } from './views.ts'

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
    return asCsv(c, fileName(file.page), view.rows, ask)
  })
}

type Ask = (more?: Readonly<Record<string, string>>) => Response | Promise<Response>

/** Page by page where the list has pages, so that no table is too large to hold. */
async function asCsv(c: Context, name: string, member: string, ask: Ask): Promise<Response> {
  const first = await ask({ limit: c.req.query('limit') ?? ROWS_AT_ONCE })
  if (!first.ok) return first
  let answer: unknown = await first.json()
  const rows = rowsIn(answer, member)
  if (rows === null)
    return apiError(
      c,
      404,
      'no_table',
      'this address shows no table',
      'take its JSON view: the same address with .json',
    )
  const columns = columnsOf(rows)
  const encoder = new TextEncoder()
  let waiting: string | null = BYTE_ORDER_MARK + csv([columns, ...tableRows(rows, columns)])
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (waiting === null) {
        const cursor = nextOf(answer)
        const more = cursor === null ? null : await ask({ cursor })
        if (more === null) return controller.close()
        // A file that ends early would pass for the whole.
        if (!more.ok) return controller.error(new Error(`the list broke off: status ${more.status}`))
        answer = await more.json()
        waiting = csv(tableRows(rowsIn(answer, member) ?? [], columns))
      }
      if (waiting !== '') controller.enqueue(encoder.encode(waiting))
      const empty = waiting === ''
      waiting = null
      if (empty) controller.close()
    },
  })
  return c.body(stream, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}.csv"`,
  })
}

function rowsIn(answer: unknown, member: string): readonly unknown[] | null {
  const rows = member === '' ? answer : (answer as Readonly<Record<string, unknown>> | null)?.[member]
  return Array.isArray(rows) ? rows : null
}

function nextOf(answer: unknown): string | null {
  const next = (answer as { readonly next?: unknown } | null)?.next
  return typeof next === 'string' ? next : null
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
