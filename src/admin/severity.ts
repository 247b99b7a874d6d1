import type { Hono } from 'hono'
import { severityReport } from '../core/jailbreaks/severity/report.ts'
import { apiError } from './replies.ts'

/** GET /api/severity?vector=…&lang=…: one vector scored and explained, by the same code as everywhere. */
export function severityRoutes(app: Hono): void {
  app.get('/api/severity', (c) => {
    const vector = c.req.query('vector')
    if (vector === undefined)
      return apiError(
        c,
        400,
        'vector_missing',
        'vector is missing',
        'add ?vector=JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C',
      )
    const lang = c.req.query('lang') ?? 'en'
    if (lang !== 'en' && lang !== 'ja')
      return apiError(c, 400, 'lang_invalid', 'lang: wanted en or ja', 'leave it out for en')
    const report = severityReport(vector, { lang, measured: null, cyber: true, jef: null })
    return c.json(report, 'error' in report ? 422 : 200)
  })
}
