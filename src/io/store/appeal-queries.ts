import { type Kysely, sql } from 'kysely'
import type { AppealId, DecisionId, OrgId, PrincipalId } from '../../core/base/ids.ts'
import type { Exception } from '../../core/safeguards/exception.ts'
import type { AppealEvent, AppealRow, AppealStore, CreditNote, LabelRow, Redress } from '../../jobs/review-ports.ts'
import { tellAppeal, tellException, tellLabels } from './change-entries.ts'
import { storable } from './decision-rows.ts'
import type { Tables } from './schema.ts'

type Guarded = <T>(act: () => Promise<T>) => Promise<T>

/** Appeals, their transitions, and what overturned ones give. */
export function appealQueries(db: Kysely<Tables>, guarded: Guarded): AppealStore {
  return {
    fileAppeal: (appeal, most) => guarded(() => fileAppeal(db, appeal, most)),
    appeal: (decision) => guarded(() => findAppeal(db, decision)),
    appeals: (states, limit) =>
      guarded(async () => {
        if (states.length === 0) return []
        const waiting = sql<number>`case when state in ('open', 'in_review') then 0 else 1 end`
        const rows = await db
          .selectFrom('appeals')
          .selectAll()
          .where('state', 'in', [...states])
          .orderBy(waiting)
          .orderBy(sql`case when state in ('open', 'in_review') then filed_at_ms else -filed_at_ms end`)
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(appealOf)
      }),
    openBefore: (filedAtMs) => guarded(() => openBefore(db, filedAtMs)),
    moveAppeal: (after, event, redress) =>
      guarded(() => db.transaction().execute((tx) => moveAppeal(tx, after, event, redress))),
    appealEvents: (id) =>
      guarded(async () => {
        const rows = await db.selectFrom('appeal_events').selectAll().where('appeal', '=', id).orderBy('seq').execute()
        return rows.map((row) => ({
          appeal: id,
          seq: row.seq,
          atMs: Number(row.at_ms),
          by: row.by,
          move: row.move as AppealEvent['move'],
          from: row.from_state as AppealEvent['from'],
          to: row.to_state as AppealEvent['to'],
          reason: row.reason,
        }))
      }),
    exceptions: (nowMs) =>
      guarded(async () => {
        const query = db.selectFrom('exceptions').selectAll().where('until_ms', '>', nowMs)
        return (await query.where('revoked_at_ms', 'is', null).orderBy('id').execute()).map(exceptionOf)
      }),
    exceptionOf: (appeal) =>
      guarded(async () => {
        const row = await db.selectFrom('exceptions').selectAll().where('appeal', '=', appeal).executeTakeFirst()
        return row === undefined ? null : exceptionOf(row)
      }),
    revokeException: (id, atMs) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const revoked = await tx
            .updateTable('exceptions')
            .set({ revoked_at_ms: atMs })
            .where('id', '=', id)
            .where('revoked_at_ms', 'is', null)
            .returningAll()
            .executeTakeFirst()
          if (revoked === undefined) return false
          await tellException(tx, exceptionOf(revoked), 'exception_revoked')
          return true
        }),
      ),
    creditOf: (appeal) =>
      guarded(async () => {
        const row = await db.selectFrom('credits').selectAll().where('appeal', '=', appeal).executeTakeFirst()
        if (row === undefined) return null
        const { decision, org, principal, tokens, at_ms } = row
        return {
          ...{ appeal, decision: decision as DecisionId, org: org as OrgId, principal: principal as PrincipalId },
          tokens: JSON.parse(tokens) as CreditNote['tokens'],
          atMs: Number(at_ms),
        }
      }),
    labelsOf: (decision) =>
      guarded(async () => {
        const query = db.selectFrom('review_labels').selectAll().where('decision', '=', decision)
        return (await query.orderBy('at_ms').orderBy('id').execute()).map(labelOf)
      }),
  }
}

async function findAppeal(db: Kysely<Tables>, decision: DecisionId): Promise<AppealRow | null> {
  const row = await db.selectFrom('appeals').selectAll().where('decision', '=', decision).executeTakeFirst()
  return row === undefined ? null : appealOf(row)
}

async function fileAppeal(
  db: Kysely<Tables>,
  appeal: AppealRow,
  most: { appeals: number; sinceMs: number },
): Promise<{ filed: boolean; appeal: AppealRow; before: number } | 'too_many'> {
  const { id, decision, org, principal, state, filedAtMs, respondByMs, seq } = appeal
  const known = await findAppeal(db, decision)
  if (known === null && principal !== '') {
    const { n } = await db
      .selectFrom('appeals')
      .select(sql<number>`count(*)`.as('n'))
      .where('principal', '=', principal)
      .where('filed_at_ms', '>', most.sinceMs)
      .executeTakeFirstOrThrow()
    if (Number(n) >= most.appeals) return 'too_many'
  }
  const row = { id, decision, org, principal, state, filed_at_ms: filedAtMs, respond_by_ms: respondByMs, seq }
  const filed =
    known === null &&
    (await db.transaction().execute(async (tx) => {
      const result = await tx
        .insertInto('appeals')
        .values({ ...row, note: storable(appeal.note) })
        .onConflict((conflict) => conflict.column('decision').doNothing())
        .executeTakeFirst()
      if (Number(result.numInsertedOrUpdatedRows ?? 0) === 0) return false
      const event = { appeal: id, seq: 0, at_ms: filedAtMs, by: principal, move: 'file', from_state: 'offered' }
      await tx
        .insertInto('appeal_events')
        .values({ ...event, to_state: state, reason: null })
        .execute()
      await tellAppeal(tx, appeal, { by: principal, move: 'file', from: 'offered', to: state })
      return true
    }))
  const kept = (await findAppeal(db, decision))!
  return { filed, appeal: kept, before: await openBefore(db, kept.filedAtMs) }
}

