import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { TLP_LEVELS } from '../core/jailbreaks/exchange/tlp.ts'
import { RegistryError, type RegistryErrorCode } from '../core/jailbreaks/registry/errors.ts'
import { PRECEDENT_WEIGHTS } from '../core/jailbreaks/registry/precedents.ts'
import type { CaseView } from '../jobs/registry.ts'
import { apiError } from './replies.ts'
import { ACTS, asking } from './report-acts.ts'
import type { ReportAdmin } from './report-admin.ts'
import type { DutyDetail, PeopleList, PrecedentList, ReportDetail, ReportList, ReportTaken } from './report-contract.ts'
import { detailOf, rowOf } from './report-view.ts'

const STATUS: Readonly<Partial<Record<RegistryErrorCode, ContentfulStatusCode>>> = {
  not_found: 404,
  intake_refused: 422,
  vector_invalid: 400,
  input_invalid: 400,
  evidence: 422,
  mismatch: 422,
  override_refused: 422,
  statutory: 422,
}
const MOST_BYTES = 262_144
const HOUR_MS = 3_600_000

const intakeBody = z.strictObject({ report: z.json(), by: asking.by, reason: asking.reason.default('a report came') })
const publishBody = z.strictObject({ tlp: z.enum(TLP_LEVELS).default('AMBER'), ...asking })
const overrideBody = z.strictObject({
  action: z.string().max(64),
  hours: z.number().positive(),
  people: z.array(z.string().max(64)).length(2, 'wanted two people'),
  ...asking,
})
const MOST_ENVELOPE = 131_072
const signBody = z.strictObject({ override: z.string().max(64), envelope: z.string().max(MOST_ENVELOPE) })
const rosterBody = z.strictObject({ roster: z.json(), ...asking })
const whoBody = z.strictObject({
  by: asking.by,
  reason: asking.reason.default('a drill'),
  drill: z.string().max(64).optional(),
})

/** Jailbreak reports and the duty desk over HTTP. Each error says what to do next, and names the place of every fault. */
export function reportRoutes(app: Hono, { registry, duty, nowMs }: ReportAdmin): void {
  const routes = new Hono()
  routes.use(
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: (c) =>
        apiError(c, 413, 'body_too_large', 'this is larger than a report may be', 'send hashes, not files'),
    }),
  )
  routes.onError((error, c) => {
    if (!(error instanceof RegistryError)) throw error
    const { code, message, next, faults } = error
    return c.json({ error: { code, message, next, faults } }, STATUS[code] ?? 409)
  })
  const detail = async (view: CaseView): Promise<ReportDetail> => detailOf(view, registry, nowMs())

  routes.get('/reports', async (c) => {
    const items = (await registry.list()).map(rowOf)
    return c.json({ nowMs: nowMs(), items } satisfies ReportList)
  })
  routes.post('/reports', (c) =>
    withBody(c, intakeBody, async ({ report, by, reason }) => {
      const { adjustments, ...view } = await registry.intake(report, { person: by, reason })
      return c.json({ report: await detail(view), adjustments } satisfies ReportTaken, 201)
    }),
  )
  routes.get('/reports/:id', async (c) => c.json(await detail(await registry.show(idOf(c)))))
  routes.get('/reports/:id/record', async (c) => {
    const hash = c.req.query('sha256')
    if (hash === undefined) return c.json(await registry.draftRecord(idOf(c)))
    const found = (await registry.published(idOf(c))).find(({ sha256 }) => sha256 === hash)
    if (found === undefined)
      return apiError(c, 404, 'not_found', 'no such object of this report', 'see `published` of the report')
    return c.body(found.text, 200, { 'content-type': 'application/json' })
  })
  routes.get('/reports/:id/precedents', async (c) => {
    const items = (await registry.precedents(idOf(c))).map(({ case: view, ...rest }) => ({ ...rest, row: rowOf(view) }))
    return c.json({ weights: PRECEDENT_WEIGHTS, items } satisfies PrecedentList)
  })
  routes.post('/reports/:id/publish', (c) =>
    withBody(c, publishBody, async ({ tlp, by, reason }) => {
      const { object, ...view } = await registry.publish(idOf(c), tlp, { person: by, reason })
      return c.json({ report: await detail(view), sha256: object.sha256, object: JSON.parse(object.text) as unknown })
    }),
  )
  routes.post('/reports/:id/override', (c) =>
    withBody(c, overrideBody, async ({ action, hours, people, by, reason }) => {
      const asked = { action, people, expiresAtMs: nowMs() + Math.round(hours * HOUR_MS) }
      return c.json(await detail(await registry.draftOverride(idOf(c), asked, { person: by, reason })), 201)
    }),
  )
  routes.post('/reports/:id/sign', (c) =>
    withBody(c, signBody, async (signed) => c.json(await detail(await registry.signOverride(idOf(c), signed)))),
  )
  /** What is signed, and what was signed: byte for byte, to be kept as files. */
  routes.get('/reports/:id/overrides/:override/:part', async (c) => {
    const { override, part } = c.req.param()
    const { payload, envelope } = await registry.override(idOf(c), override)
    const bytes = part === 'payload' ? payload : part === 'envelope' ? envelope : null
    if (bytes === null)
      return apiError(c, 404, 'not_found', 'there is nothing of that name yet', '`payload`; `envelope` once two signed')
    const headers = {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${override}.${part}.json"`,
    }
    return c.body(bytes, 200, headers)
  })
  routes.get('/people', (c) => {
    const items = registry.people().map(({ id, name, keys }) => ({
      ...{ id, name },
      keys: keys.map(({ key, fromMs, untilMs }) => ({ id: key.id, fromMs, untilMs })),
    }))
    return c.json({ nowMs: nowMs(), items } satisfies PeopleList)
  })
  routes.post('/reports/:id/:act', (c) => {
    const name = c.req.param('act')
    if (!Object.hasOwn(ACTS, name))
      return apiError(c, 404, 'not_found', 'no act of that name', `one of ${Object.keys(ACTS).join(', ')}`)
    const { schema, make } = ACTS[name as keyof typeof ACTS]
    return withBody(c, schema, async (body) => {
      const act = await make(body, { registry, id: idOf(c), nowMs: nowMs() })
      return c.json(await detail(await registry.act(idOf(c), act, { person: body.by, reason: body.reason })))
    })
  })

  routes.get('/duty', async (c) => c.json((await duty.show()) satisfies DutyDetail))
  routes.get('/duty/rosters', async (c) => c.json({ items: await duty.rosters() }))
  routes.post('/duty', (c) =>
    withBody(c, rosterBody, async ({ roster, by, reason }) => {
      await duty.set(roster, { person: by, reason })
      return c.json(await duty.show())
    }),
  )
  routes.post('/duty/drill', (c) =>
    withBody(c, whoBody, async ({ by, reason }) => c.json(await duty.drill({ person: by, reason }), 201)),
  )
  routes.post('/duty/ack', (c) =>
    withBody(c, whoBody, async ({ by, reason, drill }) =>
      c.json(await duty.acknowledge(drill ?? null, { person: by, reason })),
    ),
  )
  app.route('/api', routes)
}

function idOf(c: Context): string {
  return c.req.param('id') ?? ''
}

async function withBody<Body>(
  c: Context,
  schema: z.ZodType<Body>,
  act: (body: Body) => Promise<Response>,
): Promise<Response> {
  const body = schema.safeParse(await c.req.json().catch(() => null))
  if (body.success) return act(body.data)
  const faults = body.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
  return apiError(c, 400, 'body_invalid', faults, 'give each member named a value of that kind')
}
