import type { Network } from './network.ts'
import { type NetworkSettings, type NetworkTarget, trainNetwork } from './train-network.ts'
import {
  type ColumnSettings,
  type ColumnTarget,
  type FeatureSet,
  hardenedBy,
  ratios,
  type TrainedColumn,
  trainColumn,
} from './train-step.ts'

/**
 * Wants one part of a model. `emphasised`: features that tell the sides apart are louder (`ratios`). `hardened`: learned
 * twice, the second time with the negative texts that come nearest weighing more (`hardenedBy`).
 */
export type Lesson =
  | {
      readonly kind: 'column'
      readonly target: ColumnTarget
      readonly settings: Omit<ColumnSettings, 'emphasis'>
      readonly emphasised: boolean
      readonly hardened: boolean
    }
  | { readonly kind: 'network'; readonly target: NetworkTarget; readonly settings: NetworkSettings }

export type ColumnLesson = Extract<Lesson, { kind: 'column' }>
export type NetworkLesson = Extract<Lesson, { kind: 'network' }>
type Progress = (share: number) => void

export function learnColumn(
  set: FeatureSet,
  { target, settings, emphasised, hardened }: ColumnLesson,
  progress: Progress,
): TrainedColumn {
  const emphasis = emphasised ? ratios(set, target, settings.bits) : null
  const learn = (from: ColumnTarget, report: Progress) => trainColumn(set, from, { ...settings, emphasis }, report)
  if (!hardened) return learn(target, progress)
  const first = learn(target, (share) => progress(share / 2))
  return learn({ ...target, weights: hardenedBy(first, set, target) }, (share) => progress((1 + share) / 2))
}

export function learnNetwork(set: FeatureSet, { target, settings }: NetworkLesson, progress: Progress): Network {
  return trainNetwork(set, target, settings, progress)
}
