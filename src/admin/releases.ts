import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { quorumText } from '../core/governance/quorum.ts'
import { TIER_QUORUMS, tierQuorum } from '../core/governance/register.ts'
import { type Bundle, BundleError, bundleHash, MOST_BUNDLE_BYTES, parseBundle } from '../core/safeguards/bundle.ts'
import { GATES, inForce, type Release, sharePercent } from '../core/safeguards/release.ts'
import { earliestMs, marked, nameOf, verdicts } from '../jobs/release-guards.ts'
import { ReleaseError, type ReleaseErrorCode } from '../jobs/release-ports.ts'
import type { Releases } from '../jobs/releases.ts'
import type { ReleaseAdmin } from './release-admin.ts'
import type { ReleaseDetail, ReleaseList, ReleaseRow, SafeguardInForce } from './release-contract.ts'
import { apiError } from './replies.ts'

const oneLine = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'wanted one line of text')
const asking = {
  by: oneLine(100).min(1).default('operator'),
  reason: oneLine(500).min(3, 'say why, in at least 3 characters'),
}
const bundleBody = z.object({ bundle: z.unknown(), ...asking })
const moveBody = z.strictObject({
  ...asking,
  authority: z.string().max(64).optional(),
  acceptInconclusive: z.boolean().default(false),
  ground: oneLine(200).min(3).optional(),
  days: z.number().positive().max(14).default(14),
})
const reportBody = z.strictObject({ ...asking, days: z.number().gt(0).max(400).default(30) })
const evidenceBody = z.strictObject({
  ...asking,
  kind: z.string().regex(/^[a-z][a-z_-]{0,31}$/, 'wanted small letters, dash or underscore'),
  body: z.json(),
  gates: z
    .array(
      z.strictObject({
        id: z.enum(GATES),
        outcome: z.enum(['pass', 'fail', 'inconclusive']),
        says: oneLine(500).min(1),
      }),
    )
    .max(50)
    .default([]),
})

type Heading = Pick<ReleaseAdmin, 'service' | 'setup'>
type Moved = z.infer<typeof moveBody>
type Act = (id: string, body: Moved, service: Releases) => Promise<Release>

/** Moves by their name in the address. */
const MOVES: Readonly<Record<string, Act>> = {
  evaluate: (id, body, service) => service.evaluate(id, body),
  submit: (id, body, service) => service.submit(id, body),
  approve: (id, body, service) => service.approve(id, body.authority ?? null, body),
  veto: (id, body, service) => service.veto(id, body.ground ?? body.reason, body.days, body.authority ?? null, body),
  promote: (id, body, service) => service.promote(id, body.acceptInconclusive, body),
  pause: (id, body, service) => service.pause(id, body),
  resume: (id, body, service) => service.resume(id, body),
  rollback: (id, body, service) => service.rollback(id, body),
  abandon: (id, body, service) => service.abandon(id, body),
  'dry-run': (id, body, service) => service.dryRun(id, true, body),
  'dry-run-end': (id, body, service) => service.dryRun(id, false, body),
}

/** Releases over HTTP: lists, plans, drafts, evidence and every move. Each error says what to do next. */
export function releaseRoutes(app: Hono, admin: ReleaseAdmin): void {
  const { service, setup } = admin
  const routes = new Hono()
  routes.use(
    bodyLimit({
      maxSize: 2 * MOST_BUNDLE_BYTES,
      onError: (c) => apiError(c, 413, 'body_too_large', 'this is larger than a bundle may be', 'send a smaller one'),
    }),
  )
  routes.onError((error, c) => {
    if (error instanceof BundleError) return apiError(c, 400, error.code, error.message, 'mend the places named')
    if (!(error instanceof ReleaseError)) throw error
    return apiError(c, STATUS[error.code] ?? 409, error.code, error.message, error.next)
  })
  routes.get('/releases', async (c) => c.json(await list(admin)))
  routes.post('/releases', (c) =>
    withBundle(c, async (bundle, body) => c.json(await head(await service.draft(bundle, body), admin), 201)),
  )
  routes.get('/releases/:id', async (c) => c.json(await detail(c.req.param('id'), admin)))
  routes.post('/releases/:id/edit', (c) =>
    withBundle(c, async (bundle, body) =>
      c.json(await head(await service.edit(c.req.param('id'), bundle, body), admin)),
    ),
  )
  routes.post('/releases/:id/evidence', (c) => attach(c, service))
  routes.post('/releases/:id/report', async (c) => {
    const body = reportBody.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return invalid(c, body.error)
    const { days, ...by } = body.data
    return c.json(await admin.reports.start(c.req.param('id'), days, by), 202)
  })
  routes.get('/releases/:id/evidence/:hash', async (c) => {
    const { evidence } = await service.show(c.req.param('id'))
    const found = evidence.find(({ hash }) => hash === c.req.param('hash'))
    if (found === undefined)
      return apiError(c, 404, 'not_found', 'no such report in this release', 'see /api/releases/{id}')
    return c.body(found.text, 200, { 'content-type': 'application/json' })
  })
  routes.post('/releases/:id/:move', (c) => move(c, admin))
  routes.post('/plan', async (c) => {
    const body = await c.req.json<{ bundle?: unknown }>().catch(() => null)
    return c.json(await service.plan(parseBundle(body?.bundle)))
  })
  routes.post('/bundles', (c) =>
    withBundle(c, async (bundle, { by }) => c.json({ hash: await service.import(bundle, by) }, 201)),
  )
  routes.get('/bundles/:hash', async (c) => c.json(await service.bundle(c.req.param('hash'))))
  routes.get('/safeguards/:slot', async (c) => {
    const found = await service.enforcing(c.req.param('slot'))
    if (found === null)
      return apiError(c, 404, 'not_found', 'no safeguard decides in that slot', 'see `sluice release list`')
    return c.json({ ...found, hash: bundleHash(found.bundle, setup.sha256) } satisfies SafeguardInForce)
  })
  app.route('/api', routes)
}

