import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { DecisionRow, ModeChange, PublicAppeal, Status } from '../../src/admin/contract.ts'
import { severityRoutes } from '../../src/admin/severity.ts'
import { viewRoutes } from '../../src/admin/view-routes.ts'
import { viewOf } from '../../src/admin/views.ts'
import type { Mode } from '../../src/core/policy/policy.ts'
import { aBundle } from './a-bundle.ts'
import { detailOf, NOW_MS, publicOf, summaryOf, traffic } from './admin-data.ts'
import { INVENTED_SCORE, inventedUsefulness } from './change-data.ts'
import { partnerFixture } from './partner-fixture.ts'
import { recordFixture } from './record-fixture.ts'
import { inventedRelease, inventedReleases } from './release-data.ts'
import { reportFixture } from './report-fixture.ts'
import { reviewFixture, type Sent } from './review-fixture.ts'

/** The capability of every invented decision. */
export const FIXTURE_KEY = 'Zt0p9QkX2m'

export interface AdminFixture {
  readonly url: string
  readonly rows: DecisionRow[]
  readonly modeChanges: ModeChange[]
  /** Moves of releases that were asked for. */
  readonly releaseMoves: object[]
  readonly notes: string[]
  /** What the review pages sent. */
  readonly sent: readonly Sent[]
  /** A decision is made now: it is in the lists, and on the stream. */
  push(row: DecisionRow): void
  close(): Promise<void>
}

