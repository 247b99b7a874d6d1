import { type Kysely, sql } from 'kysely'
import type { Release } from '../../core/safeguards/release.ts'
import type { ArmCounts, GuardMetric, Look, Stratum } from '../../core/safeguards/sequential.ts'
import type { GuardStore, LookWindow } from '../../jobs/guard-ports.ts'
import { guarded } from './guarded.ts'
import { changed, moveRow } from './release-queries.ts'
import type { Tables } from './schema.ts'

/** A session that goes on for longer is another one of the past. */
const PAST_SESSION_MS = 86_400_000
const METRICS = ['refused', 'diverted', 'error'] as const
const PAST_FLAGS = {
  refused: `would in ('require_trust', 'refuse')`,
  diverted: `would = 'fall_back'`,
  error: `ended in ('error', 'upstream_error')`,
} as const

/** Units on trial: what a look takes of them, and what it leaves. SQL that both databases speak. */
export function guardQueries(db: Kysely<Tables>): GuardStore {
  return {
    takeLook: (release, window, decide) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          // Held until the end: of two that look at once, the later one finds another version.
          const held = await tx
            .updateTable('releases')
            .set({ version: release.version })
            .where('id', '=', release.id)
            .where('version', '=', release.version)
            .executeTakeFirst()
          if (Number(held.numUpdatedRows) !== 1) return false
          if ((await waiting(tx, release, window)) < window.leastUnits) return false
          await take(tx, release, window)
          const { release: after, move } = decide(await looksOf(tx, release, window))
          await changed(tx, after, release.version)
          if (move !== null) await tx.insertInto('release_moves').values(moveRow(move)).execute()
          return true
        }),
      ),
    forgetTrials: () =>
      guarded(
        async () =>
          void (await db
            .deleteFrom('guard_units')
            .where((where) =>
              where.not(
                where.exists(
                  where
                    .selectFrom('releases')
                    .select('id')
                    .whereRef('label', '=', 'guard_units.release')
                    .where('releases.stage', 'in', ['shadow', 'canary']),
                ),
              ),
            )
            .execute()),
      ),
  }
}

function unitsOf(release: Release) {
  return { release: release.label ?? '', stage: release.state.stage }
}

/** Units that are on trial themselves and not taken yet. */
async function waiting(tx: Kysely<Tables>, release: Release, window: LookWindow): Promise<number> {
  const own = unitsOf(release)
  const { n } = await tx
    .selectFrom('guard_units')
    .select(sql<number>`count(*)`.as('n'))
    .where('release', '=', own.release)
    .where('stage', '=', own.stage)
    .where('arm', '!=', 'enforcing')
    .where('looked', 'is', null)
    .where('first_ms', '>=', window.stageSinceMs)
    .where('first_ms', '<', window.untilMs.sessions)
    .executeTakeFirstOrThrow()
  return Number(n)
}

async function take(tx: Kysely<Tables>, release: Release, { stageSinceMs, untilMs }: LookWindow): Promise<void> {
  const own = unitsOf(release)
  const of = () =>
    tx
      .updateTable('guard_units')
      .where('release', '=', own.release)
      .where('stage', '=', own.stage)
      .where('first_ms', '>=', stageSinceMs)
  await of()
    .set({ looked: release.version })
    .where('looked', 'is', null)
    .where('first_ms', '<', untilMs.sessions)
    .execute()
  await of()
    .set({ appealed: 1 })
    .where('appeals_looked', 'is', null)
    .where('first_ms', '<', untilMs.appeals)
    .where('unit', 'in', (query) =>
      query
        .selectFrom('appeals')
        .innerJoin('decisions', 'decisions.id', 'appeals.decision')
        .select(sql<string>`coalesce(decisions.session, decisions.id)`.as('unit'))
        .where('appeals.filed_at_ms', '>=', stageSinceMs),
    )
    .execute()
  await of()
    .set({ appeals_looked: release.version })
    .where('appeals_looked', 'is', null)
    .where('first_ms', '<', untilMs.appeals)
    .execute()
}

async function looksOf(
  tx: Kysely<Tables>,
  release: Release,
  window: LookWindow,
): Promise<Readonly<Record<GuardMetric, Look>>> {
  const sessions = await groups(tx, release, 'looked')
  const appeals = await groups(tx, release, 'appeals_looked')
  const past = await pastOf(tx, release, window)
  const metric = (name: GuardMetric, of: readonly Group[]): Look => ({
    arms: strata(of, release.state.stage === 'shadow', name),
    history: past?.[name] ?? null,
  })
  return {
    ...{ refused: metric('refused', sessions), diverted: metric('diverted', sessions) },
    ...{ error: metric('error', sessions), appeal: metric('appeal', appeals) },
  }
}

interface Group {
  readonly arm: string
  readonly percent: number
  readonly units: number
  readonly hits: Readonly<Record<GuardMetric | 'would_refused' | 'would_diverted', number>>
}

