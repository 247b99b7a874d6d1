import type { Network } from '../core/classifier/network.ts'
import { type NetworkSettings, type NetworkTarget, trainNetwork } from '../core/classifier/train-network.ts'
import {
  type ColumnSettings,
  type ColumnTarget,
  type FeatureSet,
  ratios,
  type TrainedColumn,
  trainColumn,
} from '../core/classifier/train-step.ts'

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

/**
 * Learns the parts of a model from one set of texts, as many at a time as it can. What a part comes out as depends on its
 * lesson alone, never on what else is learned meanwhile.
 */
export interface Learner {
  column(lesson: ColumnLesson, progress: Progress): Promise<TrainedColumn>
  network(lesson: NetworkLesson, progress: Progress): Promise<Network>
}
export type OpenLearner = (set: FeatureSet) => Learner

/** One after the other, in this thread. */
export const learnHere: OpenLearner = (set) => ({
  column: async (lesson, progress) => learnColumn(set, lesson, progress),
  network: async (lesson, progress) => learnNetwork(set, lesson, progress),
})

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
