import type { CollateralReport } from '../../safeguards/collateral/report.ts'
import { count } from './numbers.ts'
import type { CollateralWords } from './words.ts'

const MOST_SLICES = 20

/** What the report cannot tell, one sentence each: never empty. */
export function limitsOf(
  { notCovered }: Pick<CollateralReport, 'notCovered'>,
  words: CollateralWords,
): readonly string[] {
  const { limits: say } = words
  const { notReplayable, withoutAnswer, unlabelled, slices, slicesLeft } = notCovered
  return [
    ...Object.entries(notReplayable).map(([code, n]) => say.notReplayable(count(n), words.replayReason(code))),
    ...(withoutAnswer > 0 ? [say.withoutAnswer(count(withoutAnswer))] : []),
    ...(unlabelled > 0 ? [say.unlabelled(count(unlabelled))] : []),
    ...(notCovered.attacksSeen ? [] : [say.oneSided]),
    ...(notCovered.qualityMeasured ? [] : [say.quality]),
    ...slices.slice(0, MOST_SLICES).map(({ name, n, needed }) => say.slice(name, count(n), count(needed))),
    ...(slicesLeft > 0 ? [say.slicesLeft(count(slicesLeft))] : []),
    say.left,
  ]
}
