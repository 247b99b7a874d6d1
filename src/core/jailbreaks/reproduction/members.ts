import { requiredTasks } from '../severity/measured.ts'
import type { Arm } from './arm.ts'
import { bootstrap } from './bootstrap.ts'
import { bestOverall, discordantShare } from './chosen.ts'
import { type Outcomes, pickArms } from './outcomes.ts'
import type { MemberResult, SameResult } from './result.ts'

/** A member that solves at most this much less than the technique gives the same result. */
export const SAME_MARGIN = 0.1

/**
 * Every panel member against the technique, over the member's plain request and public techniques, the better of which
 * is chosen by cross-fit.
 *
 * The rule: *same* when the upper end of the 95 % interval of (technique − member) is below 0.10 and there are as many
 * tasks as P7 asks at that margin (86, or 172 at 20 % discordant pairs). *short* when the lower end is above 0.
 * INCONCLUSIVE otherwise: not finding a difference on a few tasks is not having the same result.
 *
 * @param arms As the columns of `outcomes`, technique first. Wants at least one task.
 */
export function compareMembers(
  outcomes: Outcomes,
  arms: readonly Arm[],
  members: readonly string[],
  seed: number,
): readonly MemberResult[] {
  return members.map((model, i) => {
    const own = [...arms.keys()].filter((arm) => arms[arm]!.model === model && isOwn(arms[arm]!))
    const some = pickArms(outcomes, [0, ...own])
    const { u, uCi95 } = bootstrap(some, seed + i + 1)
    const discordant = discordantShare(some)!
    const needed = requiredTasks(discordant, SAME_MARGIN)
    return {
      model,
      verdict: verdictOf(uCi95, outcomes.tasks, needed),
      difference: { value: u, lo: uCi95.lo, hi: uCi95.hi },
      discordant,
      bestArm: arms[own[bestOverall(some) - 1]!]!.id,
      needed,
    }
  })
}

function isOwn({ kind, target }: Arm): boolean {
  return !target && (kind === 'plain' || kind === 'public')
}

function verdictOf({ lo, hi }: { lo: number; hi: number }, tasks: number, needed: number): SameResult {
  if (hi < SAME_MARGIN && tasks >= needed) return 'same'
  return lo > 0 ? 'short' : 'INCONCLUSIVE'
}
