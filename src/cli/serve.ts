import cluster from 'node:cluster'
import type { Command } from './command.ts'
import { spawnControl } from './control-spawn.ts'

/** `sluice serve`. The control side's thread takes as long to load as this one: it begins first, and both load at once. */
export const run: Command = async (args, terminal) => {
  const thread = cluster.isWorker ? null : spawnControl()
  const { serve } = await import('./serving.ts')
  return serve(args, terminal, thread)
}
