import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { ATTACK_FORMS, CATEGORIES } from '../core/base/harm.ts'
import { outcomeOf } from '../core/safeguards/agreement.ts'
import { REVIEW_LABELS } from '../core/safeguards/review-label.ts'
import { ITEM_LOCK_MS, isBlindTurn, REVIEW_SOURCES } from '../core/safeguards/review-queue.ts'
import { fillReviewQueue } from '../jobs/review-fill.ts'
import type { LabelRow, ReviewItem, Why } from '../jobs/review-ports.ts'
import { badBody, byWhom } from './appeals.ts'
import type { ClusterDetail, ReviewDetail, ReviewList, ReviewRow } from './contract.ts'
import { matchedText } from './matched-text.ts'
import type { AdminPorts } from './ports.ts'
import { apiError } from './replies.ts'
import { reviewReports } from './review-reports.ts'
import { rowOf } from './rows.ts'

const MOST_ROWS = 200
const MOST_BULK = 500
const FILL_EVERY_MS = 3_000

const reason = z.string().trim().min(3).max(2000)
const person = z.strictObject({ by: byWhom })
const word = {
  by: byWhom,
  label: z.enum(REVIEW_LABELS),
  /** What it is harmful as; the decision's own where nothing is said. */
  category: z.enum([...CATEGORIES, 'none']).optional(),
  attack: z.enum(ATTACK_FORMS).nullable().default(null),
  reason,
}
const labelSchema = z.strictObject(word)
const bulkSchema = z.strictObject({ ...word, count: z.number().int().min(1).max(MOST_BULK) })
const goldenSchema = z.strictObject({ by: byWhom, label: z.enum(REVIEW_LABELS).nullable(), reason })
/** Whoever takes a word back at once need not say why. */
const undoSchema = z.strictObject({ by: byWhom, reason: reason.default('undone') })
const revokeSchema = z
  .strictObject({ by: byWhom, reason, reviewer: z.string().optional(), org: z.string().optional() })
  .refine(
    ({ reviewer, org }) => (reviewer === undefined) !== (org === undefined),
    'wanted reviewer or org, one of them',
  )

function whyOf({ by, reason }: { readonly by: string; readonly reason: string }, { nowMs }: AdminPorts): Why {
  return { by, reason, atMs: nowMs() }
}

const MOST_ACTS = 500

