import type { Action } from '../../policy/policy.ts'

/** One request as two safeguards decide it: what is enforcing, and what might be. Actions are those of `enforce`. */
export interface PairedCase {
  /** Decision id, or the row's id in a data folder. */
  readonly id: string
  /** Requests of one session are alike, and count together. Null: a session of its own. */
  readonly session: string | null
  /** Whose request: principal, for the share of users that see no change. Null: unknown. */
  readonly user: string | null
  readonly org: string
  readonly surface: string
  readonly language: string
  readonly segment: string
  readonly before: Action
  readonly after: Action
  /** Category that the stricter of both decisions named; null where neither acts. */
  readonly category: string | null
  /** What a person said of it; null: nobody has. Only `harmful` takes a request out of legitimate traffic. */
  readonly label: 'harmful' | 'harmless' | null
  /** Attack family that a harmful request belongs to, held out from training; null: none. */
  readonly family: string | null
}

/** What a caller gets: the answer of the model asked, of a weaker one, or none. */
export type Treatment = 'as_asked' | 'diverted' | 'refused'

/** `flag` is answered as asked; `require_trust` is no answer for whoever was decided so: grants were applied before. */
export function treatmentOf(action: Action): Treatment {
  switch (action) {
    case 'allow':
    case 'flag':
      return 'as_asked'
    case 'fall_back':
      return 'diverted'
    case 'require_trust':
    case 'refuse':
      return 'refused'
  }
}

/** How a request moves from one safeguard to the next; worst for its caller first. */
export const MOVEMENTS = ['newly_refused', 'newly_diverted', 'newly_freed', 'eased', 'marked', 'unchanged'] as const

/**
 * `newly_refused`: answered by some model before, by none after. `newly_diverted`: from the model asked to a weaker one.
 * `newly_freed`: from anything less to the model asked. `eased`: from no answer to a weaker model's. `marked`: another
 * action with the same answer (flag for allow, trusted access for refusal). `unchanged`: the same action.
 */
export type Movement = (typeof MOVEMENTS)[number]

export function movementOf(before: Action, after: Action): Movement {
  if (before === after) return 'unchanged'
  const from = treatmentOf(before)
  const to = treatmentOf(after)
  if (from === to) return 'marked'
  if (to === 'refused') return 'newly_refused'
  if (to === 'as_asked') return 'newly_freed'
  return from === 'refused' ? 'eased' : 'newly_diverted'
}
