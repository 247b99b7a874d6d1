import { join } from 'node:path'
import { readSeeds } from '../io/model/read-seeds.ts'
import { expandPairs, type PairRow, REGRESSION_EXPANSION } from '../jobs/pairs/expand.ts'
import { PACKAGE_ROOT } from './embedded.ts'

/** The permanent sets that ship with Sluice, by subject: legitimate texts that no release may act on. */
export async function regressionSets(root = PACKAGE_ROOT): Promise<ReadonlyMap<string, readonly PairRow[]>> {
  const data = join(root, 'data')
  const seeds = await readSeeds(join(data, 'regression'), join(data, 'pairs', 'slots.yaml'))
  return Map.groupBy(expandPairs(seeds, REGRESSION_EXPANSION), ({ subject }) => subject.replace(/^regression-/, ''))
}
