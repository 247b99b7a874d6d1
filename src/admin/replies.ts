import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiError } from './contract.ts'
import type { AdminPorts } from './ports.ts'

/** An error that says what to do next. */
export function apiError(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  next: string,
): Response {
  return c.json({ error: { code, message, next } } satisfies ApiError, status)
}

/** A built page or asset of the console. */
export async function page(c: Context, path: string, ports: AdminPorts): Promise<Response> {
  const asset = await ports.asset(path)
  if (asset === null)
    return apiError(c, 404, 'not_found', `no page named ${path}`, 'run `npm run build:console`, then reload')
  const fixed = path.startsWith('assets/')
  const cache = fixed ? 'public, max-age=31536000, immutable' : 'no-cache'
  return c.body(asset.bytes.slice().buffer, 200, { 'content-type': asset.type, 'cache-control': cache })
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
