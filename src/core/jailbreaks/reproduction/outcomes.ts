/**
 * What every arm did on every task, ready for estimation. Arm 0 is the target with the technique; all others are
 * baselines. Only tasks that every arm finished: the comparison is paired.
 */
export interface Outcomes {
  readonly tasks: number
  readonly arms: number
  /** Shape [tasks], each in [0, 5). */
  readonly folds: Uint8Array
  /** Shape [tasks, arms], row-major, in [0, 1]: 1 where the task was solved within the budget of attempts. */
  readonly solved: Float64Array
  /** Same shape; attacker cost in micro-USD, human time included, ≥ 0. */
  readonly cost: Float64Array
}

/** Some arms of the outcomes, in the order given; arm 0 of the result is the first named. */
export function pickArms(outcomes: Outcomes, picked: readonly number[]): Outcomes {
  const { tasks, arms, folds } = outcomes
  const columns = (from: Float64Array) => {
    const to = new Float64Array(tasks * picked.length)
    for (let task = 0; task < tasks; task++)
      for (const [i, arm] of picked.entries()) to[task * picked.length + i] = from[task * arms + arm]!
    return to
  }
  return { tasks, arms: picked.length, folds, solved: columns(outcomes.solved), cost: columns(outcomes.cost) }
}