async function groups(
  tx: Kysely<Tables>,
  release: Release,
  taken: 'looked' | 'appeals_looked',
): Promise<readonly Group[]> {
  const own = unitsOf(release)
  const sum = (column: string) => sql<number>`sum(${sql.ref(column)})`
  const rows = await tx
    .selectFrom('guard_units')
    .select([
      'arm',
      'percent',
      sql<number>`count(*)`.as('units'),
      sum('refused').as('refused'),
      sum('diverted').as('diverted'),
      sum('errored').as('error'),
      sum('appealed').as('appeal'),
      sum('would_refused').as('would_refused'),
      sum('would_diverted').as('would_diverted'),
    ])
    .where('release', '=', own.release)
    .where('stage', '=', own.stage)
    .where(taken, '=', release.version)
    .groupBy(['arm', 'percent'])
    .execute()
  return rows.map(({ arm, percent, units, ...hits }) => ({
    ...{ arm, percent: Number(percent), units: Number(units) },
    hits: Object.fromEntries(Object.entries(hits).map(([name, n]) => [name, Number(n)])) as Group['hits'],
  }))
}

/**
 * Arms are alike within one share only. In shadow both sides are the same sessions, paired: what it would have done beside
 * what was done. Paired counts vary less than those of two arms, so that the test errs on the quiet side.
 */
function strata(of: readonly Group[], shadow: boolean, metric: GuardMetric): readonly Stratum[] {
  if (shadow)
    return of.map(({ units, hits }) => ({
      canary: { units, hits: metric === 'refused' || metric === 'diverted' ? hits[`would_${metric}`] : hits[metric] },
      control: { units, hits: hits[metric] },
    }))
  return [...Map.groupBy(of, ({ percent }) => percent).values()].map((share) => {
    const counts = (arm: string): ArmCounts => {
      const own = share.filter((one) => one.arm === arm)
      return {
        units: own.reduce((sum, { units }) => sum + units, 0),
        hits: own.reduce((sum, { hits }) => sum + hits[metric], 0),
      }
    }
    return { canary: counts('canary'), control: counts('enforcing') }
  })
}

/**
 * The canary's organisations beside their own past, organisation by organisation. Looks go forward from the day on which
 * the canary began, and their past goes backward from it: so no session of the past counts twice. Null: arms are shared
 * out by session, or the past does not reach back so far; then the arms alone decide.
 */
async function pastOf(
  tx: Kysely<Tables>,
  release: Release,
  { stageSinceMs, fromMs, untilMs }: LookWindow,
): Promise<Readonly<Record<GuardMetric, readonly Stratum[] | null>> | null> {
  if (release.state.stage === 'shadow') return null
  const canary = await tx
    .selectFrom('guard_units')
    .select([
      'org',
      sql<number>`count(*)`.as('units'),
      sql<number>`sum(refused)`.as('refused'),
      sql<number>`sum(diverted)`.as('diverted'),
      sql<number>`sum(errored)`.as('error'),
    ])
    .where('release', '=', release.label ?? '')
    .where('stage', '=', 'canary')
    .where('arm', '=', 'canary')
    .where('shared_by', '=', 'org')
    .where('looked', '=', release.version)
    .groupBy('org')
    .execute()
  if (canary.length === 0) return null
  const mirrored = (ms: number) => 2 * stageSinceMs - ms
  const since = mirrored(untilMs.sessions)
  const orgs = canary.map(({ org }) => org)
  const { first } = await tx
    .selectFrom('decisions')
    .select(sql<number | null>`min(at_ms)`.as('first'))
    .where('org', 'in', orgs)
    .executeTakeFirstOrThrow()
  if (first === null || Number(first) > since) return null
  const sessions = tx
    .selectFrom('decisions')
    .select([
      'org',
      sql<number>`min(at_ms)`.as('first_ms'),
      ...METRICS.map((name) => sql<number>`max(case when ${sql.raw(PAST_FLAGS[name])} then 1 else 0 end)`.as(name)),
    ])
    .where('org', 'in', orgs)
    .where('at_ms', '>=', since - PAST_SESSION_MS)
    .where('at_ms', '<', Math.min(stageSinceMs, mirrored(fromMs.sessions) + PAST_SESSION_MS))
    .groupBy(['org', sql`coalesce(session, id)`])
  const past = await tx
    .selectFrom(sessions.as('sessions'))
    .select([
      'org',
      sql<number>`count(*)`.as('units'),
      ...METRICS.map((name) => sql<number>`sum(${sql.ref(name)})`.as(name)),
    ])
    .where('first_ms', '>=', since)
    .where('first_ms', '<', mirrored(fromMs.sessions))
    .groupBy('org')
    .execute()
  const before = new Map(past.map((row) => [row.org, row as Record<string, unknown>]))
  const of = (name: (typeof METRICS)[number]): readonly Stratum[] =>
    canary.flatMap((row) => {
      const then = before.get(row.org)
      if (then === undefined) return []
      const control = { units: Number(then.units), hits: Number(then[name]) }
      return [{ canary: { units: Number(row.units), hits: Number(row[name]) }, control }]
    })
  // Appeals of the past were filed under other clocks: they are compared between arms only.
  return { refused: of('refused'), diverted: of('diverted'), error: of('error'), appeal: null }
}