/** The queue of people: what waits, one item at a time, labels, clusters, and what the labels come to. */
export function reviewRoutes(app: Hono, ports: AdminPorts): void {
  let filledAtMs = 0
  let filling: Promise<unknown> | null = null
  /** New decisions come in when somebody looks, and no more often than that. */
  const filled = async () => {
    if (filling === null && ports.nowMs() - filledAtMs >= FILL_EVERY_MS)
      filling = fillReviewQueue(fillPorts(ports)).finally(() => {
        filledAtMs = ports.nowMs()
        filling = null
      })
    await filling
  }
  app.get('/api/review', async (c) => {
    await filled()
    return listItems(c, ports)
  })
  app.post('/api/review/next', async (c) => {
    const body = person.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return badBody(c, body.error)
    await filled()
    return nextItem(c, body.data.by, ports)
  })
  app.get('/api/review/items/:id', async (c) => {
    const item = await itemOf(c, ports)
    return item === null ? noItem(c) : c.json(await detailOf(item, c.req.query('by') ?? '', ports))
  })
  app.post('/api/review/items/:id/take', async (c) => {
    const [item, body] = [await itemOf(c, ports), person.safeParse(await c.req.json().catch(() => null))]
    if (!body.success) return badBody(c, body.error)
    if (item === null) return noItem(c)
    const nowMs = ports.nowMs()
    const taken = await ports.store.takeReviewItem(item.id, body.data.by, nowMs, nowMs + ITEM_LOCK_MS)
    return taken ? c.json(await detailOf(item, body.data.by, ports)) : held(c)
  })
  app.post('/api/review/items/:id/release', async (c) => {
    const [item, body] = [await itemOf(c, ports), person.safeParse(await c.req.json().catch(() => null))]
    if (!body.success) return badBody(c, body.error)
    if (item === null) return noItem(c)
    await ports.store.releaseReviewItem(item.id, body.data.by)
    return c.json({ id: item.id, released: true })
  })
  app.post('/api/review/items/:id/label', (c) => labelOne(c, ports))
  app.post('/api/review/items/:id/golden', async (c) => {
    const body = goldenSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return badBody(c, body.error)
    const set = await ports.store.setGolden(idOf(c), body.data.label, whyOf(body.data, ports))
    return set ? c.json({ id: idOf(c), golden: body.data.label }) : noItem(c)
  })
  app.get('/api/review/acts', async (c) => c.json({ items: await ports.store.reviewActs(MOST_ACTS) }))
  app.get('/api/review/clusters/:id', async (c) => {
    const items = await ports.store.reviewItems({ cluster: idOf(c) }, MOST_BULK)
    return items.length === 0 ? noItem(c) : c.json(await clusterOf(idOf(c), items, c.req.query('by') ?? '', ports))
  })
  app.post('/api/review/clusters/:id/label', (c) => labelCluster(c, ports))
  app.post('/api/review/labels/:id/revoke', async (c) => {
    const body = undoSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return badBody(c, body.error)
    const revoked = await ports.store.revokeLabels({ id: idOf(c) }, whyOf(body.data, ports))
    if (revoked === 0)
      return apiError(c, 404, 'not_found', 'no label of that id that counts', 'it may be revoked already')
    const row = await ports.store.label(idOf(c))
    return c.json({ id: idOf(c), revoked, item: row?.item ?? null })
  })
  app.post('/api/review/revoke', async (c) => {
    const body = revokeSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return badBody(c, body.error)
    const { reviewer, org } = body.data
    const which = reviewer === undefined ? { org: org! } : { by: reviewer }
    return c.json({ revoked: await ports.store.revokeLabels(which, whyOf(body.data, ports)) })
  })
  reviewReports(app, ports)
}

const listSchema = z.object({
  by: z.string().max(100).default(''),
  state: z.enum(['open', 'done']).default('open'),
  source: z.string().max(200).optional(),
  category: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(100),
})

async function listItems(c: Context, ports: AdminPorts): Promise<Response> {
  const query = listSchema.safeParse(c.req.query())
  if (!query.success) return badBody(c, query.error)
  const { by, state, source, category, limit } = query.data
  const items = await ports.store.reviewItems(
    {
      state,
      ...(source === undefined ? {} : { source: REVIEW_SOURCES.filter((one) => source.split(',').includes(one)) }),
      ...(category === undefined ? {} : { category: category.split(',') }),
    },
    limit,
  )
  const shown = items.filter(({ golden }) => golden === null)
  const [sizes, count] = await Promise.all([
    ports.store.clusterSizes([...new Set(shown.map(({ cluster }) => cluster))]),
    ports.store.reviewCount(),
  ])
  const rows = await Promise.all(shown.map((item) => reviewRow(item, by, sizes.get(item.cluster) ?? 1, ports)))
  return c.json({ items: rows, ...count, nowMs: ports.nowMs() } satisfies ReviewList)
}

/** Two may ask at the same moment: whoever comes second gets the item after. */
async function nextItem(c: Context, by: string, ports: AdminPorts): Promise<Response> {
  const blind = isBlindTurn(await ports.store.labelCount(by))
  for (let tries = 0; tries < 20; tries++) {
    const nowMs = ports.nowMs()
    const item = await ports.store.nextReviewItem(by, blind, nowMs)
    if (item === null) return c.json({ item: null })
    if (await ports.store.takeReviewItem(item.id, by, nowMs, nowMs + ITEM_LOCK_MS))
      return c.json({ item: await detailOf(item, by, ports) })
  }
  return held(c)
}

