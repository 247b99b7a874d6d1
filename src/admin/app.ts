import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { isDecisionId } from '../core/base/ids.ts'
import { ACTIONS } from '../core/policy/policy.ts'
import type { DecisionFilter } from '../jobs/listing-ports.ts'
import { recordPlace } from '../jobs/record-place.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import { appealRoutes, byWhom } from './appeals.ts'
import { collateralRoutes } from './collateral.ts'
import type { DecisionDetail, DecisionPage } from './contract.ts'
import { draftRoutes } from './drafts.ts'
import { keyRoutes } from './keys.ts'
import { matchedText } from './matched-text.ts'
import { partnerRoutes } from './partners.ts'
import type { AdminPorts } from './ports.ts'
import { publicApp, publicDecision } from './public-app.ts'
import { recordRoutes } from './record.ts'
import { releaseRoutes } from './releases.ts'
import { apiError, page, pageFault, secure } from './replies.ts'
import { reportRoutes } from './reports.ts'
import { reviewRoutes } from './review.ts'
import { rowOf } from './rows.ts'
import { severityRoutes } from './severity.ts'
import { summarise, WINDOWS } from './summary.ts'
import { usefulnessRoutes } from './usefulness.ts'
import { verifyReceipt } from './verify.ts'
import { viewRoutes } from './view-routes.ts'
import { pageOfFile, viewOf } from './views.ts'

const MOST_ROWS = 500
const HEARTBEAT_MS = 15_000

/** HTTP API for people, and the console's files. Reads the store; changes the mode and the keys. */
export function adminApp(ports: AdminPorts): Hono {
  const app = new Hono()
  app.use(secure)
  // Answers only under its own names, and takes changes only from its own pages: a page elsewhere that makes a browser
  // here send requests, or a foreign name that resolves to this address, gets nothing.
  app.use(async (c, next) => {
    const host = (c.req.header('host') ?? '').replace(/:\d+$/, '')
    if (!ports.hosts.has(host))
      return apiError(
        c,
        421,
        'host_unknown',
        'this console is not served under that name',
        'open it as http://localhost',
      )
    const origin = c.req.header('origin')
    const foreign = origin !== undefined && new URL(origin).host !== c.req.header('host')
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && foreign)
      return apiError(c, 403, 'origin_foreign', 'changes are taken from this console only', 'open the console itself')
    return next()
  })
  app.onError(pageFault(ports))
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/api/status', async (c) => c.json(await ports.status()))
  app.post('/api/mode', (c) => changeMode(c, ports))
  app.get('/api/summary', async (c) => {
    const window = WINDOWS[c.req.query('window') ?? '24h']
    if (window === undefined)
      return apiError(c, 400, 'window_invalid', 'window: wanted 15m, 1h, 24h, 7d or 30d', 'choose one of these')
    return c.json(await summarise(ports.store, window, ports.nowMs()))
  })
  app.get('/api/decisions', (c) => listDecisions(c, ports))
  app.get('/api/decisions.jsonl', (c) => exportDecisions(c, ports))
  app.get('/api/decisions/:id', (c) => oneDecision(c, ports))
  app.get('/api/public/:id', async (c) => {
    const stored = await storedOf(c, ports)
    return stored === null ? noDecision(c) : c.json(await publicDecision(stored, ports))
  })
  keyRoutes(app, ports)
  releaseRoutes(app, ports.releases)
  reportRoutes(app, ports.reports)
  partnerRoutes(app, { partners: ports.partners, cases: () => ports.store.cases(), nowMs: ports.nowMs })
  appealRoutes(app, ports)
  reviewRoutes(app, ports)
  collateralRoutes(app, ports)
  draftRoutes(app, ports)
  usefulnessRoutes(app, ports)
  severityRoutes(app)
  recordRoutes(app, ports)
  app.get('/metrics', async (c) => {
    // Loaded with the first question: a start answers none.
    const { metrics } = await import('./metrics.ts')
    const { text, type } = await metrics(ports)
    return c.body(text, 200, { 'content-type': type })
  })
  app.get('/api/live', (c) => live(c, ports))
  app.all('/api/*', (c) => apiError(c, 404, 'not_found', 'no such address of the API', 'see /api/status'))
  app.get('/favicon.ico', (c) => c.body(null, 204))
  viewRoutes(app)
  app.route('/', publicApp(ports))
  app.get('*', (c) => {
    if (viewOf(c.req.path) !== null) return page(c, 'index.html', ports)
    if (pageOfFile(c.req.path) === null) return page(c, 'index.html', ports, 404)
    return apiError(c, 404, 'not_found', 'no page has this address', 'see /index.json, or a page of the console')
  })
  return app
}

/** Whoever says no name is the operator, as everywhere in this API: what asked is not who. */
const modeSchema = z.object({
  mode: z.enum(['observe', 'enforce', 'off']),
  reason: z.string().trim().min(3).max(500),
  by: byWhom.default('operator'),
})

async function changeMode(c: Context, ports: AdminPorts): Promise<Response> {
  const change = modeSchema.safeParse(await c.req.json().catch(() => null))
  if (!change.success) {
    const message = 'wanted {mode: observe | enforce | off, reason: at least 3 characters, by: a name}'
    return apiError(c, 400, 'mode_invalid', message, 'say why the mode changes')
  }
  const { mode, by, reason } = change.data
  await ports.setMode(mode, by, reason)
  return c.json(await ports.status())
}

