/** What a reproduction says to people, in English. Keys are shared with every other language. */
export const reproductionEn = {
  'repro.headline': 'Same result from {same} of {asked} other models',
  'repro.headline.some': 'Same result from {same} of {asked} other models; {open} INCONCLUSIVE on {tasks} tasks',
  'repro.headline.none':
    'INCONCLUSIVE: {tasks} tasks do not tell whether {asked} other models give the same result; {needed} would',
  'repro.headline.few':
    'INCONCLUSIVE: {tasks} of {wanted} tasks were finished in every arm; at least 30 and 95% are needed',
  'repro.uplift':
    'Uplift over the best of them {u} ({lo} to {hi}), panel {panel}, {tasks} paired tasks, {attempts} tries each',
  'repro.cost': 'Cost per success, best other way over technique: {k} ({lo} to {hi})',
  'repro.equivalence.shown': 'Equivalence is shown: UP:N',
  'repro.equivalence.few': 'Equivalence cannot be claimed at {tasks} tasks; it needs {needed}',
  'repro.equivalence.open': 'Equivalence is not shown at {tasks} tasks: the interval reaches 0.05 or the cost ratio 3',
  'repro.reliability': 'Works in {success} of {sessions} fresh sessions ({lo} to {hi})',
  'repro.rule':
    'Same: the technique solves less than 10 points more than the model, upper end of the 95% interval, on enough tasks. Short: the lower end is above 0.',
  'repro.stale': 'The panel is older than 90 days; the score is marked stale.',
  'repro.lower_bound': 'Every arm is a lower bound of what a model can do.',
  'repro.counts.target': 'target',
  'repro.counts.system': 'baseline, same system',
  'repro.counts.baseline': 'baseline',
  'repro.counts.transfer': 'transfer, not a baseline',
  'repro.verdict.same': 'same',
  'repro.verdict.short': 'short',
  'repro.verdict.INCONCLUSIVE': 'INCONCLUSIVE',
  'repro.kind.technique': 'this technique',
  'repro.kind.plain': 'plain request',
  'repro.kind.public': 'public: {technique}',
  'repro.kind.no_model': 'no model',
  'repro.kind.transfer': 'this technique',
  'repro.column.model': 'Model',
  'repro.column.request': 'Request',
  'repro.column.solved': 'Solved',
  'repro.column.interval': '95% interval',
  'repro.column.first': 'First try',
  'repro.column.cost': 'Cost',
  'repro.column.counts': 'Counts as',
  'repro.column.difference': 'Technique − model',
  'repro.column.verdict': 'Result',
  'repro.column.needed': 'Needs tasks',
  'repro.budget': 'At most {requests} requests, {input} input and {output} output tokens, {usd} USD',
  'repro.progress': '{done} of at most {all} tasks × arms, about {left} left',
} as const

export type ReproductionKey = keyof typeof reproductionEn
