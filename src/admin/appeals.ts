import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { type DecisionId, isDecisionId } from '../core/base/ids.ts'
import type { ReasonCode } from '../core/base/reasons.ts'
import {
  type AppealMove,
  type AppealState,
  type IllegalMove,
  isIllegal,
  isOverdue,
  stepAppeal,
} from '../core/safeguards/appeal-machine.ts'
import type { AppealRow, Redress } from '../jobs/review-ports.ts'
import type { StoredReceipt } from '../jobs/spool-ports.ts'
import type { AppealDetail, AppealList, AppealView } from './contract.ts'
import { matchedText } from './matched-text.ts'
import type { AdminPorts } from './ports.ts'
import { actingReasons, redressOf } from './redress.ts'
import { apiError } from './replies.ts'
import { rowOf } from './rows.ts'

const MOST_APPEALS = 500
const MOST_EXCEPTION_HOURS = 720

/** Who does it. There is no login yet: a name is what its bearer says it is, and is recorded as such. */
export const byWhom = z.string().trim().min(1).max(100)
const reason = z.string().trim().min(3).max(2000)

const moveSchemas = {
  take: z.strictObject({ by: byWhom }),
  release: z.strictObject({ by: byWhom }),
  decide: z.strictObject({
    by: byWhom,
    verdict: z.enum(['upheld', 'overturned']),
    reason,
    /** What the exchange is, for training; asked only where the decision was wrong. */
    label: z.enum(['benign', 'borderline-benign']).default('borderline-benign'),
    /** What the exception covers beside the reason that decided, of those in `acting`. */
    reasons: z.array(z.string().max(60)).max(30).nullable().default(null),
    exceptionHours: z.number().min(1).max(MOST_EXCEPTION_HOURS).default(24),
  }),
  fixed: z.strictObject({ by: byWhom, release: z.string().trim().min(1).max(100) }),
} as const

/** Appeals: the list with its clock, one appeal with what it is about, and every move of a person. */
export function appealRoutes(app: Hono, ports: AdminPorts): void {
  app.get('/api/appeals', async (c) => {
    const states = (c.req.query('state') ?? 'open,in_review').split(',')
    const known = ['open', 'in_review', 'upheld', 'overturned', 'withdrawn'] as const
    if (states.some((state) => !(known as readonly string[]).includes(state)))
      return apiError(c, 400, 'filter_invalid', `state: wanted any of ${known.join(', ')}`, 'separate them by commas')
    const rows = await ports.store.appeals(
      known.filter((state) => states.includes(state)),
      MOST_APPEALS,
    )
    return c.json({ items: rows.map((row) => viewOf(row, ports)), nowMs: ports.nowMs() } satisfies AppealList)
  })
  app.get('/api/appeals/:id', async (c) => {
    const found = await findAppeal(c, ports)
    return found === null ? noAppeal(c) : c.json(await detailOf(found, ports))
  })
  for (const kind of ['take', 'release', 'decide', 'fixed'] as const)
    app.post(`/api/appeals/:id/${kind}`, async (c) => {
      const body = moveSchemas[kind].safeParse(await c.req.json().catch(() => null))
      if (!body.success) return badBody(c, body.error)
      const found = await findAppeal(c, ports)
      if (found === null) return noAppeal(c)
      const done = await decidedBy(kind, body.data, found, ports)
      return 'illegal' in done ? illegal(c, done.illegal) : c.json(await detailOf({ ...found, row: done }, ports))
    })
  app.get('/api/exceptions', async (c) => c.json(await ports.store.exceptions(ports.nowMs())))
  app.delete('/api/exceptions/:id', async (c) => {
    const id = c.req.param('id')
    if (!(await ports.store.revokeException(id, ports.nowMs())))
      return apiError(c, 404, 'not_found', 'no exception of that id that holds', 'see GET /api/exceptions')
    await ports.spread()
    return c.json({ id, revoked: true })
  })
}

interface Found {
  readonly row: AppealRow
  readonly stored: StoredReceipt
}

type Refusal = IllegalMove | 'moved_meanwhile'

async function decidedBy(
  kind: keyof typeof moveSchemas,
  body: z.infer<(typeof moveSchemas)[keyof typeof moveSchemas]>,
  { row, stored }: Found,
  ports: AdminPorts,
): Promise<AppealRow | { readonly illegal: Refusal }> {
  const labels = await ports.store.labelsOf(row.decision)
  const labellers = labels.filter(({ revokedAtMs }) => revokedAtMs === null).map(({ by }) => by)
  const move = { ...body, kind, ...(kind === 'decide' ? { labellers } : {}) } as unknown as AppealMove
  const overturns = move.kind === 'decide' && move.verdict === 'overturned'
  const { label, exceptionHours, reasons } = body as z.infer<typeof moveSchemas.decide>
  const redress = () =>
    overturns
      ? redressOf(
          stored,
          row,
          { by: body.by, reason: move.reason, label, exceptionHours, reasons: reasons as ReasonCode[] | null },
          ports,
        )
      : null
  const free = await withoutLapsedLock(row, kind, ports)
  const done = await moveAppeal(free, stored, move, body.by, ports, redress)
  // At every gateway before whoever decided is told that it is so.
  if (overturns && !('illegal' in done)) await ports.spread()
  return done
}

