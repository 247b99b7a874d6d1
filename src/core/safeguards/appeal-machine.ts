/** States of an appeal (governance.md §5.3). `offered` stands in the answer alone; nothing is stored for it. */
export const APPEAL_STATES = ['offered', 'open', 'in_review', 'upheld', 'overturned', 'withdrawn'] as const
export type AppealState = (typeof APPEAL_STATES)[number]

/** One appeal, as far as its moves depend on it. Times are milliseconds since 1970. */
export interface Appeal {
  readonly state: AppealState
  readonly offeredAtMs: number
  readonly filedAtMs: number | null
  /** End of its clock: past it the appeal is overdue, and stays as open as it was. */
  readonly respondByMs: number | null
  /** Who has it in hand, exactly while it is in review. */
  readonly lock: { readonly by: string; readonly untilMs: number } | null
  /** Exactly when it is upheld or overturned. */
  readonly verdict: { readonly by: string; readonly atMs: number; readonly reason: string } | null
  /** Release that no longer acts on it. */
  readonly fixedIn: string | null
}

export type AppealMove =
  | { readonly kind: 'file'; readonly hours: number }
  | { readonly kind: 'take'; readonly by: string }
  | { readonly kind: 'release'; readonly by: string }
  /** The lock ran out: whoever held it went away. */
  | { readonly kind: 'lock_lapse' }
  | {
      readonly kind: 'decide'
      readonly by: string
      readonly verdict: 'upheld' | 'overturned'
      readonly reason: string
      /** Everybody who has labelled this item. */
      readonly labellers: readonly string[]
    }
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'fixed'; readonly release: string }

export type IllegalMove =
  | 'not_possible_now'
  | 'offer_lapsed'
  | 'held_by_another'
  | 'not_held'
  | 'lock_holds'
  | 'lock_lapsed'
  | 'already_fixed'
  | 'decider_is_labeller'
  | 'reason_missing'

export interface Illegal {
  readonly illegal: IllegalMove
}

const DAY_MS = 86_400_000
/** How long an offer stands. */
export const OFFER_MS = 30 * DAY_MS
/** How long one person may hold an appeal before another may take it. */
export const APPEAL_LOCK_MS = 30 * 60_000
const LEAST_REASON = 3

/** The appeal that every decision above `flag` comes with. */
export function offered(atMs: number): Appeal {
  const nothing = { filedAtMs: null, respondByMs: null, lock: null, verdict: null, fixedIn: null }
  return { state: 'offered', offeredAtMs: atMs, ...nothing }
}

/** True past the clock, until somebody decides. Time alone never closes an appeal. */
export function isOverdue({ state, respondByMs }: Appeal, nowMs: number): boolean {
  return (state === 'open' || state === 'in_review') && respondByMs !== null && nowMs > respondByMs
}

/** One move at one moment: the next appeal, or why it cannot be. Pure and total. */
export function stepAppeal(appeal: Appeal, move: AppealMove, atMs: number): Appeal | Illegal {
  const { state, lock } = appeal
  switch (move.kind) {
    case 'file':
      if (state !== 'offered') return illegal('not_possible_now')
      if (atMs - appeal.offeredAtMs >= OFFER_MS) return illegal('offer_lapsed')
      return { ...appeal, state: 'open', filedAtMs: atMs, respondByMs: atMs + move.hours * 3_600_000 }
    case 'take':
      if (state === 'in_review') return illegal('held_by_another')
      if (state !== 'open') return illegal('not_possible_now')
      return { ...appeal, state: 'in_review', lock: { by: move.by, untilMs: atMs + APPEAL_LOCK_MS } }
    case 'release':
      if (state !== 'in_review' || lock === null) return illegal('not_held')
      return lock.by === move.by ? { ...appeal, state: 'open', lock: null } : illegal('held_by_another')
    case 'lock_lapse':
      if (state !== 'in_review' || lock === null) return illegal('not_held')
      return atMs >= lock.untilMs ? { ...appeal, state: 'open', lock: null } : illegal('lock_holds')
    case 'decide':
      if (state !== 'in_review' || lock === null) return illegal('not_held')
      if (lock.by !== move.by) return illegal('held_by_another')
      if (atMs >= lock.untilMs) return illegal('lock_lapsed')
      if (move.labellers.includes(move.by)) return illegal('decider_is_labeller')
      if (move.reason.trim().length < LEAST_REASON) return illegal('reason_missing')
      return { ...appeal, state: move.verdict, lock: null, verdict: { by: move.by, atMs, reason: move.reason.trim() } }
    case 'withdraw':
      if (state !== 'open' && state !== 'in_review') return illegal('not_possible_now')
      return { ...appeal, state: 'withdrawn', lock: null }
    case 'fixed':
      if (state !== 'overturned') return illegal('not_possible_now')
      // The appellant was told: a release that was named stays named.
      if (appeal.fixedIn !== null) return illegal('already_fixed')
      return { ...appeal, fixedIn: move.release }
  }
}

export function isIllegal(result: Appeal | Illegal): result is Illegal {
  return 'illegal' in result
}

function illegal(why: IllegalMove): Illegal {
  return { illegal: why }
}
