import { type Kysely, sql } from 'kysely'
import type { Case, CaseEvent, Instrument } from '../../core/jailbreaks/registry/case.ts'
import type { Roster } from '../../core/jailbreaks/registry/duty.ts'
import { checkedDraft, type EntryDraft } from '../../core/record/draft.ts'
import type { CaseChange, RegistryStore, RosterRow } from '../../jobs/registry-ports.ts'
import { storable } from './decision-rows.ts'
import { guarded } from './guarded.ts'
import { addDrafts } from './record-queries.ts'
import type { Tables } from './schema.ts'

/** Jailbreak reports, their history and the duty desk. SQL that both databases speak. */
export function registryQueries(db: Kysely<Tables>): RegistryStore {
  return {
    cases: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('jailbreak_cases')
          .select('body')
          .orderBy('year', 'desc')
          .orderBy('number', 'desc')
          .execute()
        return rows.map(caseOf)
      }),
    case: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('jailbreak_cases').select('body').where('id', '=', id).executeTakeFirst()
        return row === undefined ? null : caseOf(row)
      }),
    lastCaseNumber: (year) =>
      guarded(async () => {
        const row = await db
          .selectFrom('jailbreak_cases')
          .select(sql<number | null>`max(number)`.as('n'))
          .where('year', '=', year)
          .executeTakeFirstOrThrow()
        return Number(row.n ?? 0)
      }),
    changeCase: (next, expected, change) => changeCase(db, next, expected, change),
    caseEvents: (id) =>
      guarded(async () => {
        const rows = await db.selectFrom('jailbreak_events').selectAll().where('case', '=', id).orderBy('seq').execute()
        return rows.map(
          (row): CaseEvent => ({
            ...{ seq: Number(row.seq), case: row.case, atMs: Number(row.at_ms), by: row.done_by, kind: row.kind },
            ...{ from: row.from_stage as CaseEvent['from'], to: row.to_stage as CaseEvent['to'], reason: row.reason },
            facts: JSON.parse(row.facts) as CaseEvent['facts'],
          }),
        )
      }),
    publishedOf: (id) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('jailbreak_objects')
          .selectAll()
          .where('case', '=', id)
          .orderBy('seq')
          .execute()
        return rows.map((row) => ({
          ...{ case: row.case, atMs: Number(row.at_ms), tlp: row.tlp, sha256: row.sha256, text: row.body },
        }))
      }),
    lastInstrumentNumber: (year) =>
      guarded(async () => {
        const row = await db
          .selectFrom('instruments')
          .select(sql<number | null>`max(number)`.as('n'))
          .where('year', '=', year)
          .executeTakeFirstOrThrow()
        return Number(row.n ?? 0)
      }),
    instrument: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('instruments').selectAll().where('id', '=', id).executeTakeFirst()
        if (row === undefined) return null
        const { type, about, at_ms, envelope } = row
        return { id, type: type as Instrument['type'], about, atMs: Number(at_ms), envelope }
      }),
    roster: () =>
      guarded(async () => {
        const row = await db.selectFrom('duty_rosters').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()
        return row === undefined ? null : rosterOf(row)
      }),
    rosters: () =>
      guarded(async () =>
        (await db.selectFrom('duty_rosters').selectAll().orderBy('seq', 'desc').execute()).map(rosterOf),
      ),
    setRoster: ({ roster, atMs, by, reason }) =>
      guarded(
        async () =>
          void (await db
            .insertInto('duty_rosters')
            .values({ at_ms: atMs, set_by: storable(by), reason: storable(reason), body: JSON.stringify(roster) })
            .execute()),
      ),
    drills: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('duty_drills')
          .selectAll()
          .orderBy('started_at_ms', 'desc')
          .orderBy('id', 'desc')
          .execute()
        return rows.map((row) => ({
          ...{ id: row.id, startedAtMs: Number(row.started_at_ms), startedBy: row.started_by, person: row.person },
          contact: row.contact,
          acknowledgedAtMs: row.acknowledged_at_ms === null ? null : Number(row.acknowledged_at_ms),
          acknowledgedBy: row.acknowledged_by,
        }))
      }),
    addDrill: (drill, entry) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          await tx
            .insertInto('duty_drills')
            .values({
              ...{ id: drill.id, started_at_ms: drill.startedAtMs, started_by: storable(drill.startedBy) },
              ...{ person: storable(drill.person), contact: storable(drill.contact) },
              ...{ acknowledged_at_ms: drill.acknowledgedAtMs, acknowledged_by: drill.acknowledgedBy },
            })
            .execute()
          await tell(tx, [entry])
        }),
      ),
    acknowledgeDrill: (id, atMs, by, entry) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const done = await tx
            .updateTable('duty_drills')
            .set({ acknowledged_at_ms: atMs, acknowledged_by: storable(by) })
            .where('id', '=', id)
            .where('acknowledged_at_ms', 'is', null)
            .executeTakeFirst()
          if (Number(done.numUpdatedRows) !== 1) return false
          await tell(tx, [entry])
          return true
        }),
      ),
  }
}