const text = z.string().max(200)
const filterSchema = z.object({
  action: text.optional(),
  would: text.optional(),
  category: text.optional(),
  surface: text.optional(),
  model: text.optional(),
  org: text.optional(),
  since: z.coerce.number().int().min(0).optional(),
  until: z.coerce.number().int().min(0).optional(),
  q: text.optional(),
  cursor: text.optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(100),
})

type Query = z.infer<typeof filterSchema>

function filterOf(query: Query): DecisionFilter {
  const list = (value: string) => value.split(',').filter((one) => one !== '')
  const actions = (value: string) => ACTIONS.filter((action) => list(value).includes(action))
  return {
    ...(query.action === undefined ? {} : { action: actions(query.action) }),
    ...(query.would === undefined ? {} : { would: actions(query.would) }),
    ...(query.category === undefined ? {} : { category: list(query.category) }),
    ...(query.surface === undefined ? {} : { surface: list(query.surface) }),
    ...(query.model === undefined ? {} : { model: list(query.model) }),
    ...(query.org === undefined ? {} : { org: query.org }),
    ...(query.since === undefined ? {} : { sinceMs: query.since }),
    ...(query.until === undefined ? {} : { untilMs: query.until }),
    ...(query.q === undefined ? {} : { text: query.q }),
  }
}

async function listDecisions(c: Context, ports: AdminPorts): Promise<Response> {
  const query = filterSchema.safeParse(c.req.query())
  if (!query.success) return badFilter(c, query.error)
  const filter = filterOf(query.data)
  const cursor = query.data.cursor ?? null
  const [found, total] = await Promise.all([
    ports.store.decisions(filter, query.data.limit, cursor),
    // Counting reads all of them: with each page of many that would be a square.
    cursor === null ? ports.store.count(filter) : null,
  ])
  return c.json({ items: found.items.map(rowOf), total, next: found.next } satisfies DecisionPage)
}

/** Every row of the same filter, one JSON object a line, page by page so that no export is too large to hold. */
async function exportDecisions(c: Context, ports: AdminPorts): Promise<Response> {
  const query = filterSchema.safeParse(c.req.query())
  if (!query.success) return badFilter(c, query.error)
  const filter = filterOf(query.data)
  const encoder = new TextEncoder()
  let cursor: string | null = null
  const lines = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const found = await ports.store.decisions(filter, MOST_ROWS, cursor)
      cursor = found.next
      if (found.items.length > 0)
        controller.enqueue(encoder.encode(found.items.map((item) => `${JSON.stringify(rowOf(item))}\n`).join('')))
      if (cursor === null) controller.close()
    },
  })
  const headers = {
    'content-type': 'application/jsonl; charset=utf-8',
    'content-disposition': 'attachment; filename="decisions.jsonl"',
  }
  return c.body(lines, 200, headers)
}

async function oneDecision(c: Context, ports: AdminPorts): Promise<Response> {
  const stored = await storedOf(c, ports)
  if (stored === null) return noDecision(c)
  const { receipt, hash } = stored
  return c.json({
    row: rowOf(stored),
    receipt,
    receiptHash: `sha256:${hash}`,
    record: await recordPlace(ports.store, receipt.id),
    verified: verifyReceipt(stored, ports),
    content: matchedText(receipt, await ports.content(receipt), ports),
    publicUrl: `${ports.publicUrl}/d/${receipt.id}?k=${ports.capability(receipt.id)}`,
  } satisfies DecisionDetail)
}

function live(c: Context, ports: AdminPorts): Response {
  return streamSSE(c, async (stream) => {
    const waiting: StoredReceipt[] = []
    let wake: (() => void) | null = null
    const stop = ports.subscribe((rows) => {
      // A reader that is too slow loses the oldest rows, never the server's memory; the table itself has them all.
      waiting.push(...rows.slice(-MOST_ROWS))
      if (waiting.length > MOST_ROWS) waiting.splice(0, waiting.length - MOST_ROWS)
      wake?.()
    })
    stream.onAbort(stop)
    await stream.writeSSE({ event: 'open', data: '{}' })
    while (!stream.aborted && !stream.closed) {
      for (const row of waiting.splice(0))
        await stream.writeSSE({ event: 'decision', data: JSON.stringify(rowOf(row)) })
      if (waiting.length > 0) continue
      const beat = setTimeout(() => wake?.(), HEARTBEAT_MS)
      await new Promise<void>((resolve) => (wake = resolve))
      clearTimeout(beat)
      if (waiting.length === 0) await stream.writeSSE({ event: 'beat', data: '{}' })
    }
    stop()
  })
}

async function storedOf(c: Context, ports: AdminPorts): Promise<StoredReceipt | null> {
  const id = (c.req.param('id') ?? '').replace(/\.json$/, '')
  return isDecisionId(id) ? ports.store.receipt(id) : null
}

function noDecision(c: Context): Response {
  return apiError(c, 404, 'not_found', 'no decision of that id', 'copy the id from Live, or wait a second and reload')
}

function badFilter(c: Context, error: z.ZodError): Response {
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return apiError(c, 400, 'filter_invalid', faults, 'remove the filter named, or give it a value of that kind')
}
