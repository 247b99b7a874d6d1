import type { Hono } from 'hono'
import { z } from 'zod'
import { USEFULNESS_BY, usefulnessReport } from '../jobs/usefulness-report.ts'
import type { AdminPorts } from './ports.ts'
import { apiError } from './replies.ts'

const querySchema = z.object({
  days: z.coerce.number().gt(0).max(400).default(30),
  by: z.enum(USEFULNESS_BY).default('segment'),
})

/** `GET /api/usefulness?days=&by=`: what safeguards leave of ordinary use, and the burn-down of false positives. */
export function usefulnessRoutes(app: Hono, ports: Pick<AdminPorts, 'store' | 'falsePositives' | 'nowMs'>): void {
  app.get('/api/usefulness', async (c) => {
    const query = querySchema.safeParse(c.req.query())
    if (!query.success)
      return apiError(c, 400, 'query_invalid', 'days: 1 to 400; by: segment, org or surface', 'give these values')
    const asked = { ...query.data, target: ports.falsePositives, quality: null }
    return c.json(await usefulnessReport(asked, ports.store, ports.nowMs()))
  })
}