async function openBefore(db: Kysely<Tables>, filedAtMs: number): Promise<number> {
  const { n } = await db
    .selectFrom('appeals')
    .select(sql<number>`count(*)`.as('n'))
    .where('state', 'in', ['open', 'in_review'])
    .where('filed_at_ms', '<', filedAtMs)
    .executeTakeFirstOrThrow()
  return Number(n)
}

async function moveAppeal(
  tx: Kysely<Tables>,
  after: AppealRow,
  event: AppealEvent,
  redress: Redress | null,
): Promise<boolean> {
  const { lock, verdict, fixedIn } = after
  const moved = await tx
    .updateTable('appeals')
    .set({
      state: after.state,
      seq: after.seq,
      holder: lock?.by ?? null,
      lock_until_ms: lock?.untilMs ?? null,
      decided_by: verdict?.by ?? null,
      decided_at_ms: verdict?.atMs ?? null,
      verdict_reason: verdict === null ? null : storable(verdict.reason),
      fixed_in: fixedIn,
    })
    .where('id', '=', after.id)
    .where('seq', '=', after.seq - 1)
    .executeTakeFirst()
  if (Number(moved.numUpdatedRows) === 0) return false
  const { appeal, seq, atMs, by, move, from, to, reason } = event
  await tx
    .insertInto('appeal_events')
    .values({ appeal, seq, at_ms: atMs, by, move, from_state: from, to_state: to, reason })
    .execute()
  await tellAppeal(tx, after, event)
  if (redress === null) return true
  const { exception, credit, label } = redress
  if (exception !== null) {
    await tx.insertInto('exceptions').values(exceptionRow(exception)).execute()
    await tellException(tx, exception, 'exception')
  }
  await tx
    .insertInto('credits')
    .values({
      ...{ appeal: credit.appeal, decision: credit.decision, org: credit.org, principal: credit.principal },
      ...{ tokens: JSON.stringify(credit.tokens), at_ms: credit.atMs },
    })
    .execute()
  await tx.insertInto('review_labels').values(labelRow(label)).execute()
  await tellLabels(tx, [label], 'given')
  return true
}

function appealOf(row: Tables['appeals']): AppealRow {
  const { holder, lock_until_ms, decided_by, decided_at_ms, verdict_reason } = row
  return {
    id: row.id as AppealId,
    decision: row.decision as DecisionId,
    org: row.org as OrgId,
    principal: row.principal as PrincipalId,
    state: row.state as AppealRow['state'],
    filedAtMs: Number(row.filed_at_ms),
    respondByMs: Number(row.respond_by_ms),
    note: row.note,
    seq: row.seq,
    lock: holder === null ? null : { by: holder, untilMs: Number(lock_until_ms) },
    verdict: decided_by === null ? null : { by: decided_by, atMs: Number(decided_at_ms), reason: verdict_reason ?? '' },
    fixedIn: row.fixed_in,
  }
}

function exceptionRow(one: Exception): Tables['exceptions'] {
  const { id, appeal, decision, org, principal, reasons, parts, fromMs, untilMs, revokedAtMs } = one
  const times = { from_ms: fromMs, until_ms: untilMs, revoked_at_ms: revokedAtMs }
  const lists = { reasons: JSON.stringify(reasons), parts: JSON.stringify(parts) }
  return { id, appeal, decision, org, principal, ...lists, ...times }
}

function exceptionOf(row: Tables['exceptions']): Exception {
  return {
    id: row.id,
    appeal: row.appeal as AppealId,
    decision: row.decision as DecisionId,
    org: row.org as OrgId,
    principal: row.principal as PrincipalId,
    reasons: JSON.parse(row.reasons) as Exception['reasons'],
    parts: JSON.parse(row.parts) as string[],
    fromMs: Number(row.from_ms),
    untilMs: Number(row.until_ms),
    revokedAtMs: row.revoked_at_ms === null ? null : Number(row.revoked_at_ms),
  }
}

export function labelRow(one: LabelRow): Tables['review_labels'] {
  const { id, item, decision, org, source, label, category, attack, by } = one
  return {
    ...{ id, item, decision, org, source, label, category, attack, by },
    at_ms: one.atMs,
    reason: storable(one.reason),
    golden: one.golden ? 1 : 0,
    revoked_at_ms: one.revokedAtMs,
    revoked_by: one.revokedBy,
  }
}

export function labelOf(row: Tables['review_labels']): LabelRow {
  return {
    ...{ id: row.id, item: row.item, decision: row.decision as DecisionId, org: row.org as OrgId },
    source: row.source as LabelRow['source'],
    label: row.label as LabelRow['label'],
    category: row.category as LabelRow['category'],
    attack: row.attack as LabelRow['attack'],
    ...{ by: row.by, atMs: Number(row.at_ms), reason: row.reason, golden: row.golden === 1 },
    revokedAtMs: row.revoked_at_ms === null ? null : Number(row.revoked_at_ms),
    revokedBy: row.revoked_by,
  }
}
