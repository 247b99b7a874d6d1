import { sql } from 'kysely'
import { ACTIONS, rank } from '../../core/policy/policy.ts'

/** A request that names no session is one of its own: the one rule by which sessions are counted. */
const SESSION = sql`coalesce(session, id)`
const TOUCHING = ACTIONS.filter((action) => rank(action) > rank('flag'))

/** Sessions among the rows of `decisions` that are selected, each once, and those that met more than a flag. */
export const SESSION_COUNTS = [
  sql<number>`count(distinct ${SESSION})`.as('sessions'),
  sql<number>`count(distinct case when would in (${sql.join(TOUCHING)}) then ${SESSION} end)`.as('touched'),
] as const
