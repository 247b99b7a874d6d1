import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiError } from './contract.ts'
import type { FaultCode } from './fault-codes.ts'
import type { AdminPorts } from './ports.ts'

/** An error that says what to do next. */
export function apiError(
  c: Context,
  status: ContentfulStatusCode,
  code: FaultCode,
  message: string,
  next: string,
): Response {
  return c.json({ error: { code, message, next } } satisfies ApiError, status)
}

/** A built page or asset of the console. @param status 404: the page says that there is none of this address. */
export async function page(
  c: Context,
  path: string,
  ports: Pick<AdminPorts, 'asset'>,
  status: 200 | 404 = 200,
): Promise<Response> {
  const asset = await ports.asset(path)
  if (asset === null)
    return apiError(c, 404, 'not_found', `no page named ${path}`, 'run `npm run build:console`, then reload')
  const fixed = path.startsWith('assets/')
  const cache = fixed ? 'public, max-age=31536000, immutable' : 'no-cache'
  return c.body(asset.bytes.slice().buffer, status, { 'content-type': asset.type, 'cache-control': cache })
}

/** What a reader is told where an answer could not be made; the cause is reported by its name alone. */
export function pageFault(ports: Pick<AdminPorts, 'report'>): ErrorHandler {
  return (error, c) => {
    ports.report('page.failed', { path: c.req.routePath, fault: error.name })
    if ((error as { code?: unknown }).code === 'cursor_invalid')
      return apiError(c, 400, 'query_invalid', 'cursor: no list goes on from there', 'begin at the start of the list')
    const down = (error as { code?: unknown }).code === 'store_unavailable'
    return down
      ? apiError(c, 503, 'store_unavailable', 'the store does not answer', 'traffic goes on; try again in a moment')
      : apiError(c, 500, 'internal', 'this page failed', 'see the log of this process for the same time')
  }
}

/** Nothing inline, nothing foreign, no frame around it: text of callers is shown on these pages. */
export const secure: MiddlewareHandler = async (c, next) => {
  await next()
  const policy =
    "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'; img-src 'self' data:"
  c.header('content-security-policy', policy)
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
}
