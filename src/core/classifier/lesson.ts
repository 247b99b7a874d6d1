import type { Network } from './network.ts'
import { type NetworkSettings, type NetworkTarget, trainNetwork } from './train-network.ts'
import {
  type ColumnSettings,
  type ColumnTarget,
  type FeatureSet,
  ratios,
  type TrainedColumn,
  trainColumn,
} from './train-step.ts'

/** Wants one part of a model. `emphasised`: features that tell the sides apart are louder (`ratios`). */
export type Lesson =
  | {
      readonly kind: 'column'
      readonly target: ColumnTarget
      readonly settings: Omit<ColumnSettings, 'emphasis'>
      readonly emphasised: boolean
    }
  | { readonly kind: 'network'; readonly target: NetworkTarget; readonly settings: NetworkSettings }

export type ColumnLesson = Extract<Lesson, { kind: 'column' }>
export type NetworkLesson = Extract<Lesson, { kind: 'network' }>
type Progress = (share: number) => void

export function learnColumn(
  set: FeatureSet,
  { target, settings, emphasised }: ColumnLesson,
  progress: Progress,
): TrainedColumn {
  const emphasis = emphasised ? ratios(set, target, settings.bits) : null
  return trainColumn(set, target, { ...settings, emphasis }, progress)
}

export function learnNetwork(set: FeatureSet, { target, settings }: NetworkLesson, progress: Progress): Network {
  return trainNetwork(set, target, settings, progress)
}
