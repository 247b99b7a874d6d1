import type { Hono } from 'hono'
import { z } from 'zod'
import { cohensKappa, type GoldenScore, goldenScores } from '../core/safeguards/agreement.ts'
import type { ReviewLabel } from '../core/safeguards/review-label.ts'
import type { LabelRow } from '../jobs/review-ports.ts'
import { badBody } from './appeals.ts'
import type { Agreement, ReviewGate } from './contract.ts'
import { csv } from './csv.ts'
import type { AdminPorts } from './ports.ts'
import { gatherRows, trainingLine } from './training-export.ts'

const PAGE = 1000

const exportSchema = z.strictObject({
  /** Rows per category that are trained on anyway: caps are shares of all. */
  base: z.record(z.string().max(60), z.number().int().min(0)).default({}),
})

/** How far labels can be trusted, who brought too many, and the rows that may be trained on. */
export function reviewReports(app: Hono, ports: AdminPorts): void {
  app.get('/api/review/agreement', async (c) => c.json(await agreement(ports)))
  app.post('/api/review/gate', async (c) => {
    const body = exportSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return badBody(c, body.error)
    const { rows, excess, failed, labels } = await gather(ports, body.data.base)
    const blocked = excess.length + failed.length > 0
    return c.json({ blocked, rows: rows.length, labels, excess, failed } satisfies ReviewGate)
  })
  app.post('/api/review/export', async (c) => {
    const body = exportSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return badBody(c, body.error)
    const { rows } = await gather(ports, body.data.base)
    const encoder = new TextEncoder()
    let at = 0
    const lines = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const row = rows[at++]
        if (row === undefined) return controller.close()
        const line = await trainingLine(row, ports)
        controller.enqueue(encoder.encode(line === null ? '' : `${JSON.stringify(line)}\n`))
      },
    })
    return c.body(lines, 200, { 'content-type': 'application/jsonl; charset=utf-8' })
  })
  app.get('/api/review/labels.csv', async (c) => {
    const rows = (await allLabels(ports)).filter(({ golden }) => !golden)
    const head = ['id', 'decision', 'label', 'category', 'attack', 'by', 'at', 'reason', 'source', 'org']
    const body = rows.map((row) => [
      ...[row.id, row.decision, row.label, row.category, row.attack, row.by],
      ...[new Date(row.atMs).toISOString(), row.reason, row.source, row.org],
    ])
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="labels.csv"',
    }
    return c.body(csv([head, ...body]), 200, headers)
  })
}

async function gather(ports: AdminPorts, base: Readonly<Record<string, number>>) {
  const labels = await allLabels(ports)
  const failed = (await golden(labels, ports)).filter((score) => score.failed)
  const needs = new Map<string, number>()
  for (const { item } of labels)
    if (item !== null && !needs.has(item)) needs.set(item, (await ports.store.reviewItem(item))?.needs ?? 2)
  return { ...gatherRows(labels, failed, needs, base), failed, labels: labels.length }
}

async function agreement(ports: AdminPorts): Promise<Agreement> {
  const labels = await allLabels(ports)
  const pairs = [...Map.groupBy(labels.filter(isOwnWord), ({ item }) => item!)].flatMap(([, some]) => {
    const [a, b] = some
    return a === undefined || b === undefined || a.by === b.by ? [] : [[a.label, b.label] as const]
  })
  return { kappa: cohensKappa(pairs), golden: await golden(labels, ports) }
}

/** A word that somebody gave on one item alone, without knowing the other's. */
function isOwnWord({ item, source, golden: check }: LabelRow): boolean {
  return item !== null && source === 'review' && !check
}

async function golden(labels: readonly LabelRow[], ports: AdminPorts): Promise<readonly GoldenScore[]> {
  const known = new Map<string, ReviewLabel | null>()
  for (const { item, golden: check } of labels)
    if (check && item !== null && !known.has(item))
      known.set(item, (await ports.store.reviewItem(item))?.golden ?? null)
  return goldenScores(
    labels.flatMap(({ item, golden: check, by, label }) => {
      const right = check && item !== null ? (known.get(item) ?? null) : null
      return right === null ? [] : [{ reviewer: by, said: label, known: right }]
    }),
  )
}

async function allLabels(ports: AdminPorts): Promise<readonly LabelRow[]> {
  const all: LabelRow[] = []
  for (let after = ''; ; ) {
    const some = await ports.store.labelsAfter(after, PAGE)
    all.push(...some)
    if (some.length < PAGE) return all.sort((a, b) => a.atMs - b.atMs)
    after = some.at(-1)!.id
  }
}
