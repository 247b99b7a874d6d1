import cluster from 'node:cluster'
import { type Command, parseFlags, type Takes } from './command.ts'
import { spawnControl } from './control-spawn.ts'

export const takes: Takes = {
  command: 'serve',
  flags: ['json', 'live', 'quiet'],
  values: ['workers'],
}

/** `sluice serve`. The control side's thread takes as long to load as this one: it begins first, and both load at once. */
export const run: Command = async (args, terminal) => {
  const given = parseFlags(args, takes)
  const thread = cluster.isWorker ? null : spawnControl()
  const { serve } = await import('./serving.ts')
  return serve(given, terminal, thread)
}
