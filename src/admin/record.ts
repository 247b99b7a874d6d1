import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { hex } from '../core/base/bytes.ts'
import { isDecisionId } from '../core/base/ids.ts'
import { utf8Text } from '../core/base/utf8.ts'
import { isEntryKind } from '../core/record/entry-kinds.ts'
import { parseTilePath } from '../core/record/tile.ts'
import { recordPlace } from '../jobs/record-place.ts'
import type { AdminPorts } from './ports.ts'
import type { DecisionProof } from './record-admin.ts'
import { apiError } from './replies.ts'

const FOREVER = 'public, max-age=31536000, immutable'
const MOST_BODY = 64 * 1024

/** What everybody may read without a login: the record's files, and this instance as a witness. */
export function publicRecordRoutes(app: Hono, ports: Pick<AdminPorts, 'record'>): void {
  app.get('/record/*', async (c, next) => {
    const path = c.req.path.slice('/record/'.length)
    // The explorer's own pages are beside the files: the list, and one entry by its index.
    if (path === '' || /^\d{1,16}$/.test(path)) return next()
    const kind = kindOf(path)
    const bytes = kind === null ? null : await ports.record.file(path)
    if (kind === null || bytes === null)
      return c.body('not found\n', 404, { 'content-type': 'text/plain; charset=utf-8' })
    return c.body(bytes.slice().buffer, 200, { 'content-type': kind.type, 'cache-control': kind.cache })
  })
  app.post('/witness/add-checkpoint', async (c) => {
    const body = new Uint8Array(await c.req.arrayBuffer())
    if (body.length > MOST_BODY) return c.body('too large\n', 413)
    const { status, type, body: text } = await ports.record.addCheckpoint(body)
    return c.body(text, status, { 'content-type': type })
  })
  app.get('/witness/:origin/checkpoint', async (c) => {
    const note = await ports.record.witnessed(c.req.param('origin'))
    return note === null
      ? c.body('not found\n', 404)
      : c.body(note, 200, { 'content-type': TEXT, 'cache-control': 'max-age=5' })
  })
}

const TEXT = 'text/plain; charset=utf-8'

/** Type and cache of a path that the record has; null: it has no such paths. */
function kindOf(path: string): { readonly type: string; readonly cache: string } | null {
  if (path === 'checkpoint' || path === 'log.policy') return { type: TEXT, cache: 'max-age=5' }
  if (/^checkpoints\/\d{1,16}$/.test(path)) return { type: TEXT, cache: 'max-age=60' }
  if (parseTilePath(path) !== null) return { type: 'application/octet-stream', cache: FOREVER }
  if (/^documents\/([0-9a-f]{2})\/\1[0-9a-f]{62}$/.test(path))
    return { type: 'application/octet-stream', cache: FOREVER }
  return null
}

const shredSchema = z.strictObject({
  org: z.string().min(1).max(200),
  ground: z.string().trim().min(1).max(200),
})

const entriesSchema = z.object({
  kind: z.string().refine(isEntryKind).optional(),
  q: z.string().max(200).optional(),
  before: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
})
const MOST_ENTRIES = 100
/** How far one question looks back: as far as the page of the record does. */
const MOST_LOOKED_AT = 5000
const LOOKED_AT_ONCE = 500

/** Entries of that kind that hold that text, newest first, and below which index others may be; null: there are none. */
async function newestEntries({ kind, q, before }: z.infer<typeof entriesSchema>, { store }: Pick<AdminPorts, 'store'>) {
  const asks = kind !== undefined || q !== undefined
  const found: { readonly index: number; readonly entry: { readonly k: string } }[] = []
  let from = before ?? null
  for (let looked = 0; looked < MOST_LOOKED_AT && found.length < MOST_ENTRIES; looked += LOOKED_AT_ONCE) {
    const rows = await store.recentEntries(asks ? LOOKED_AT_ONCE : MOST_ENTRIES, from)
    for (const { index, bytes } of rows) {
      const text = utf8Text(bytes)!
      const entry = JSON.parse(text) as { readonly k: string } // written by ourselves
      if ((kind === undefined || entry.k === kind) && (q === undefined || text.includes(q)))
        found.push({ index, entry })
    }
    from = rows.at(-1)?.index ?? 0
    if (!asks || from === 0) break
  }
  const entries = found.slice(0, MOST_ENTRIES)
  const next = entries.length < found.length ? entries.at(-1)!.index : from
  return { entries, next: next === 0 ? null : next }
}

export function recordRoutes(app: Hono, ports: AdminPorts): void {
  app.get('/api/record', async (c) => c.json(await ports.record.status()))
  app.get('/api/record/entries', async (c) => {
    const query = entriesSchema.safeParse(c.req.query())
    if (!query.success)
      return apiError(
        c,
        400,
        'query_invalid',
        'kind, q and before: not of their kind',
        'before is the index of an entry',
      )
    const { entries, next } = await newestEntries(query.data, ports)
    if (next !== null) {
      const { kind, q } = query.data
      const there = new URLSearchParams({ ...(kind && { kind }), ...(q && { q }), before: String(next) })
      c.header('link', `</api/record/entries?${there}>; rel="next"`)
    }
    return c.json(entries)
  })
  app.get('/api/record/entries/:index', async (c) => {
    const index = Number(c.req.param('index'))
    const found = Number.isSafeInteger(index) && index >= 0 ? await ports.record.proof(index) : null
    if (found === null)
      return apiError(c, 404, 'not_found', 'no entry of that index', 'see `sluice record show` for the newest')
    return c.json({ ...found, index, entry: utf8Text(found.entry) })
  })
  app.get('/api/decisions/:id/proof', (c) => decisionProof(c, ports))
  app.post('/api/record/shred', async (c) => {
    const body = shredSchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success)
      return apiError(c, 400, 'shred_invalid', 'wanted an organisation and a ground', 'say whose key, and why')
    return c.json(await ports.record.shred(body.data.org, body.data.ground))
  })
}

async function decisionProof(c: Context, ports: AdminPorts): Promise<Response> {
  const id = c.req.param('id') ?? ''
  const stored = isDecisionId(id) ? await ports.store.receipt(id) : null
  if (stored === null) return apiError(c, 404, 'not_found', 'no such decision', 'see the decisions of this instance')
  const { entry, rollup } = await recordPlace(ports.store, id)
  const index = entry ?? rollup?.index ?? null
  const found = index === null ? null : await ports.record.proof(index)
  if (index === null || found === null)
    return apiError(
      c,
      409,
      'not_sequenced',
      'this decision has no place in the record yet',
      'ask again when its minute is over',
    )
  const path = entry === null ? await ports.record.receiptProof(id, index) : null
  return c.json({
    ...{ decision: id, receipt: stored.line, index, proof: found.proof, policy: found.policy },
    via: entry === null ? 'rollup' : 'entry',
    entry: utf8Text(found.entry)!,
    path: path === null ? null : { position: path.position, count: path.count, hashes: path.hashes.map(hex) },
  } satisfies DecisionProof)
}