/** What the record says of a change, in the change's own transaction: neither is without the other. */
function tell(tx: Kysely<Tables>, entries: readonly EntryDraft[]): Promise<void> {
  return addDrafts(tx, entries.map(checkedDraft))
}

/** Another change came first: the caller reads again, and decides again. */
class Conflict extends Error {}

function changeCase(
  db: Kysely<Tables>,
  next: Case,
  expected: number | null,
  { event, published, instrument, entries }: CaseChange,
): Promise<boolean> {
  return guarded(async () => {
    try {
      await db.transaction().execute(async (tx) => {
        await written(tx, next, expected)
        await tx
          .insertInto('jailbreak_events')
          .values({
            ...{ case: event.case, at_ms: event.atMs, done_by: storable(event.by), kind: event.kind },
            ...{ from_stage: event.from, to_stage: event.to, reason: storable(event.reason) },
            facts: JSON.stringify(event.facts),
          })
          .execute()
        if (published !== undefined) {
          const { case: of, atMs, tlp, sha256, text } = published
          await tx.insertInto('jailbreak_objects').values({ case: of, at_ms: atMs, tlp, sha256, body: text }).execute()
        }
        if (instrument !== undefined) await keep(tx, instrument)
        await tell(tx, entries)
      })
      return true
    } catch (error) {
      if (error instanceof Conflict || isTaken(error)) return false
      throw error
    }
  })
}

async function written(tx: Kysely<Tables>, next: Case, expected: number | null): Promise<void> {
  const [, year, number] = next.id.split('-')
  const row = {
    ...{ id: next.id, year: Number(year), number: Number(number), stage: next.stage },
    ...{ reported_at_ms: next.reportedAtMs, version: next.version, body: JSON.stringify(next) },
  }
  if (expected === null) {
    await tx.insertInto('jailbreak_cases').values(row).execute()
    return
  }
  const done = await tx
    .updateTable('jailbreak_cases')
    .set(row)
    .where('id', '=', next.id)
    .where('version', '=', expected)
    .executeTakeFirst()
  if (Number(done.numUpdatedRows) !== 1) throw new Conflict()
}

/** Takes the number with the draft; writes the envelope once, and never again. */
async function keep(tx: Kysely<Tables>, { id, type, about, atMs, envelope }: Instrument): Promise<void> {
  const [, year, number] = id.split('-')
  if (envelope === null) {
    const row = { id, year: Number(year), number: Number(number), type, about, at_ms: atMs, envelope }
    await tx.insertInto('instruments').values(row).execute()
    return
  }
  const done = await tx
    .updateTable('instruments')
    .set({ at_ms: atMs, envelope })
    .where('id', '=', id)
    .where('envelope', 'is', null)
    .executeTakeFirst()
  if (Number(done.numUpdatedRows) !== 1) throw new Conflict()
}

/** A unique index said no, or the database could not put two transactions in order. */
function isTaken(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === '23505' || code === '40001' || (typeof code === 'string' && code.startsWith('SQLITE_CONSTRAINT'))
}

function caseOf({ body }: { body: string }): Case {
  return JSON.parse(body) as Case
}

function rosterOf(row: { at_ms: number; set_by: string; reason: string; body: string }): RosterRow {
  return { roster: JSON.parse(row.body) as Roster, atMs: Number(row.at_ms), by: row.set_by, reason: row.reason }
}