async function labelOne(c: Context, ports: AdminPorts): Promise<Response> {
  const body = labelSchema.safeParse(await c.req.json().catch(() => null))
  if (!body.success) return badBody(c, body.error)
  const item = await itemOf(c, ports)
  if (item === null) return noItem(c)
  const { by } = body.data
  const nowMs = ports.nowMs()
  if (item.lock === null || item.lock.by !== by || item.lock.untilMs <= nowMs) return held(c)
  const before = await ports.store.labelsOfItem(item.id)
  if (before.some((one) => one.by === by))
    return apiError(
      c,
      409,
      'labelled_already',
      'you have labelled this item',
      'undo that label first, or take the next',
    )
  const label = rowFor(item, body.data, 'review', ports)
  if (label === null) return noCategory(c)
  const state = afterWords(item, [...before, label])
  await ports.store.addLabels([label], [{ id: item.id, ...state }])
  // Whether it was a hidden check is not told.
  return c.json({ id: label.id, item: item.id, undo: `/api/review/labels/${label.id}/revoke` })
}

async function labelCluster(c: Context, ports: AdminPorts): Promise<Response> {
  const body = bulkSchema.safeParse(await c.req.json().catch(() => null))
  if (!body.success) return badBody(c, body.error)
  const { by, count } = body.data
  const items = await ports.store.reviewItems({ cluster: idOf(c) }, MOST_BULK)
  const waiting = await bulkOf(items, by, ports)
  if (waiting.length !== count)
    return apiError(
      c,
      409,
      'count_changed',
      `${waiting.length} items of this cluster wait now, not ${count}`,
      'look at the cluster again, then say the number that you saw',
    )
  const labels = waiting.map(({ item }) => rowFor(item, body.data, 'bulk', ports))
  if (labels.some((one) => one === null)) return noCategory(c)
  const rows = labels as LabelRow[]
  const states = waiting.map(({ item, before }, i) => ({ id: item.id, ...afterWords(item, [...before, rows[i]!]) }))
  await ports.store.addLabels(rows, states)
  return c.json({ labelled: rows.length, ids: rows.map(({ id }) => id) })
}

/** What a word for the whole cluster reaches: open, no hidden check, in nobody else's hand, not this person's already. */
async function bulkOf(items: readonly ReviewItem[], by: string, ports: AdminPorts) {
  const nowMs = ports.nowMs()
  const free = items.filter(
    ({ state, golden, lock }) =>
      state === 'open' && golden === null && (lock === null || lock.by === by || lock.untilMs <= nowMs),
  )
  const words = await Promise.all(free.map(async (item) => ({ item, before: await ports.store.labelsOfItem(item.id) })))
  return words.filter(({ before }) => before.every((one) => one.by !== by))
}

function afterWords(item: ReviewItem, words: readonly LabelRow[]): Pick<ReviewItem, 'state' | 'needs' | 'label'> {
  // A hidden check stays as it was: its label is known.
  if (item.golden !== null) return { state: item.state, needs: item.needs, label: item.label }
  return outcomeOf(words, item.needs)
}

/** Null where it is harmful and nothing says as what. */
function rowFor(
  item: ReviewItem,
  { by, label, category: said, attack, reason: why }: z.infer<typeof labelSchema>,
  source: LabelRow['source'],
  ports: AdminPorts,
): LabelRow | null {
  const category = said ?? item.category ?? 'none'
  if (label === 'harmful' && category === 'none') return null
  return {
    ...{
      id: ports.newId('lab'),
      item: item.id,
      decision: item.decision,
      org: item.org,
      source,
      label,
      category,
      attack,
    },
    ...{ by, atMs: ports.nowMs(), reason: why, golden: item.golden !== null, revokedAtMs: null, revokedBy: null },
  }
}