/** Somebody took it and went away: its lock ends on record before another takes it. */
async function withoutLapsedLock(row: AppealRow, kind: string, ports: AdminPorts): Promise<AppealRow> {
  if (kind !== 'take' || row.lock === null || ports.nowMs() < row.lock.untilMs) return row
  const done = await moveAppeal(row, null, { kind: 'lock_lapse' }, 'clock', ports)
  return 'illegal' in done ? row : done
}

/** Makes one move of a stored appeal, with its entry in the record. */
export async function moveAppeal(
  row: AppealRow,
  stored: StoredReceipt | null,
  move: AppealMove,
  by: string,
  ports: Pick<AdminPorts, 'store' | 'nowMs'>,
  redress: () => Promise<Redress> | null = () => null,
): Promise<AppealRow | { readonly illegal: Refusal }> {
  const atMs = ports.nowMs()
  const next = stepAppeal({ ...row, offeredAtMs: stored?.receipt.atMs ?? row.filedAtMs }, move, atMs)
  if (isIllegal(next)) return next
  const { lock, verdict, fixedIn } = next
  const state = next.state as Exclude<AppealState, 'offered'>
  const after: AppealRow = { ...row, state, lock, verdict, fixedIn, seq: row.seq + 1 }
  const said = move.kind === 'decide' ? move.reason : move.kind === 'fixed' ? move.release : null
  const event = { appeal: row.id, seq: after.seq, atMs, by, move: move.kind, from: row.state, to: state, reason: said }
  const moved = await ports.store.moveAppeal(after, event, await redress())
  return moved ? after : { illegal: 'moved_meanwhile' }
}

async function findAppeal(c: Context, ports: AdminPorts): Promise<Found | null> {
  const id = (c.req.param('id') ?? '').replace(/\.json$/, '')
  const decision = id.replace(/^apl_/, 'dec_')
  if (!isDecisionId(decision)) return null
  const [row, stored] = await Promise.all([ports.store.appeal(decision), ports.store.receipt(decision)])
  return row === null || stored === null || row.id !== id ? null : { row, stored }
}

function viewOf(row: AppealRow, ports: AdminPorts): AppealView {
  const { lock } = row
  const nowMs = ports.nowMs()
  return {
    id: row.id,
    decision: row.decision,
    permalink: `/appeals/${row.id}`,
    org: row.org,
    state: row.state,
    filedAtMs: row.filedAtMs,
    respondByMs: row.respondByMs,
    overdue: isOverdue({ ...row, offeredAtMs: row.filedAtMs }, nowMs),
    holder: lock !== null && lock.untilMs > nowMs ? lock : null,
    verdict: row.verdict,
    fixedIn: row.fixedIn,
    note: row.note,
  }
}

async function detailOf({ row, stored }: Found, ports: AdminPorts): Promise<AppealDetail> {
  const { store } = ports
  const [events, exception, credit, labels, kept] = await Promise.all([
    store.appealEvents(row.id),
    store.exceptionOf(row.id),
    store.creditOf(row.id),
    store.labelsOf(row.decision),
    ports.content(stored.receipt),
  ])
  return {
    appeal: viewOf(row, ports),
    row: rowOf(stored),
    events,
    exception: exception === null ? null : { ...exception, parts: exception.parts.length },
    credit,
    labels,
    content: matchedText(stored.receipt, kept, ports),
    acting: actingReasons(stored.receipt, ports),
    publicUrl: publicUrl(row.decision, ports),
  }
}

function publicUrl(id: DecisionId, ports: AdminPorts): string {
  return `${ports.publicUrl}/d/${id}?k=${ports.capability(id)}`
}

const REFUSALS: Readonly<Record<Refusal, readonly [message: string, next: string]>> = {
  not_possible_now: ['the appeal is in a state that has no such move', 'reload it to see where it stands'],
  offer_lapsed: ['the offer to appeal has lapsed', 'a new decision gets a new offer'],
  held_by_another: ['somebody else has this appeal in hand', 'wait until it is released, or take the next one'],
  not_held: ['nobody has this appeal in hand', 'take it first'],
  lock_holds: ['the lock still holds', 'wait for its end'],
  lock_lapsed: ['your time for this appeal has run out', 'take it again'],
  decider_is_labeller: [
    'you labelled this exchange, so another person decides its appeal',
    'release it for somebody else',
  ],
  reason_missing: ['reason: wanted at least 3 characters', 'say why, in a sentence that the appellant may read'],
  already_fixed: ['a release is named already, and the appellant was told', 'nothing more to do'],
  moved_meanwhile: ['somebody else moved this appeal at the same moment', 'reload it'],
}

function illegal(c: Context, code: Refusal): Response {
  return apiError(c, 409, code, ...REFUSALS[code])
}

function noAppeal(c: Context): Response {
  return apiError(c, 404, 'not_found', 'no appeal of that id', 'see `sluice appeals list`')
}

/** Names the members that were wrong; their values stay where they are. */
export function badBody(c: Context, error: z.ZodError): Response {
  const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
  return apiError(c, 400, 'body_invalid', faults, 'correct the member named')
}
