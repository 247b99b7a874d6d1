import type { Hono } from 'hono'
import { collateralPage } from '../core/briefs/collateral/html.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import type { CollateralList } from './contract.ts'
import type { AdminPorts } from './ports.ts'
import { apiError } from './replies.ts'

const MOST_REPORTS = 200

/** Collateral reports that were made of this store: the list, each as JSON, and as a page to print or hand on. */
export function collateralRoutes(app: Hono, { store }: Pick<AdminPorts, 'store'>): void {
  app.get('/api/collateral', async (c) => c.json({ items: await store.reports(MOST_REPORTS) } satisfies CollateralList))
  app.get('/api/collateral/:file', async (c) => {
    const file = c.req.param('file')
    const page = file.endsWith('.html')
    const report = await store.report(file.replace(/\.(html|json)$/, ''))
    if (report === null)
      return apiError(c, 404, 'not_found', 'no report of that id', 'make one: sluice collateral --after BUNDLE --store')
    if (!page) return c.body(report, 200, { 'content-type': 'application/json; charset=utf-8' })
    const lang = c.req.query('lang') === 'ja' ? 'ja' : 'en'
    // Written by ourselves into our own store. It brings its own style, which pages of this origin may not: a file to keep.
    const body = collateralPage(JSON.parse(report) as CollateralReport, lang)
    const name = file.replace(/[^\w.-]/g, '')
    return c.html(body, 200, { 'content-disposition': `attachment; filename="${name}"` })
  })
}