/** A reader who must not be led: of samples, hidden checks, and of what another has labelled. They all look the same. */
async function isBlind(item: ReviewItem, by: string, ports: AdminPorts): Promise<boolean> {
  if (item.source === 'sample' || item.golden !== null) return true
  return item.state === 'open' && (await ports.store.labelsOfItem(item.id)).some((one) => one.by !== by)
}

async function reviewRow(item: ReviewItem, by: string, alike: number, ports: AdminPorts): Promise<ReviewRow> {
  const blind = await isBlind(item, by, ports)
  const stored = blind ? null : await ports.store.receipt(item.decision)
  const { lock } = item
  return {
    id: item.id,
    permalink: `/review?item=${item.id}`,
    blind,
    decision: stored === null ? null : rowOf(stored),
    source: blind ? null : item.source,
    category: blind ? null : item.category,
    priority: blind ? null : item.priority,
    atMs: item.atMs,
    addedAtMs: item.addedAtMs,
    state: item.state,
    label: item.state === 'done' && item.golden === null ? item.label : null,
    cluster: item.cluster,
    alike,
    holder: lock !== null && lock.untilMs > ports.nowMs() ? lock.by : null,
  }
}

async function detailOf(item: ReviewItem, by: string, ports: AdminPorts): Promise<ReviewDetail> {
  const [sizes, stored] = await Promise.all([
    ports.store.clusterSizes([item.cluster]),
    ports.store.receipt(item.decision),
  ])
  const row = await reviewRow(item, by, sizes.get(item.cluster) ?? 1, ports)
  const kept = stored === null ? null : await ports.content(stored.receipt)
  const shown = stored === null ? null : matchedText(stored.receipt, kept, ports)
  // Marks would say what was found.
  const content = shown === null ? null : row.blind ? { ...shown, spans: [] } : shown
  const labels = row.blind || item.golden !== null ? [] : await ports.store.labelsOfItem(item.id)
  return { row, content, labels }
}

async function clusterOf(
  id: string,
  items: readonly ReviewItem[],
  by: string,
  ports: AdminPorts,
): Promise<ClusterDetail> {
  const visible = items.filter(({ golden }) => golden === null)
  const labels = (await Promise.all(visible.map((item) => ports.store.labelsOfItem(item.id)))).flat()
  return {
    id,
    permalink: `/review?item=${id}`,
    items: visible.length,
    orgs: new Set(visible.map(({ org }) => org)).size,
    waiting: (await bulkOf(items, by, ports)).length,
    said: REVIEW_LABELS.map((label) => ({ label, n: labels.filter((one) => one.label === label).length })),
  }
}

function fillPorts(ports: AdminPorts) {
  return {
    store: ports.store,
    policyOf: ({ safeguards }: { safeguards: Readonly<Record<string, string>> }) =>
      ports.safeguardOf(safeguards)?.policy ?? null,
    textOf: async (receipt: Parameters<AdminPorts['content']>[0]) =>
      matchedText(receipt, await ports.content(receipt), ports)?.text ?? null,
    seed: ports.signatureSeed,
    nowMs: ports.nowMs,
  }
}

function idOf(c: Context): string {
  return (c.req.param('id') ?? '').replace(/\.json$/, '')
}

function itemOf(c: Context, ports: AdminPorts): Promise<ReviewItem | null> {
  return ports.store.reviewItem(idOf(c))
}

function noItem(c: Context): Response {
  return apiError(c, 404, 'not_found', 'no item of that id in the queue', 'see `sluice review list`')
}

function held(c: Context): Response {
  return apiError(
    c,
    409,
    'not_held',
    'this item is not in your hand',
    'take it first; another may have it for five minutes',
  )
}

function noCategory(c: Context): Response {
  return apiError(
    c,
    400,
    'category_missing',
    'category: wanted one of the sixteen, since the label is harmful',
    'say as what',
  )
}
