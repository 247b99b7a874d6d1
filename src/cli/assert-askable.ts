import { type Able, cascadeFaults } from '../core/policy/cascade.ts'
import type { ReleaseSet } from '../core/safeguards/arm.ts'
import { ConfigError } from '../io/config/config.ts'

/**
 * A configuration must have every detector that what decides now asks: a safeguard whose judge is gone is another one.
 * @throws {ConfigError} naming release and detector.
 */
export function assertAskable(releases: ReleaseSet, detectors: readonly Able[]): void {
  const deciding = Object.values(releases).flatMap(({ enforcing, canary }) => [enforcing, canary])
  const faults = deciding.flatMap((named) =>
    named === null || named.bundle.cascade === null
      ? []
      : cascadeFaults(named.bundle.cascade, detectors).map((fault) => `${named.label}: ${fault}`),
  )
  if (faults.length > 0)
    throw new ConfigError(
      'config_invalid',
      `what is in force asks detectors that the configuration cannot give (${faults.join('; ')}); put them back under \`detectors:\` in sluice.yaml, or roll the release back first`,
    )
}