interface FixtureOptions {
  readonly mode: Mode
  readonly size: 'day' | 'few' | 'none'
  /** Folder of the built pages. */
  readonly dist: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** The admin API and the gateway's decision page over invented decisions, on one real socket. */
export async function startAdminFixture({ mode: firstMode, size, dist }: FixtureOptions): Promise<AdminFixture> {
  let mode = firstMode
  const rows = traffic(mode, size)
  const modeChanges: ModeChange[] = []
  const notes: string[] = []
  const releaseMoves: object[] = []
  const appeals = new Map<string, PublicAppeal>()
  const listeners = new Set<(row: DecisionRow) => void>()
  const status = (): Status => ({
    version: '0.1.0',
    mode,
    modeSinceMs: NOW_MS - 40 * 3_600_000,
    modeBy: 'M. Aoki',
    safeguards: { base: 'base-2026.11.20' },
    gatewayUrl: 'http://127.0.0.1:8787',
    upstreams: [{ dialect: 'anthropic', url: 'https://api.anthropic.com', rehearsal: size === 'none' }],
    retention: 'acted',
    retentionDays: 30,
    startedAtMs: NOW_MS - 86_400_000,
    nowMs: NOW_MS,
    spoolLagBytes: 0,
    secondOpinions: [],
    appeals: {
      open: size === 'day' ? 4 : 0,
      overdue: size === 'day' ? 1 : 0,
      oldestFiledAtMs: NOW_MS - 50 * 3_600_000,
    },
  })
  const page = (name: string) => async (context: Context) => {
    const body = await readFile(join(dist, name)).catch(() => null)
    if (body === null) return context.notFound()
    return context.body(new Uint8Array(body), 200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    })
  }
  const fault = (context: Context, code: 400 | 404, name: string, message: string, next: string) =>
    context.json({ error: { code: name, message, next } }, code)
  const find = (id: string) => rows.find((row) => row.id === id)

  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    context.header('content-security-policy', "default-src 'self'")
  })
  app.get('/', page('index.html'))
  app.get('/live', page('index.html'))
  app.get('/review', page('index.html'))
  app.get('/appeals', page('index.html'))
  app.get('/appeals/:id', page('index.html'))
  const sent = reviewFixture(app, rows)
  app.get('/decisions/:id', page('index.html'))
  const { cases } = await reportFixture(app, size)
  const removals = [recordFixture(app, rows, size), await partnerFixture(app, cases, size)]
  for (const path of ['/record', '/record/:index', '/partners']) app.get(path, page('index.html'))
  for (const path of ['/jailbreaks', '/jailbreaks/:id', '/duty']) app.get(path, page('index.html'))
  app.get('/releases', page('index.html'))
  app.get('/draft', page('index.html'))
  app.get('/usefulness', page('index.html'))
  app.get('/releases/:id', page('index.html'))
  app.get('/severity', page('index.html'))
  app.get('/assets/:file', (context) => page(`assets/${context.req.param('file')}`)(context))
  app.get('/api/status', (context) => context.json(status()))
  app.post('/api/mode', async (context) => {
    const change = await context.req.json<ModeChange>()
    if (Array.from(change.reason.trim()).length < 3)
      return fault(context, 400, 'reason_missing', 'reason is missing', 'Say why, in at least 3 characters.')
    modeChanges.push(change)
    mode = change.mode
    return context.json(status())
  })
  app.get('/api/drafts/policy', (context) => context.json(aBundle().policy))
  app.post('/api/drafts/score', (context) => context.json(INVENTED_SCORE))
  app.get('/api/usefulness', (context) =>
    context.json(
      inventedUsefulness(
        context.req.query('by') === 'org' ? 'org' : 'segment',
        Number(context.req.query('days') ?? 30),
        size,
      ),
    ),
  )
  severityRoutes(app)
  app.get('/api/releases', (context) => context.json(inventedReleases(size)))
  app.get('/api/releases/:id', (context) => {
    const detail = inventedRelease(context.req.param('id'))
    return detail === null
      ? fault(context, 404, 'not_found', 'there is no such release', 'See the list.')
      : context.json(detail)
  })
  app.post('/api/releases/:id/:move', async (context) => {
    releaseMoves.push({ move: context.req.param('move'), ...(await context.req.json<object>()) })
    return context.json(inventedRelease(context.req.param('id'))!.row)
  })
  app.get('/api/summary', (context) => {
    const summary = summaryOf(rows, context.req.query('window') ?? '24h')
    return summary === null
      ? fault(context, 400, 'window_invalid', 'window is unknown', 'Use 24h.')
      : context.json(summary)
  })
  app.get('/api/decisions', (context) => {
    const found = select(rows, context.req.query())
    const from = Number(context.req.query('cursor') ?? 0)
    const to = from + Number(context.req.query('limit') ?? 50)
    return context.json({
      items: found.slice(from, to),
      total: from === 0 ? found.length : null,
      next: to < found.length ? String(to) : null,
    })
  })
  app.get('/api/decisions.jsonl', (context) =>
    context.text(
      select(rows, context.req.query())
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    ),
  )
  app.get('/api/decisions/:id', (context) => {
    const row = find(context.req.param('id'))
    return row === undefined
      ? fault(context, 404, 'not_found', 'there is no such decision', 'Check the id.')
      : context.json(detailOf(row, mode))
  })
  app.get('/api/live', (context) =>
    streamSSE(context, async (stream) => {
      await stream.writeSSE({ event: 'hello', data: '{}' })
      const { promise: gone, resolve } = Promise.withResolvers<void>()
      const send = (row: DecisionRow) => void stream.writeSSE({ event: 'decision', data: JSON.stringify(row) })
      listeners.add(send)
      stream.onAbort(resolve)
      await gone
      listeners.delete(send)
    }),
  )
  app.get('/d/:file', async (context) => {
    const file = context.req.param('file')
    const row = find(file.replace(/\.json$/, ''))
    if (!file.endsWith('.json')) return page('decision.html')(context)
    if (row === undefined || context.req.query('k') !== FIXTURE_KEY)
      return fault(context, 404, 'not_found', 'there is no such decision', 'Copy the whole address.')
    return context.json(publicOf(row, mode, appeals.get(row.id) ?? null))
  })
  app.post('/d/:id/appeal', async (context) => {
    const row = find(context.req.param('id'))
    if (row === undefined || context.req.query('k') !== FIXTURE_KEY)
      return fault(context, 404, 'not_found', 'there is no such decision', 'Copy the whole address.')
    notes.push((await context.req.json<{ note: string }>()).note)
    const appeal: PublicAppeal = {
      id: row.id.replace('dec_', 'apl_'),
      state: 'open',
      filedAtMs: NOW_MS,
      respondByMs: NOW_MS + 6 * 3_600_000,
      ...{ before: 3, overdue: false, verdict: null, replayUntilMs: null, creditedTokens: null, fixedIn: null },
    }
    appeals.set(row.id, appeal)
    return context.json(appeal)
  })

  viewRoutes(app)
  app.get('*', async (context) => {
    const shown = await page('index.html')(context)
    return viewOf(context.req.path) === null ? new Response(shown.body, { status: 404, headers: shown.headers }) : shown
  })

  const { promise: ready, resolve } = Promise.withResolvers<AddressInfo>()
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, resolve)
  const { port } = await ready
  return {
    url: `http://127.0.0.1:${port}`,
    rows,
    modeChanges,
    releaseMoves,
    notes,
    sent,
    push(row) {
      rows.unshift(row)
      for (const send of listeners) send(row)
    },
    async close() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>()
      server.close(() => done())
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
      for (const remove of removals) remove()
    },
  }
}

/** The filters of GET /api/decisions: each field may list several values. */
function select(rows: readonly DecisionRow[], query: Readonly<Record<string, string>>): DecisionRow[] {
  const among = (field: string, ...values: (string | null)[]) => {
    const wanted = query[field]?.split(',')
    return wanted === undefined || values.some((value) => value !== null && wanted.includes(value))
  }
  const text = query['q']?.toLowerCase()
  return rows.filter(
    (row) =>
      among('action', row.action) &&
      among('would', row.would) &&
      among('category', row.category) &&
      among('surface', row.surface) &&
      among('model', row.requestedModel, row.servedModel) &&
      among('org', row.org) &&
      (text === undefined ||
        [row.id, row.org, row.session, row.reason].some((value) => value?.toLowerCase().includes(text))),
  )
}
