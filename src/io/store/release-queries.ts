import { type Kysely, sql } from 'kysely'
import type { Evidence, Release, ReleaseMove } from '../../core/safeguards/release.ts'
import type { ReleaseChange, ReleaseStore } from '../../jobs/release-store-ports.ts'
import { tellReleaseMoves } from './change-entries.ts'
import { storable } from './decision-rows.ts'
import { guarded } from './guarded.ts'
import type { Tables } from './schema.ts'

/** Bundles, releases and everything that happened to them. SQL that both databases speak. */
export function releaseQueries(db: Kysely<Tables>): ReleaseStore {
  return {
    addBundle: ({ hash, slot, text, atMs, by }) =>
      guarded(
        async () =>
          void (await db
            .insertInto('bundles')
            .values({ hash, slot, body: text, created_at_ms: atMs, created_by: by })
            .onConflict((conflict) => conflict.column('hash').doNothing())
            .execute()),
      ),
    bundle: (hash) =>
      guarded(async () => {
        const row = await db.selectFrom('bundles').select('body').where('hash', '=', hash).executeTakeFirst()
        return row?.body ?? null
      }),
    releases: () =>
      guarded(async () => (await db.selectFrom('releases').select('body').orderBy('id').execute()).map(releaseOf)),
    release: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('releases').select('body').where('id', '=', id).executeTakeFirst()
        return row === undefined ? null : releaseOf(row)
      }),
    changeReleases: (changes, moves, evidence = []) => changeReleases(db, changes, moves, evidence),
    releaseMoves: (id) =>
      guarded(async () => {
        const rows = await db.selectFrom('release_moves').selectAll().where('release', '=', id).orderBy('seq').execute()
        return rows.map(moveOf)
      }),
    releaseRevision: () =>
      guarded(async () => {
        const row = await db
          .selectFrom('release_moves')
          // Not the greatest number: of two at once, the one with the smaller may be seen last.
          .select(sql<number>`count(*)`.as('n'))
          .executeTakeFirstOrThrow()
        return Number(row.n)
      }),
    evidence: (release) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('release_evidence')
          .selectAll()
          .where('release', '=', release)
          .orderBy('at_ms')
          .orderBy('hash')
          .execute()
        return rows.map(
          (row): Evidence => ({
            release: row.release,
            bundle: row.bundle,
            kind: row.kind,
            hash: row.hash,
            atMs: Number(row.at_ms),
            by: row.added_by,
            gates: JSON.parse(row.gates) as Evidence['gates'],
            text: row.body,
          }),
        )
      }),
  }
}

/** Another change came first: the caller reads again, and decides again. */
class Conflict extends Error {}

function changeReleases(
  db: Kysely<Tables>,
  changes: readonly ReleaseChange[],
  moves: readonly Omit<ReleaseMove, 'seq'>[],
  evidence: readonly Evidence[],
): Promise<boolean> {
  return guarded(async () => {
    try {
      await db.transaction().execute(async (tx) => {
        // In this order: what is superseded leaves its place before the next one takes it.
        for (const { release, expected } of changes) await changed(tx, release, expected)
        for (const move of moves) await tx.insertInto('release_moves').values(moveRow(move)).execute()
        await tellReleaseMoves(
          tx,
          moves,
          changes.map(({ release }) => release),
        )
        for (const one of evidence)
          await tx
            .insertInto('release_evidence')
            .values(evidenceRow(one))
            .onConflict((conflict) => conflict.columns(['release', 'bundle', 'hash']).doNothing())
            .execute()
      })
      return true
    } catch (error) {
      if (error instanceof Conflict || isTaken(error)) return false
      throw error
    }
  })
}

/** @throws {Conflict} another change came first. */
export async function changed(tx: Kysely<Tables>, release: Release, expected: number | null): Promise<void> {
  const row = {
    id: release.id,
    slot: release.slot,
    label: release.label,
    bundle: release.bundle,
    stage: release.state.stage,
    version: release.version,
    body: JSON.stringify(release),
  }
  if (expected === null) {
    await tx.insertInto('releases').values(row).execute()
    return
  }
  const result = await tx
    .updateTable('releases')
    .set(row)
    .where('id', '=', release.id)
    .where('version', '=', expected)
    .executeTakeFirst()
  if (Number(result.numUpdatedRows) !== 1) throw new Conflict()
}

/** A unique index said no: the label, or the place in the slot, has gone to another release in the meantime. */
function isTaken(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === '23505' || code === '40001' || (typeof code === 'string' && code.startsWith('SQLITE_CONSTRAINT'))
}

function releaseOf({ body }: { body: string }): Release {
  return JSON.parse(body) as Release
}

function evidenceRow({ release, bundle, kind, hash, atMs, by, gates, text }: Evidence) {
  const row = { release, bundle, hash, kind, at_ms: atMs, added_by: storable(by) }
  return { ...row, gates: JSON.stringify(gates), body: text }
}

export function moveRow(move: Omit<ReleaseMove, 'seq'>) {
  return {
    release: move.release,
    at_ms: move.atMs,
    moved_by: storable(move.by),
    kind: move.kind,
    from_stage: move.from,
    to_stage: move.to,
    reason: storable(move.reason),
    manifest: move.manifest,
    single_person: move.singlePerson ? 1 : 0,
    facts: JSON.stringify(move.facts),
  }
}

function moveOf(row: Omit<Tables['release_moves'], 'seq'> & { readonly seq: number }): ReleaseMove {
  return {
    seq: Number(row.seq),
    release: row.release,
    atMs: Number(row.at_ms),
    by: row.moved_by,
    kind: row.kind,
    from: row.from_stage as ReleaseMove['from'],
    to: row.to_stage as ReleaseMove['to'],
    reason: row.reason,
    manifest: row.manifest,
    singlePerson: row.single_person === 1,
    facts: JSON.parse(row.facts) as ReleaseMove['facts'],
  }
}
