import type { Context, Hono } from 'hono'
import type {
  AppealDetail,
  AppealList,
  AppealView,
  ClusterDetail,
  DecisionRow,
  ReviewDetail,
  ReviewList,
  ReviewRow,
} from '../../src/admin/contract.ts'
import { rank } from '../../src/core/policy/policy.ts'
import { detailOf, NOW_MS } from './admin-data.ts'

const HOUR_MS = 3_600_000
/** Words of an appellant, with what must stay text. */
export const FIXTURE_NOTE =
  'Fixing our own login service before a release. <img src=x onerror="document.title=\'broken\'"> 自社のサービスです。'

/** What the pages sent, in order. */
export interface Sent {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** The review queue and appeals over the invented decisions. */
export function reviewFixture(app: Hono, rows: readonly DecisionRow[]): readonly Sent[] {
  const sent: Sent[] = []
  const acted = rows.filter(({ would }) => rank(would) > rank('flag')).slice(0, 14)
  const labelled = new Set<string>()
  const holders = new Map<string, string>()
  const itemOf = (row: DecisionRow, i: number): ReviewRow => {
    const id = row.id.replace('dec_', 'rev_')
    const blind = i % 5 === 4
    return {
      ...{ id, permalink: `/review?item=${id}`, blind, decision: blind ? null : row },
      ...{
        source: blind ? null : 'acted',
        category: blind ? null : row.category,
        priority: blind ? null : 2 - i * 0.13,
      },
      ...{ atMs: row.atMs, addedAtMs: row.atMs, state: 'open', label: null, cluster: `rev_cluster_${i % 3}`, alike: 4 },
      holder: holders.get(id) ?? null,
    }
  }
  const items = () => acted.map(itemOf).filter(({ id }) => !labelled.has(id))
  const detail = (id: string): ReviewDetail | null => {
    const row = acted.map(itemOf).find((one) => one.id === id)
    const decision = acted.find((one) => one.id === id.replace('rev_', 'dec_'))
    if (row === undefined || decision === undefined) return null
    const { content } = detailOf(decision, 'enforce')
    return { row, content: content === null ? null : { ...content, spans: row.blind ? [] : content.spans }, labels: [] }
  }
  const body = async (c: Context) => {
    const read = (await c.req.json()) as Record<string, string>
    sent.push({ path: c.req.path, body: read })
    return read
  }
  const missing = (c: Context) =>
    c.json({ error: { code: 'not_found', message: 'no such item', next: 'see the list' } }, 404)
  app.get('/api/review', (c) => {
    const found = items()
    const oldestAtMs = found.at(-1)?.addedAtMs ?? null
    return c.json({ items: found, open: found.length, oldestAtMs, nowMs: NOW_MS } satisfies ReviewList)
  })
  app.get('/api/review/agreement', (c) =>
    c.json({
      kappa: { kappa: 0.78, lo: 0.71, hi: 0.84, pairs: 412 },
      golden: [{ reviewer: 'M. Aoki', correct: 19, n: 20, failed: false }],
    }),
  )
  app.post('/api/review/next', async (c) => {
    const { by } = await body(c)
    const next = items()[0]
    if (next === undefined) return c.json({ item: null })
    holders.set(next.id, by!)
    return c.json({ item: detail(next.id) })
  })
  app.get('/api/review/items/:id', (c) => {
    const found = detail(c.req.param('id'))
    return found === null ? missing(c) : c.json(found)
  })
  app.post('/api/review/items/:id/:kind', async (c) => {
    const { by } = await body(c)
    const { id, kind } = c.req.param()
    if (detail(id) === null) return missing(c)
    if (kind === 'take') holders.set(id, by!)
    if (kind === 'release') holders.delete(id)
    if (kind !== 'label') return c.json(detail(id))
    labelled.add(id)
    return c.json({ id: `lab_${id}`, item: id, undo: `/api/review/labels/${id}/revoke` })
  })
  app.post('/api/review/labels/:id/revoke', async (c) => {
    await body(c)
    labelled.delete(c.req.param('id'))
    return c.json({ id: c.req.param('id'), revoked: 1 })
  })
  app.get('/api/review/clusters/:id', (c) => {
    const id = c.req.param('id')
    const said = [
      { label: 'harmful', n: 1 },
      { label: 'borderline-benign', n: 9 },
    ]
    return c.json({ id, permalink: '/review', items: 14, orgs: 9, waiting: 4, said } satisfies ClusterDetail)
  })
  app.post('/api/review/clusters/:id/label', async (c) => {
    await body(c)
    return c.json({ labelled: 4 })
  })

  const appeals = new Map<string, AppealDetail>()
  for (const [i, row] of acted.slice(0, 6).entries()) {
    const filedAtMs = NOW_MS - (50 - i * 9) * HOUR_MS
    const state = (['open', 'open', 'in_review', 'overturned', 'upheld', 'open'] as const)[i]!
    const id = row.id.replace('dec_', 'apl_')
    const verdict = { by: 'M. Aoki', atMs: NOW_MS - HOUR_MS, reason: 'Their own service, as the repository shows.' }
    const done = state === 'overturned' || state === 'upheld'
    const appeal: AppealView = {
      ...{ id, decision: row.id, permalink: `/appeals/${id}`, org: row.org, state, filedAtMs, note: FIXTURE_NOTE },
      ...{ respondByMs: filedAtMs + 48 * HOUR_MS, overdue: !done && filedAtMs + 48 * HOUR_MS < NOW_MS },
      holder: state === 'in_review' ? { by: 'S. Brandt', untilMs: NOW_MS + HOUR_MS } : null,
      verdict: done ? verdict : null,
      fixedIn: null,
    }
    const receipt = detailOf(row, 'enforce').receipt
    const who = { decision: receipt.id, org: receipt.org, principal: receipt.principal }
    appeals.set(id, {
      appeal,
      row,
      events: [
        {
          ...{ appeal: receipt.appeal, seq: 0, atMs: filedAtMs, by: 'key_3f9a', move: 'file' },
          from: 'offered',
          to: 'open',
          reason: null,
        },
      ],
      exception:
        state === 'overturned'
          ? {
              ...{ id: id.replace('apl_', 'exc_'), appeal: receipt.appeal, ...who, reasons: ['harm.cyber'], parts: 1 },
              ...{ fromMs: verdict.atMs, untilMs: verdict.atMs + 24 * HOUR_MS, revokedAtMs: null },
            }
          : null,
      acting: [row.reason!, 'attack.leak'],
      credit:
        state === 'overturned'
          ? {
              appeal: receipt.appeal,
              ...who,
              tokens: [{ model: 'model-f-5', input: 812, output: 44 }],
              atMs: verdict.atMs,
            }
          : null,
      labels: [],
      content: detailOf(row, 'enforce').content,
      publicUrl: `/d/${row.id}`,
    })
  }
  app.get('/api/appeals', (c) => {
    const states = (c.req.query('state') ?? '').split(',')
    const found = [...appeals.values()].map(({ appeal }) => appeal).filter(({ state }) => states.includes(state))
    return c.json({ items: found, nowMs: NOW_MS } satisfies AppealList)
  })
  app.get('/api/appeals/:id', (c) => {
    const found = appeals.get(c.req.param('id').replace(/\.json$/, ''))
    return found === undefined ? missing(c) : c.json(found)
  })
  app.post('/api/appeals/:id/:kind', async (c) => {
    const { by, verdict, reason, release } = await body(c)
    const { id, kind } = c.req.param()
    const before = appeals.get(id)
    if (before === undefined) return missing(c)
    const holder = kind === 'take' ? { by: by!, untilMs: NOW_MS + HOUR_MS } : null
    const changed: Partial<AppealView> =
      kind === 'decide'
        ? { state: verdict as 'upheld', verdict: { by: by!, atMs: NOW_MS, reason: reason! } }
        : kind === 'fixed'
          ? { fixedIn: release! }
          : { state: kind === 'take' ? 'in_review' : 'open' }
    const after = { ...before, appeal: { ...before.appeal, holder, ...changed } }
    appeals.set(id, after)
    return c.json(after)
  })
  return sent
}
