import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type SegmentRule, segmentOf } from '../core/base/segments.ts'
import type { Bundle } from '../core/safeguards/bundle.ts'
import type { PairedCase } from '../core/safeguards/collateral/paired-case.ts'
import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import { collateral } from '../core/safeguards/collateral.ts'
import type { ReviewLabel } from '../core/safeguards/review-label.ts'
import { type ReplayPorts, resultsOf } from '../jobs/replay.ts'
import { RowTraffic } from '../jobs/traffic.ts'
import type { settingsFrom } from './collateral-settings.ts'
import { type Applied, judgeOf } from './judge.ts'
import { madeUnder } from './known-bundles.ts'
import { regressionSets } from './regression-sets.ts'

/**
 * What a replay needs of this machine, wherever its receipts come from.
 * @param byLabel Bundles by the labels in receipts. @param labels What people said, by decision.
 */
export function replayWorld(
  byLabel: ReadonlyMap<string, Bundle>,
  segments: readonly SegmentRule[],
  labels: ReadonlyMap<string, ReviewLabel>,
): Pick<ReplayPorts, 'madeBy' | 'facts' | 'pack' | 'unpack' | 'nowMs' | 'monotonicMs' | 'sleep'> {
  return {
    madeBy: madeUnder(byLabel),
    facts: (receipt) => ({
      segment: segmentOf(receipt, segments),
      label: saidOf(labels.get(receipt.id)),
      family: null,
    }),
    pack: (text) => gzipSync(text, { level: 1 }),
    unpack: (bytes) => gunzipSync(bytes).toString(),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms) => sleep(ms),
  }
}

/** Harmless is everything that a person calls so, however it looks; who is unsure has said nothing. */
function saidOf(label: ReviewLabel | undefined): PairedCase['label'] {
  if (label === undefined || label === 'unsure') return null
  return label === 'harmful' ? 'harmful' : 'harmless'
}

/** The report of a finished replay. The permanent sets are judged now; they also give what looking costs. */
export async function replayReport(
  job: string,
  { before, after }: Record<'before' | 'after', Applied>,
  {
    source,
    window,
    settings,
  }: Pick<CollateralReport, 'source' | 'window'> & { settings: ReturnType<typeof settingsFrom> },
  ports: Pick<ReplayPorts, 'book' | 'unpack'>,
): Promise<CollateralReport> {
  const { cases, notReplayable, withoutAnswer } = await resultsOf(job, ports)
  const traffic = new RowTraffic(judgeOf(before), judgeOf(after), () => performance.now() * 1000)
  const permanent = [...(await regressionSets())].map(([name, rows]) => traffic.permanent(name, rows))
  return collateral(cases, {
    ...settings,
    before: { label: before.label, hash: before.hash },
    after: { label: after.label, hash: after.hash },
    ...{ source, window, separation: null, permanent, cost: traffic.cost(), sunset: after.bundle.sunset },
    ...{ notReplayable, withoutAnswer },
  })
}