const STATUS: Readonly<Partial<Record<ReleaseErrorCode, ContentfulStatusCode>>> = {
  not_found: 404,
  bundle_invalid: 400,
  model_unknown: 400,
  detector_unknown: 400,
}

async function move(c: Context, { service, setup }: Heading): Promise<Response> {
  const act = MOVES[c.req.param('move') ?? '']
  if (act === undefined)
    return apiError(c, 404, 'not_found', 'no move of that name', `one of ${Object.keys(MOVES).join(', ')}`)
  const body = moveBody.safeParse(await c.req.json().catch(() => null))
  if (!body.success) return invalid(c, body.error)
  return c.json(await head(await act(c.req.param('id') ?? '', body.data, service), { service, setup }))
}

async function attach(c: Context, service: Releases): Promise<Response> {
  const body = evidenceBody.safeParse(await c.req.json().catch(() => null))
  if (!body.success) return invalid(c, body.error)
  const { kind, body: report, gates, ...by } = body.data
  const { text: _text, ...evidence } = await service.attach(c.req.param('id') ?? '', kind, report, gates, by)
  return c.json(evidence, 201)
}

async function withBundle(
  c: Context,
  act: (bundle: Bundle, body: { readonly by: string; readonly reason: string }) => Promise<Response>,
): Promise<Response> {
  const body = bundleBody.safeParse(await c.req.json().catch(() => null))
  if (!body.success) return invalid(c, body.error)
  const { bundle, by, reason } = body.data
  return act(parseBundle(bundle), { by, reason })
}

function invalid(c: Context, error: z.ZodError): Response {
  const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
  return apiError(c, 400, 'body_invalid', faults, 'give each member named a value of that kind')
}

async function list({ service, setup }: ReleaseAdmin): Promise<ReleaseList> {
  const all = await service.list()
  const slots = [...new Set(['base', ...all.map(({ slot }) => slot)])].sort()
  return {
    items: all.map((release) => rowOf(release, all, setup.settings.steps)).reverse(),
    slots: await Promise.all(
      slots.map(async (slot) => {
        const found = await service.enforcing(slot)
        return { slot, label: found?.label ?? null, release: found?.release ?? null }
      }),
    ),
    singlePerson: marked(setup.register),
    steps: setup.settings.steps,
  }
}

async function head(release: Release, { service, setup }: Heading): Promise<ReleaseRow> {
  return rowOf(release, await service.list(), setup.settings.steps)
}

async function detail(id: string, { service, setup, reports }: ReleaseAdmin): Promise<ReleaseDetail> {
  const [{ release, moves, evidence }, all] = await Promise.all([service.show(id), service.list()])
  const { settings, register } = setup
  const quorum = tierQuorum(release.tier, register)
  return {
    row: rowOf(release, all, settings.steps),
    plan: await service.plan(await service.bundle(release.bundle)),
    moves,
    evidence: evidence.filter((one) => one.bundle === release.bundle).map(({ text: _text, ...rest }) => rest),
    guard: verdicts(release, settings),
    earliestMs: earliestMs(release, settings),
    quorum: quorum === 'closed' ? 'closed' : marked(register) ? quorumText(quorum) : TIER_QUORUMS[release.tier],
    steps: settings.steps,
    report: reports.of(release.id),
  }
}

function rowOf(release: Release, all: readonly Release[], steps: readonly number[]): ReleaseRow {
  const { guard: _guard, salt: _salt, pastLabels: _past, ...row } = release
  return {
    ...row,
    name: nameOf(release),
    inForce: inForce(all, release.slot)?.id === release.id,
    percent: release.step === null ? null : sharePercent(release, steps),
  }
}
